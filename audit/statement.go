package audit

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxStatement bounds a signed statement in bytes.
const maxStatement = 900 << 10

// ErrStatement is wrapped by every refusal of a signed statement.
var ErrStatement = errors.New("signed statement does not hold")

// SignStatement returns a signed note over two lines: a title with spaces, so
// that no statement is a checkpoint or of another title, and one line of JSON.
func SignStatement(title string, line []byte, signers ...Signer) ([]byte, error) {
	if !strings.Contains(title, " ") || strings.ContainsRune(title+string(line), '\n') || len(signers) == 0 {
		return nil, fmt.Errorf("%w: it is a title with spaces, one line and at least one key", ErrStatement)
	}
	msg, err := note.Sign(&note.Note{Text: title + "\n" + string(line) + "\n"}, signers...)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sign statement: %w", err)
	case len(msg) > maxStatement:
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrStatement, maxStatement)
	}
	return msg, nil
}

// OpenStatement checks that msg is a statement of that title, signed by at
// least one of the verifiers and by none wrongly, and returns its line.
func OpenStatement(title string, msg []byte, verifiers ...Verifier) ([]byte, error) {
	if len(msg) > maxStatement {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrStatement, maxStatement)
	}
	n, err := note.Open(msg, keySet(verifiers))
	if err != nil || !canonicalSignatures(n.Sigs) {
		return nil, fmt.Errorf("%w: it is not signed by a known key", ErrStatement)
	}
	line, found := strings.CutPrefix(n.Text, title+"\n")
	line, ended := strings.CutSuffix(line, "\n")
	if !found || !ended || strings.ContainsRune(line, '\n') {
		return nil, fmt.Errorf("%w: it is not a %q", ErrStatement, title)
	}
	return []byte(line), nil
}
