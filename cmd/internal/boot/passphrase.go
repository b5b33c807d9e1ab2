package boot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Passphrase says where the keystore's passphrase comes from: "fd:NUMBER", a
// descriptor that whoever starts the program has opened; "credential:NAME", a
// systemd credential; "file:PATH", a private file. Empty is none. It is read
// when the keystore is opened, not with the configuration, since a descriptor
// can be read once.
type Passphrase string

const maxPassphraseBytes = 4 << 10

var (
	errPassphraseForm = errors.New("this is no place of a passphrase: write fd:NUMBER, credential:NAME or file:PATH, never the passphrase itself")

	credentialName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`)
)

// ParsePassphrase checks the form; dir is where relative paths start. The error
// does not repeat what was written: it may be the passphrase itself.
func ParsePassphrase(text, dir string) (Passphrase, error) {
	kind, name, _ := strings.Cut(text, ":")
	switch {
	case kind == "fd" && descriptor(name) >= 0,
		kind == "credential" && credentialName.MatchString(name):
		return Passphrase(text), nil
	case kind == "file" && name != "":
		return Passphrase("file:" + within(dir, name)), nil
	}
	return "", errPassphraseForm
}

// keystore reads its section of the configuration.
func (r *reader) keystore(s *section) Keystore {
	defer s.done()
	const write = "write fd:NUMBER, credential:NAME or file:PATH, never the passphrase itself"
	k := Keystore{Transit: s.text("transit", "", "write the name of a transit key of Vault"), LockMemory: s.lockMemory()}
	text, ok := s.scalar("passphrase", write, "!!str")
	if !ok {
		return k
	}
	var err error
	if k.Passphrase, err = ParsePassphrase(text, r.dir); err != nil {
		r.reportAt(s.at("passphrase"), "keystore.passphrase names no place of a passphrase", write)
	}
	return k
}

// descriptor is the number of an inherited descriptor, -1 if it cannot be one:
// 1 and 2 are written to.
func descriptor(name string) int {
	n, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(n) != name || n < 0 || n == 1 || n == 2 || n > 1023 {
		return -1
	}
	return n
}

// reader is what the keyring asks; nil where no passphrase is.
func (p Passphrase) reader() func() ([]byte, error) {
	if p == "" {
		return nil
	}
	return p.Read
}

// Read gives the passphrase without the line end after it. The caller
// overwrites it.
func (p Passphrase) Read() ([]byte, error) {
	f, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	raw := make([]byte, maxPassphraseBytes)
	n, err := io.ReadFull(f, raw)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		clear(raw)
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	line := bytes.TrimSuffix(bytes.TrimSuffix(raw[:n], []byte("\n")), []byte("\r"))
	switch {
	case len(line) == 0:
		return nil, fmt.Errorf("%s: nothing is in it: give it the passphrase, on one line", p)
	case n == maxPassphraseBytes || bytes.ContainsAny(line, "\r\n\x00"):
		clear(raw)
		return nil, fmt.Errorf("%s: it holds more than one line of text: name what holds the passphrase alone", p)
	}
	return line, nil
}

func (p Passphrase) open() (*os.File, error) {
	kind, name, _ := strings.Cut(string(p), ":")
	switch kind {
	case "fd":
		return openDescriptor(descriptor(name))
	case "credential":
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return nil, errors.New("CREDENTIALS_DIRECTORY is not set: start the program by systemd, with LoadCredential= or LoadCredentialEncrypted= for this name")
		}
		// The service's group stands for the access list that systemd sets.
		return openOwned(filepath.Join(dir, name), 0o027)
	case "file":
		return openOwned(name, 0o077)
	}
	return nil, errPassphraseForm
}

// openDescriptor reads a copy, so that the number stays whose it was.
func openDescriptor(n int) (*os.File, error) {
	if !handedOver(n) {
		return nil, errors.New("no file, pipe or socket was handed over there: open it when starting, such as 3< FILE in a shell")
	}
	own, err := syscall.Dup(n)
	if err != nil {
		return nil, fmt.Errorf("copy descriptor: %w", err)
	}
	syscall.CloseOnExec(own)
	return os.NewFile(uintptr(own), "passphrase"), nil
}

// handedOver tells what was open when the program started from what it opened
// itself: everything in Go is opened to be closed on exec, so nothing of that
// kind can have come through one.
func handedOver(n int) bool {
	var s syscall.Stat_t
	if n < 0 || syscall.Fstat(n, &s) != nil {
		return false
	}
	flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC != 0 {
		return false
	}
	switch s.Mode & syscall.S_IFMT {
	case syscall.S_IFREG, syscall.S_IFIFO, syscall.S_IFSOCK, syscall.S_IFCHR:
		return true
	}
	return false
}

// openOwned opens a regular file of this user or root that gives none of the
// access in closed.
func openOwned(path string, closed fs.FileMode) (*os.File, error) {
	// Without O_NONBLOCK a named pipe in the file's place would hang the start.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the path is the operator's own configuration
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it does not exist: write the passphrase there, mode 0600, or correct the place")
	}
	if err != nil {
		return nil, errors.New("it cannot be opened: check its owner and the folders above it")
	}
	info, err := f.Stat()
	if err == nil {
		err = judgeOwned(info, closed)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func judgeOwned(info fs.FileInfo, closed fs.FileMode) error {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file: name the file itself")
	case !ok || owner.Uid != 0 && int64(owner.Uid) != int64(os.Geteuid()):
		return fmt.Errorf("it belongs to another user: chown it to uid %d", os.Geteuid())
	case info.Mode().Perm()&closed != 0:
		return fmt.Errorf("it has mode %04o and others can use it: chmod 600 it, and choose another passphrase if others could read it", info.Mode().Perm())
	}
	return nil
}
