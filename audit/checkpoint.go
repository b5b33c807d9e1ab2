package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxCheckpoint bounds a signed note in bytes.
const maxCheckpoint = 16 << 10

// Checkpoint is the state of a chain at a size: a C2SP tlog-checkpoint whose
// extension lines carry the time and the chain's head.
type Checkpoint struct {
	Origin string // chain name
	Size   uint64
	Root   [32]byte
	Time   int64    // microseconds since 1970
	Head   [32]byte // leaf hash of record Size-1; zero if Size is 0

	Erasures ErasureMark
}

// ErasureMark is how far the log of erasures outside the store was: its last
// line's number and hash. Zero says nothing about it.
type ErasureMark struct {
	N    uint64
	Hash [32]byte
}

// Errors of checkpoints.
var (
	// ErrCheckpoint: not a checkpoint as FORMAT.md defines it.
	ErrCheckpoint = errors.New("not a well-formed checkpoint")
	// ErrUnsigned: well formed, but not signed by any of the given keys.
	ErrUnsigned = errors.New("checkpoint is not signed by a known key")
)

// Text is the body that is signed.
func (c Checkpoint) Text() ([]byte, error) {
	if !validChain(c.Origin) || c.Size > math.MaxInt64 || (c.Size == 0) != (c.Head == [32]byte{}) {
		return nil, ErrCheckpoint
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%d\n%s\ntime %d\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Time)
	if c.Size > 0 {
		fmt.Fprintf(&b, "head %s\n", base64.StdEncoding.EncodeToString(c.Head[:]))
	}
	if c.Erasures.N > 0 {
		fmt.Fprintf(&b, "erasures %d %s\n", c.Erasures.N, base64.StdEncoding.EncodeToString(c.Erasures.Hash[:]))
	}
	return b.Bytes(), nil
}

// Sign returns the checkpoint as a signed note.
func (c Checkpoint) Sign(signers ...Signer) ([]byte, error) {
	text, err := c.Text()
	if err != nil {
		return nil, err
	}
	if len(signers) == 0 {
		return nil, fmt.Errorf("sign checkpoint: %w", ErrUnsigned)
	}
	msg, err := note.Sign(&note.Note{Text: string(text)}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return msg, nil
}

// OpenCheckpoint checks that msg is signed by at least one of the verifiers
// and by none of them wrongly, and returns what it says. Signatures of
// unknown keys are passed over: witnesses may add theirs.
func OpenCheckpoint(msg []byte, verifiers ...Verifier) (Checkpoint, error) {
	if len(msg) > maxCheckpoint {
		return Checkpoint{}, fmt.Errorf("%w: longer than %d bytes", ErrCheckpoint, maxCheckpoint)
	}
	n, err := note.Open(msg, keySet(verifiers))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified), errors.As(err, &invalid):
		return Checkpoint{}, ErrUnsigned
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: signed note cannot be read", ErrCheckpoint)
	}
	if !canonicalSignatures(n.Sigs) {
		return Checkpoint{}, fmt.Errorf("%w: signature is not spelled canonically", ErrCheckpoint)
	}
	return ParseCheckpoint([]byte(n.Text))
}

// UnverifiedCheckpoint reads the body of a signed note and looks at no signature: it
// says what a stored checkpoint is about, and proves nothing.
func UnverifiedCheckpoint(msg []byte) (Checkpoint, error) {
	text, _, _ := bytes.Cut(msg, []byte("\n\n"))
	return ParseCheckpoint(append(bytes.Clone(text), '\n'))
}

// ParseCheckpoint reads an unsigned body. Extension lines it does not know are
// passed over; the first three lines and "time" must be there.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	body, found := strings.CutSuffix(string(text), "\n")
	lines := strings.Split(body, "\n")
	if !found || len(lines) < 4 || !validChain(lines[0]) {
		return Checkpoint{}, fmt.Errorf("%w: lines are missing", ErrCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: size", ErrCheckpoint)
	}
	c := Checkpoint{Origin: lines[0], Size: uint64(size)}
	if err := parseHash(&c.Root, lines[2]); err != nil {
		return Checkpoint{}, err
	}
	if err := c.parseExtensions(lines[3:]); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func (c *Checkpoint) parseExtensions(lines []string) error {
	var times, heads, marks int
	for _, line := range lines {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "":
			return fmt.Errorf("%w: empty line", ErrCheckpoint)
		case "time":
			times++
			us, err := strconv.ParseInt(value, 10, 64)
			if err != nil || strconv.FormatInt(us, 10) != value {
				return fmt.Errorf("%w: time", ErrCheckpoint)
			}
			c.Time = us
		case "head":
			heads++
			if err := parseHash(&c.Head, value); err != nil {
				return err
			}
		case "erasures":
			marks++
			if err := c.Erasures.parse(value); err != nil {
				return err
			}
		}
	}
	if times != 1 || heads > 1 || marks > 1 || (c.Size == 0) != (c.Head == [32]byte{}) {
		return fmt.Errorf("%w: one time and, unless empty, one head line", ErrCheckpoint)
	}
	return nil
}

func (m *ErasureMark) parse(value string) error {
	number, hash, _ := strings.Cut(value, " ")
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != number {
		return fmt.Errorf("%w: erasures", ErrCheckpoint)
	}
	m.N = n
	return parseHash(&m.Hash, hash)
}

func parseHash(dst *[32]byte, s string) error {
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(data) != len(dst) || base64.StdEncoding.EncodeToString(data) != s {
		return fmt.Errorf("%w: hash", ErrCheckpoint)
	}
	copy(dst[:], data)
	return nil
}
