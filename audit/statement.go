package audit

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrStatement: not a statement of this kind, signed by a known key.
var ErrStatement = errors.New("statement is not whole, or not signed by a known checkpoint key")

// SignStatement makes a signed note of a title, which has spaces so that no
// statement is ever a checkpoint, and one line of JSON.
func SignStatement(title string, body []byte, signers ...Signer) ([]byte, error) {
	if !strings.Contains(title, " ") || strings.Contains(title, "\n") || len(body) == 0 || strings.ContainsAny(string(body), "\n\r") {
		return nil, errors.New("sign statement: it is a title of several words and one line")
	}
	msg, err := note.Sign(&note.Note{Text: title + "\n" + string(body) + "\n"}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign statement: %w", err)
	}
	if _, err := note.Open(msg, asVerifiers(signers)); err != nil {
		return nil, fmt.Errorf("sign statement: %w", ErrStatement)
	}
	return msg, nil
}

func asVerifiers(signers []Signer) (out keySet) {
	for _, s := range signers {
		if v, ok := s.(Verifier); ok {
			out = append(out, v)
		}
	}
	return out
}

// OpenStatement returns the line of a statement with this title that at least
// one of the keys signed, and none wrongly.
func OpenStatement(title string, msg []byte, verifiers ...Verifier) ([]byte, error) {
	n, err := note.Open(msg, keySet(verifiers))
	if err != nil || !canonicalSignatures(n.Sigs) {
		return nil, ErrStatement
	}
	body, ok := strings.CutPrefix(n.Text, title+"\n")
	body, whole := strings.CutSuffix(body, "\n")
	if !ok || !whole || strings.Contains(body, "\n") {
		return nil, ErrStatement
	}
	return []byte(body), nil
}
