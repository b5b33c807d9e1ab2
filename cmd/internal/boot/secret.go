package boot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

const maxSecretBytes = 64 << 10

// Secret is a value read through a reference when the file was loaded. It
// prints as "[secret]" in every format; only Value gives it out. The zero
// Secret is not set.
type Secret struct {
	value func() string // a function, so that no formatter reaches the bytes
}

// NewSecret holds a value that did not come from a file, as in tests.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: func() string { return value }}
}

// Value is the secret itself; empty if it is not set.
func (s Secret) Value() string {
	if s.value == nil {
		return ""
	}
	return s.value()
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != nil }

func (s Secret) String() string {
	if s.value == nil {
		return ""
	}
	return "[secret]"
}

// Format answers every verb with the same words.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText covers JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue covers structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ReadSecret reads a secret from a file that only its owner may read.
func ReadSecret(path string) (Secret, error) { return secretFile(path, ".") }

// resolve reads a reference. dir is where relative paths start. Errors hold
// the reference's path or variable name, never the value.
func resolve(ref, dir string) (Secret, error) {
	kind, name, ok := strings.Cut(ref, ":")
	if !ok || name == "" {
		return Secret{}, errLiteral
	}
	switch kind {
	case "file":
		return secretFile(name, dir)
	case "env":
		return secretEnv(name)
	}
	return Secret{}, errLiteral
}

// errLiteral must not repeat what it refuses: that may be the secret itself.
var errLiteral = errors.New("a secret is written into the file; put it into a file with mode 0600 and write file:PATH, or write env:NAME")

func secretEnv(name string) (Secret, error) {
	if !plainName(name) {
		return Secret{}, errLiteral
	}
	value := os.Getenv(name)
	if value == "" {
		return Secret{}, fmt.Errorf("environment variable %s is not set; set it for the gateway's process", name)
	}
	return NewSecret(value), nil
}

func plainName(name string) bool {
	for _, c := range []byte(name) {
		if c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func secretFile(name, dir string) (Secret, error) {
	f, err := openPrivate(within(dir, name))
	if err != nil {
		return Secret{}, err
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	data, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		return Secret{}, errors.New("the secret's file cannot be read; check the path")
	}
	value := string(bytes.TrimRight(data, "\r\n"))
	if value == "" {
		return Secret{}, errors.New("the secret's file is empty; write the secret into it")
	}
	if len(data) > maxSecretBytes {
		return Secret{}, errors.New("the secret's file is larger than 64 KiB; check the path")
	}
	return NewSecret(value), nil
}

// openPrivate opens a regular file that nobody but its owner may read.
func openPrivate(path string) (*os.File, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's own configuration
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the secret's file does not exist; paths start at the folder of the configuration")
	}
	if err != nil {
		return nil, errors.New("the secret's file cannot be opened; check its owner")
	}
	if err := checkPrivate(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func checkPrivate(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return errors.New("the secret's path is no regular file; name a file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("the secret's file has mode %04o and others can read it; chmod 600 it", info.Mode().Perm())
	}
	return nil
}

// within resolves a path of the file against the file's folder.
func within(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}
