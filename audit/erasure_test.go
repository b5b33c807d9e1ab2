package audit_test

import (
	"errors"
	"reflect"
	"testing"

	"postern/audit"
)

func TestErasureRoundTrip(t *testing.T) {
	e := audit.NewErasure("request", []string{"original", "body", "body"}, []uint64{9, 4, 3, 5, 4, 0})
	data, err := e.Encode()
	want := `{"version":1,"reason":"request","parts":["body","original"],"ranges":[[0,0],[3,5],[9,9]]}`
	if err != nil || string(data) != want {
		t.Fatalf("got %s, %v", data, err)
	}
	if got, err := audit.DecodeErasure(data); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("read back %+v, %v", got, err)
	}
}

func TestErasureRefuses(t *testing.T) {
	for _, s := range []string{
		``, `null`, `{}`, `[]`,
		`{"version":2,"reason":"r","parts":["body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"","parts":["body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r r","parts":["body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r","parts":[],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[]}`,
		`{"version":1,"reason":"r","parts":["sent","body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r","parts":["body","body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r","parts":["Body"],"ranges":[[0,0]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[2,1]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[3,4],[0,1]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,1],[2,3]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,5],[3,9]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[1,1],[0,0]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,9223372036854775808]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,1,2]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,1]],"more":1}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,1]],"ranges":[[0,1]]}`,
		`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,1]]} `,
		`{"VERSION":1,"reason":"r","parts":["body"],"ranges":[[0,1]]}`,
	} {
		if e, err := audit.DecodeErasure([]byte(s)); !errors.Is(err, audit.ErrErasure) {
			t.Errorf("%s: %+v, %v", s, e, err)
		}
	}
	if _, err := audit.NewErasure("r", nil, []uint64{1}).Encode(); !errors.Is(err, audit.ErrErasure) {
		t.Errorf("no parts: %v", err)
	}
}

// FuzzErasure: one erasure has one spelling.
func FuzzErasure(f *testing.F) {
	f.Add([]byte(`{"version":1,"reason":"request","parts":["body","original"],"ranges":[[0,0],[3,5],[9,9]]}`))
	f.Add([]byte(`{"version":1,"reason":"r","parts":["body"],"ranges":[[0,9223372036854775807]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := audit.DecodeErasure(data)
		if err != nil {
			return
		}
		if again, err := e.Encode(); err != nil || string(again) != string(data) {
			t.Errorf("%q is read and written as %q (%v)", data, again, err)
		}
	})
}

func TestIDText(t *testing.T) {
	var id audit.ID
	if err := id.UnmarshalText([]byte("000102030405060708090a0b0c0d0e0f")); err != nil || id[15] != 15 {
		t.Errorf("got %v, %v", id, err)
	}
	if text, err := id.MarshalText(); err != nil || string(text) != id.String() {
		t.Errorf("got %s, %v", text, err)
	}
	if err := id.UnmarshalText([]byte("00")); !errors.Is(err, audit.ErrBadID) {
		t.Errorf("short id: %v", err)
	}
}
