package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
)

func testCheckpoint(t testing.TB) (audit.Checkpoint, []byte, audit.Signer, audit.Verifier) {
	t.Helper()
	s, v := testKey(t, 1)
	c := audit.Checkpoint{Origin: testChain, Size: 300, Root: [32]byte{1, 2}, Time: 1763712000000000, Head: [32]byte{3}}
	msg, err := c.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	return c, msg, s, v
}

func TestCheckpointRoundTrip(t *testing.T) {
	c, msg, s, v := testCheckpoint(t)
	if got, err := audit.OpenCheckpoint(msg, v); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	empty := audit.Checkpoint{Origin: testChain, Time: -1}
	msg, err := empty.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := audit.OpenCheckpoint(msg, v); err != nil || got != empty {
		t.Errorf("empty tree: got %+v, %v", got, err)
	}
}

func TestCheckpointKeys(t *testing.T) {
	c, old, s1, v1 := testCheckpoint(t)
	s2, v2 := testKey(t, 2)
	fresh, err := c.Sign(s2)
	if err != nil {
		t.Fatal(err)
	}
	both, err := c.Sign(s1, s2)
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range [][]byte{old, fresh, both} { // rotated keys, one given twice
		if _, err := audit.OpenCheckpoint(msg, v1, v2, v1); err != nil {
			t.Errorf("two keys: %v", err)
		}
	}
	if _, err := audit.OpenCheckpoint(fresh, v1); !errors.Is(err, audit.ErrUnsigned) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := audit.OpenCheckpoint(old); !errors.Is(err, audit.ErrUnsigned) {
		t.Errorf("no key: %v", err)
	}
	if _, err := c.Sign(); !errors.Is(err, audit.ErrUnsigned) {
		t.Errorf("sign without key: %v", err)
	}
}

func TestCheckpointEveryByte(t *testing.T) {
	_, msg, _, v := testCheckpoint(t)
	for i := range msg {
		bad := bytes.Clone(msg)
		bad[i] ^= 1
		if _, err := audit.OpenCheckpoint(bad, v); err == nil {
			t.Errorf("byte %d changed and still signed", i)
		}
		if _, err := audit.OpenCheckpoint(msg[:i], v); err == nil {
			t.Errorf("cut at %d and still signed", i)
		}
	}
	long := append(bytes.Clone(msg), bytes.Repeat([]byte("— a AAAAAAAA\n"), 2000)...)
	if _, err := audit.OpenCheckpoint(long, v); !errors.Is(err, audit.ErrCheckpoint) {
		t.Errorf("too long: %v", err)
	}
}

