package parcel

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestParcel(t *testing.T) {
	content := []byte(strings.Repeat(`{"a":1}`, 100))
	sealed, err := Seal("correct horse", "settings of app a", content)
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) >= len(content) || bytes.Contains(sealed, content[:7]) {
		t.Errorf("%d bytes", len(sealed))
	}
	got, err := Open("correct horse", "settings of app a", sealed)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("opened %q, %v", got, err)
	}
	flip := func(i int) []byte {
		c := slices.Clone(sealed)
		c[i] ^= 1
		return c
	}
	for name, c := range map[string]struct {
		password, purpose string
		parcel            []byte
		want              error
	}{
		"wrong password":  {"correct hors", "settings of app a", sealed, ErrParcel},
		"another purpose": {"correct horse", "settings of app b", sealed, ErrParcel},
		"another version": {"correct horse", "settings of app a", flip(15), ErrForeign},
		"another salt":    {"correct horse", "settings of app a", flip(20), ErrParcel},
		"changed content": {"correct horse", "settings of app a", flip(50), ErrParcel},
		"changed end":     {"correct horse", "settings of app a", flip(len(sealed) - 1), ErrParcel},
		"cut short":       {"correct horse", "settings of app a", sealed[:len(sealed)-1], ErrParcel},
		"the head alone":  {"correct horse", "settings of app a", sealed[:20], ErrParcel},
		"a few bytes":     {"correct horse", "settings of app a", sealed[:5], ErrForeign},
		"empty":           {"correct horse", "settings of app a", nil, ErrForeign},
		"too large":       {"correct horse", "settings of app a", append([]byte(magic), make([]byte, MaxParcel)...), ErrSize},
	} {
		if got, err := Open(c.password, c.purpose, c.parcel); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := Seal("x", "y", make([]byte, MaxContent+1)); !errors.Is(err, ErrSize) {
		t.Errorf("too large to seal: %v", err)
	}
}

// TestLargest: content that does not compress still makes a parcel that opens.
func TestLargest(t *testing.T) {
	content := make([]byte, MaxContent)
	state := uint64(1)
	for i := range content {
		state = state*6364136223846793005 + 1442695040888963407
		content[i] = byte(state >> 56)
	}
	sealed, err := Seal("correct horse", "x", content)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Open("correct horse", "x", sealed); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestUnpack: what somebody with the password may have packed.
func TestUnpack(t *testing.T) {
	stream := func(content []byte, declared uint32) []byte {
		packed, err := pack(content)
		if err != nil {
			t.Fatal(err)
		}
		binary.BigEndian.PutUint32(packed, declared)
		return packed
	}
	zeros := make([]byte, 64<<20)
	for name, c := range map[string]struct {
		packed []byte
		want   error
	}{
		"a bomb that says so":  {stream(zeros, 64<<20), ErrSize},
		"a bomb that does not": {stream(zeros, 100), ErrParcel},
		"less than declared":   {stream([]byte("abc"), 4), ErrParcel},
		"more than declared":   {stream([]byte("abc"), 2), ErrParcel},
		"something behind":     {append(stream([]byte("abc"), 3), 0), ErrParcel},
		"no stream":            {[]byte{0, 0, 0, 3, 'a', 'b', 'c'}, ErrParcel},
		"a length alone":       {[]byte{0, 0, 0, 0}, ErrParcel},
		"nothing":              {nil, ErrParcel},
	} {
		if got, err := unpack(c.packed); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if got, err := unpack(stream(nil, 0)); err != nil || len(got) != 0 {
		t.Errorf("nothing packed: %q, %v", got, err)
	}
}

// TestVector opens the parcel of FORMAT.md, which another implementation made.
func TestVector(t *testing.T) {
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(page))
	raw, err := hex.DecodeString(lines[len(lines)-1])
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open("correct horse", "settings of app shop", raw)
	if err != nil || string(got) != `{"version":1}` {
		t.Errorf("%q, %v", got, err)
	}
}
