package keyring

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func newStore(t *testing.T) (*Keyring, string, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keystore.json")
	k, err := Create(path, Config{Name: "gateway-1"})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return k, path, content
}

func TestOpenRefusesWideModes(t *testing.T) {
	_, path, _ := newStore(t)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o700, 0o610} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Config{}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o400, 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Config{}); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

// strange is a file as the operating system might describe it.
type strange struct {
	uid  uint32
	mode fs.FileMode
	size int64
}

func (s strange) Name() string       { return "keystore.json" }
func (s strange) Size() int64        { return s.size }
func (s strange) Mode() fs.FileMode  { return s.mode }
func (s strange) ModTime() time.Time { return time.Time{} }
func (s strange) IsDir() bool        { return s.mode.IsDir() }
func (s strange) Sys() any           { return &syscall.Stat_t{Uid: s.uid} }

func TestAccess(t *testing.T) {
	me := uint32(os.Geteuid())
	if err := checkAccess("f", strange{me, 0o600, 100}); err != nil {
		t.Errorf("own file: %v", err)
	}
	for want, s := range map[string]strange{
		"chown":      {me + 1, 0o600, 100},
		"regular":    {me, 0o600 | fs.ModeNamedPipe, 0},
		"chmod":      {me, 0o640, 100},
		"right file": {me, 0o600, maxFile + 1},
	} {
		if err := checkAccess("f", s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want a hint with %q", err, want)
		}
	}
}

func TestOpenRefusesOtherKindsOfFile(t *testing.T) {
	_, path, _ := newStore(t)
	dir := filepath.Dir(path)
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, name := range map[string]string{"symbolic link": link, "not a regular file": pipe} {
		if _, err := Open(name, Config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Open(dir, Config{}); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := Create(link, Config{Name: "gateway-1"}); err == nil {
		t.Error("created through a link")
	}
}

func TestEveryByteOfTheFileCounts(t *testing.T) {
	_, _, content := newStore(t)
	for i := range content {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			changed := bytes.Clone(content)
			changed[i] ^= flip
			if _, _, err := decodeBody(changed, Config{}.unlock); err == nil {
				t.Fatalf("byte %d may be %q instead of %q", i, changed[i], content[i])
			}
		}
		if _, _, err := decodeBody(content[:i], Config{}.unlock); err == nil {
			t.Fatalf("cut at %d is accepted", i)
		}
	}
	for _, more := range []string{" ", "\n", "{}", string(content)} {
		if _, _, err := decodeBody(append(bytes.Clone(content), more...), Config{}.unlock); err == nil {
			t.Errorf("%d bytes more are accepted", len(more))
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	_, path, content := newStore(t)
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"another program's": {`"postern keystore"`, `"something else"`, errForeign},
		"newer version":     {`"version": 1,`, `"version": 2,`, errNewer},
		"newer protection":  {`"kind": "none"`, `"kind": "more"`, errNewer},
		"edited":            {`"gateway-1"`, `"gateway-2"`, errDamaged},
		"respelled":         {`"generation"`, `"Generation"`, errDamaged},
		"doubled":           {`"generation": 1`, `"generation": 1, "generation": 1`, errDamaged},
		"not JSON":          {`{`, `[`, errDamaged},
	} {
		changed := strings.Replace(string(content), c.old, c.new, 1)
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, Config{})
		// To the letter: nothing of the content may be quoted.
		if want := "open keystore: " + path + ": " + c.want.Error(); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

// TestContentIsValidated covers files whose checksum is right.
func TestContentIsValidated(t *testing.T) {
	_, _, content := newStore(t)
	for name, spoil := range map[string]func(*body){
		"short id":            func(b *body) { b.ID = b.ID[2:] },
		"no name":             func(b *body) { b.Name = "" },
		"generation 0":        func(b *body) { b.Generation = 0 },
		"unknown purpose":     func(b *body) { b.Keys[0].Purpose = "other" },
		"no purpose":          func(b *body) { b.Keys[0].Purpose = "" },
		"no state":            func(b *body) { b.Keys[0].State = "" },
		"unknown state":       func(b *body) { b.Keys[0].State = "ACTIVE" },
		"version 0":           func(b *body) { b.Keys[0].Version = 0 },
		"short key":           func(b *body) { b.Keys[0].Material = b.Keys[0].Material[1:] },
		"no key":              func(b *body) { b.Keys[0].Material = nil },
		"destroyed with key":  func(b *body) { b.Keys[0].State = Destroyed },
		"too many seals":      func(b *body) { b.Keys[0].Seals = sealLimit + 1 },
		"version twice":       func(b *body) { b.Keys = append(b.Keys, b.Keys[0]) },
		"two active":          func(b *body) { again := b.Keys[0]; again.Version = 2; b.Keys = append(b.Keys, again) },
		"no public key":       func(b *body) { b.Keys[5].Public = nil },
		"other public key":    func(b *body) { b.Keys[5].Public[0] ^= 1 },
		"needless public key": func(b *body) { b.Keys[0].Public = b.Keys[5].Public },
		"active after next": func(b *body) {
			next := b.Keys[0]
			next.State = Next
			b.Keys[0].Version = 2
			b.Keys = append([]record{next}, b.Keys...)
		},
	} {
		b, _, err := decodeBody(content, Config{}.unlock)
		if err != nil {
			t.Fatal(err)
		}
		spoil(b)
		data, err := b.encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := decodeBody(data, Config{}.unlock); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestCrashBeforeRename(t *testing.T) {
	k, path, before := newStore(t)
	b, _, err := readBody(path, Config{}.unlock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.rotate(KEK, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	data, err := b.encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := stageFile(path, data) // and there it ends
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the keystore changed before the rename, error %v", err)
	}
	if _, err := Open(path, Config{}); err != nil {
		t.Errorf("after the crash: %v", err)
	}
	if err := os.WriteFile(staged, data[:len(data)/2], 0o600); err != nil { // or earlier
		t.Fatal(err)
	}
	if _, err := k.Rotate(Index); err != nil {
		t.Errorf("the next change: %v", err)
	}
	if _, err := os.Lstat(staged); err == nil {
		t.Error("the staged file outlives the next change")
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	k, path, before := newStore(t)
	// A folder that is not empty stands where the new file is to be written.
	if err := os.MkdirAll(filepath.Join(path+".new", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(Secret); err == nil {
		t.Error("Rotate reports success")
	}
	if _, err := k.SealSecret(nil, nil); err == nil {
		t.Error("sealed without a durable reservation")
	}
	if k.Generation() != 1 || k.loaded().rings[Secret].active.version != 1 {
		t.Error("the state in memory changed")
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the file changed, error %v", err)
	}
	if err := os.RemoveAll(path + ".new"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.SealSecret(nil, nil); err != nil {
		t.Errorf("it does not recover: %v", err)
	}
}