func TestSignRefusesBadSignature(t *testing.T) {
	pub := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	broken, err := audit.NewSigner("k", pub, func([]byte) ([]byte, error) { return make([]byte, 64), nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Sign([]byte("text")); err == nil {
		t.Error("a signature that does not fit the key goes out")
	}
	failing, err := audit.NewSigner("k", pub, func([]byte) ([]byte, error) { return nil, errDisk })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := failing.Sign([]byte("text")); !errors.Is(err, errDisk) {
		t.Errorf("failing key: %v", err)
	}
}

func TestVerifierKeys(t *testing.T) {
	pub := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	text, err := audit.VerifierKey("postern.example/keys", pub)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := audit.ParseVerifier(text)
	if err != nil {
		t.Fatal(err)
	}
	made, err := audit.NewVerifier("postern.example/keys", pub)
	if err != nil || made.KeyHash() != parsed.KeyHash() || made.Name() != parsed.Name() {
		t.Errorf("text form gives another verifier (%v)", err)
	}
	if _, err := audit.VerifierKey("a name", pub); err == nil {
		t.Error("name with a space is taken")
	}
	if _, err := audit.NewVerifier("k", pub[:31]); err == nil {
		t.Error("short key is taken")
	}
	if _, err := audit.ParseVerifier("name+0+x"); err == nil {
		t.Error("malformed verifier key is read")
	}
}

func TestParseCheckpointRefuses(t *testing.T) {
	hash := "AQIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	good := "c\n5\n" + hash + "\ntime 7\nhead " + hash + "\nfuture line\n"
	if c, err := audit.ParseCheckpoint([]byte(good)); err != nil || c.Size != 5 || c.Time != 7 {
		t.Fatalf("unknown extension: %+v, %v", c, err)
	}
	for name, change := range map[string][2]string{
		"no final newline": {"future line\n", "future line"},
		"origin":           {"c\n5", "a b\n5"},
		"no origin":        {"c\n5", "\n5"},
		"size sign":        {"\n5\n", "\n+5\n"},
		"size zero":        {"\n5\n", "\n05\n"},
		"size negative":    {"\n5\n", "\n-5\n"},
		"size huge":        {"\n5\n", "\n9223372036854775808\n"},
		"size 0 with head": {"\n5\n", "\n0\n"},
		"root short":       {hash + "\ntime", hash[4:] + "\ntime"},
		"root spelling":    {hash + "\ntime", hash[:42] + "B=\ntime"},
		"no time":          {"time 7\n", ""},
		"two times":        {"time 7\n", "time 7\ntime 7\n"},
		"time spelling":    {"time 7\n", "time 07\n"},
		"no head":          {"head ", "other "},
		"two heads":        {"future line", "head " + hash},
		"head spelling":    {"head " + hash, "head " + hash[1:]},
		"empty line":       {"future line", ""},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := audit.ParseCheckpoint([]byte(bad)); !errors.Is(err, audit.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCheckpoint: what is read is written again in the same way, up to
// extension lines of the future, and never panics.
func FuzzCheckpoint(f *testing.F) {
	c, msg, _, v := testCheckpoint(f)
	text, err := c.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(msg)
	f.Add([]byte("c\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 0\nx\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := audit.OpenCheckpoint(data, v); err == nil && got != c {
			t.Errorf("a checkpoint nobody signed: %+v", got)
		}
		got, err := audit.ParseCheckpoint(data)
		if err != nil {
			return
		}
		again, err := got.Text()
		if err != nil {
			t.Fatalf("read but not writable: %v", err)
		}
		if back, err := audit.ParseCheckpoint(again); err != nil || back != got {
			t.Errorf("read back %+v, %v", back, err)
		}
		for line := range strings.Lines(string(again)) {
			if !strings.Contains(string(data), line) {
				t.Errorf("line %q is spelled differently", line)
			}
		}
	})
}

func TestOutsideCheckpoints(t *testing.T) {
	c, msg, _, v := testCheckpoint(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "2026-11-20"), filepath.Join(dir, "2026-11-21")
	appendAll(t, first, msg, msg)
	appendAll(t, second, msg)
	if err := os.WriteFile(filepath.Join(dir, ".hidden"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := audit.ReadCheckpoints(dir)
	if err != nil || len(all) != 3 || all[0].From != "2026-11-20:1" || all[1].From != "2026-11-20:9" || all[2].From != "2026-11-21:1" {
		t.Fatalf("got %+v, %v", all, err)
	}
	for _, o := range all {
		if got, err := audit.OpenCheckpoint(o.Note, v); err != nil || got != c {
			t.Errorf("%s: %+v, %v", o.From, got, err)
		}
	}
	info, err := os.Stat(first)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file mode %v, %v", info.Mode(), err)
	}
	if _, err := audit.ReadCheckpoints(t.TempDir()); err == nil {
		t.Error("an empty folder proves something")
	}
	if _, err := audit.ReadCheckpoints(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func appendAll(t *testing.T, path string, notes ...[]byte) {
	t.Helper()
	for _, n := range notes {
		if err := audit.AppendCheckpoint(path, n); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTornCheckpoint cuts a file at every byte, appends to it, and demands
// both the whole notes and a trace of the torn one.
func TestTornCheckpoint(t *testing.T) {
	_, msg, _, v := testCheckpoint(t)
	path := filepath.Join(t.TempDir(), "checkpoints")
	for cut := 1; cut < len(msg)-1; cut++ {
		torn := append(append(bytes.Clone(msg), '\n'), msg[:cut]...)
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		appendAll(t, path, msg)
		all, err := audit.ReadCheckpoints(path)
		if err != nil {
			t.Fatal(err)
		}
		var good int
		for _, o := range all {
			if _, err := audit.OpenCheckpoint(o.Note, v); err == nil {
				good++
			}
		}
		if good != 2 || len(all) < 3 {
			t.Errorf("cut at %d: %d notes, %d of them good; want more than 2 and 2", cut, len(all), good)
		}
	}
}
