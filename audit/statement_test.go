package audit_test

import (
	"bytes"
	"errors"
	"testing"

	"postern/audit"
)

func TestStatement(t *testing.T) {
	s, v := testKey(t, 1)
	_, other := testKey(t, 2)
	const title = "postern test statement"
	msg, err := audit.SignStatement(title, []byte(`{"n":1}`), s)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := audit.OpenStatement(title, msg, other, v); err != nil || string(line) != `{"n":1}` {
		t.Errorf("read %s, %v", line, err)
	}
	for name, f := range map[string]func() ([]byte, error){
		"another key":   func() ([]byte, error) { return audit.OpenStatement(title, msg, other) },
		"no key":        func() ([]byte, error) { return audit.OpenStatement(title, msg) },
		"another title": func() ([]byte, error) { return audit.OpenStatement("postern other statement", msg, v) },
		"changed": func() ([]byte, error) {
			return audit.OpenStatement(title, bytes.Replace(msg, []byte("1}"), []byte("2}"), 1), v)
		},
		"cut":       func() ([]byte, error) { return audit.OpenStatement(title, msg[:len(msg)-3], v) },
		"too long":  func() ([]byte, error) { return audit.OpenStatement(title, bytes.Repeat([]byte("a"), 1<<20), v) },
		"two lines": func() ([]byte, error) { return audit.SignStatement(title, []byte("a\nb"), s) },
		"one word":  func() ([]byte, error) { return audit.SignStatement("postern", []byte("a"), s) },
		"unsigned":  func() ([]byte, error) { return audit.SignStatement(title, []byte("a")) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	checkpoint := newTrail(t, 3).checkpoint(t, s)
	if _, err := audit.OpenStatement(title, checkpoint, v); !errors.Is(err, audit.ErrStatement) {
		t.Errorf("a checkpoint is a statement: %v", err)
	}
}
