package keyring_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"postern/crypto/keyring"
)

func sealer(t testing.TB) *keyring.Sealer {
	t.Helper()
	k, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.DataKey(wrapped, scope)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stream(t testing.TB, s *keyring.Sealer, aad, plain []byte, step int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := s.SealStream(aad, &out)
	for rest := plain; len(rest) > 0; {
		n := min(step, len(rest))
		if m, err := w.Write(rest[:n]); err != nil || m != n {
			t.Fatalf("wrote %d of %d: %v", m, n, err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> 3)
	}
	return b
}

func TestStream(t *testing.T) {
	s := sealer(t)
	const c = keyring.StreamChunk
	for _, size := range []int{0, 1, c - 1, c, c + 1, 2 * c, 3*c + 17} {
		plain := content(size)
		sealed := stream(t, s, []byte("file 1"), plain, 10_007)
		if int64(len(sealed)) != keyring.SealedStream(int64(size)) {
			t.Errorf("%d bytes became %d, said %d", size, len(sealed), keyring.SealedStream(int64(size)))
		}
		for name, src := range map[string]io.Reader{
			"whole": bytes.NewReader(sealed), "halves": iotest.HalfReader(bytes.NewReader(sealed)), "end with data": iotest.DataErrReader(bytes.NewReader(sealed)),
		} {
			got, err := io.ReadAll(s.UnsealStream([]byte("file 1"), src))
			if err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%d bytes, %s: opened %d, %v", size, name, len(got), err)
			}
		}
	}
}

// TestStreamTampered changes a stream in every way chunks allow: nothing that
// was changed is given out, and the end is not reached.
func TestStreamTampered(t *testing.T) {
	s := sealer(t)
	const whole, sealed = keyring.StreamChunk, keyring.StreamChunk + 28
	plain := content(2*whole + 100)
	good := stream(t, s, []byte("file 1"), plain, whole)
	other := stream(t, s, []byte("file 2"), plain, whole)
	chunk := func(b []byte, i int) []byte { return b[1+i*sealed : min(1+(i+1)*sealed, len(b))] }
	flipped := bytes.Clone(good)
	flipped[1+sealed+50] ^= 1
	for name, bad := range map[string][]byte{
		"empty":            nil,
		"format alone":     good[:1],
		"other format":     append([]byte{2}, good[1:]...),
		"cut in a chunk":   good[:len(good)-1],
		"cut after one":    good[:1+sealed],
		"cut after two":    good[:1+2*sealed],
		"swapped":          bytes.Join([][]byte{good[:1], chunk(good, 1), chunk(good, 0), chunk(good, 2)}, nil),
		"left out":         bytes.Join([][]byte{good[:1], chunk(good, 0), chunk(good, 2)}, nil),
		"twice":            bytes.Join([][]byte{good[:1], chunk(good, 0), chunk(good, 0), chunk(good, 1), chunk(good, 2)}, nil),
		"last twice":       bytes.Join([][]byte{good, chunk(good, 2)}, nil),
		"more behind":      append(bytes.Clone(good), 0),
		"flipped":          flipped,
		"of another file":  bytes.Join([][]byte{good[:1], chunk(good, 0), chunk(other, 1), chunk(good, 2)}, nil),
		"all of the other": other,
	} {
		got, err := io.ReadAll(s.UnsealStream([]byte("file 1"), bytes.NewReader(bad)))
		if !errors.Is(err, keyring.ErrOpen) || len(got)%whole != 0 || !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestStreamOfNoKey(t *testing.T) {
	var none keyring.Sealer
	w := none.SealStream(nil, io.Discard)
	if _, err := w.Write([]byte("x")); err != nil {
		t.Errorf("buffered: %v", err)
	}
	if w.Close() == nil {
		t.Error("sealed without a key")
	}
	if _, err := io.ReadAll(none.UnsealStream(nil, bytes.NewReader([]byte{4, 0}))); err == nil {
		t.Error("opened without a key")
	}
	s := sealer(t)
	broken := s.SealStream(nil, failing{})
	_, err := broken.Write(content(3 * keyring.StreamChunk))
	if !errors.Is(err, io.ErrClosedPipe) || !errors.Is(broken.Close(), io.ErrClosedPipe) {
		t.Errorf("a destination that fails: %v", err)
	}
	if _, err := io.ReadAll(s.UnsealStream(nil, iotest.ErrReader(io.ErrClosedPipe))); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a source that fails: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
