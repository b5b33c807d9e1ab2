package keyring_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/crypto/keyring"
)

func wrapped(t testing.TB, b *box) (*keyring.Keyring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keystore.json")
	k, err := keyring.Create(path, keyring.Config{Name: "gateway-1", Now: fixedClock, Wrapper: b})
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func reopen(t testing.TB, path string, w keyring.Wrapper) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Open(path, keyring.Config{Now: fixedClock, Wrapper: w})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestWrapped: a start is one call, a new version is wrapped and opened once,
// and the file shows its structure to whoever has no wrapper.
func TestWrapped(t *testing.T) {
	b := newBox(t, boxKey(1))
	k, path := wrapped(t, b)
	sealed, err := k.SealSecret(nil, []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []keyring.Purpose{keyring.Secret, keyring.KEK, keyring.Checkpoint} {
		if _, err := k.Rotate(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Destroy(keyring.KEK, 1); err != nil {
		t.Fatal(err)
	}
	noPlainKeys(t, path)
	var file struct {
		Body struct{ Keys []map[string]any }
	}
	if err := json.Unmarshal(contents(t, path), &file); err != nil || len(file.Body.Keys) != len(k.Versions()) {
		t.Errorf("%d keys to see, error %v", len(file.Body.Keys), err)
	}
	b.calls = nil
	seen, err := keyring.Peek(path)
	if err != nil || !sameVersions(seen, k.Versions()) {
		t.Errorf("without a wrapper %d versions are seen, error %v", len(seen), err)
	}
	again := reopen(t, path, b)
	if !slices.Equal(b.calls, []string{"unwrap"}) {
		t.Errorf("a start asked %v", b.calls)
	}
	if plain, err := again.UnsealSecret(nil, sealed); err != nil || string(plain) != "value" || !slices.Equal(again.Versions(), k.Versions()) {
		t.Errorf("%q, error %v", plain, err)
	}
	if got := len(again.Wrappings()); got != len(k.Versions())-1 {
		t.Errorf("%d wrappings, of %d versions one is destroyed", got, len(k.Versions()))
	}
	if len(b.calls) != 1 {
		t.Errorf("using keys asked %v", b.calls)
	}
}

// TestWrapperAway: an open keystore goes on without its wrapper; only a new
// version needs it, and without it changes nothing.
func TestWrapperAway(t *testing.T) {
	b := newBox(t, boxKey(1))
	k, path := wrapped(t, b)
	if _, err := k.Rotate(keyring.Secret); err != nil {
		t.Fatal(err)
	}
	b.fault = func(string) error { return errAway }
	if _, err := k.SealSecret(nil, []byte("value")); err != nil { // reserves seals in the file
		t.Error(err)
	}
	if err := k.Destroy(keyring.Secret, 1); err != nil {
		t.Error(err)
	}
	if err := k.Backup(path + ".copy"); err != nil {
		t.Error(err)
	}
	before := contents(t, path)
	for name, change := range map[string]func() error{
		"rotate":  func() error { _, err := k.Rotate(keyring.KEK); return err },
		"prepare": func() error { _, err := k.Prepare(keyring.KEK); return err },
		"open":    func() error { _, err := keyring.Open(path, keyring.Config{Wrapper: b}); return err },
		"create": func() error {
			_, err := keyring.Create(path+".other", keyring.Config{Name: "x", Wrapper: b})
			return err
		},
		"again": func() error {
			_, err := k.WrapAgain(func(string) bool { return true }, func([]keyring.Wrapping) error { return nil })
			return err
		},
	} {
		if err := change(); !errors.Is(err, errAway) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.Equal(contents(t, path), before) {
		t.Error("the file changed")
	}
	b.fault = nil
	reopen(t, path, b)
	reopen(t, path+".copy", b)
}

// TestWrappedIsWhole: nobody without the keys changes anything in the file.
func TestWrappedIsWhole(t *testing.T) {
	b := newBox(t, boxKey(1))
	k, path := wrapped(t, b)
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	text := string(contents(t, path))
	texts := regexp.MustCompile(`vault:v1:[^"]+`).FindAllString(text, -1)
	swap := strings.NewReplacer(texts[0], texts[1], texts[1], texts[0])
	for name, changed := range map[string]string{
		"versions swapped": swap.Replace(text),
		"purpose moved":    strings.Replace(text, texts[2], texts[3], 1),
		"state":            strings.Replace(text, `"retired"`, `"next"`, 1),
		"date":             strings.Replace(text, `"created": "`+day.UTC().Format("2006"), `"created": "1999`, 1),
		"generation":       strings.Replace(text, `"generation": 2`, `"generation": 9`, 1),
		"name":             strings.Replace(text, "gateway-1", "gateway-2", 1),
		"id":               strings.Replace(text, k.ID(), strings.Repeat("ab", 16), 1),
		"material":         strings.Replace(text, `"wrapped": "`+texts[0]+`"`, `"material": "`+base64.StdEncoding.EncodeToString(boxKey(7))+`"`, 1),
		"kind":             strings.Replace(text, "vault-transit", "none", 1),
	} {
		if changed == text {
			t.Fatalf("%s: nothing changed", name)
		}
		other := filepath.Join(t.TempDir(), "keystore.json")
		if err := os.WriteFile(other, summed(t, changed), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, cfg := range []keyring.Config{{Wrapper: b}, {}} {
			if _, err := keyring.Open(other, cfg); err == nil {
				t.Errorf("%s: opened", name)
			}
		}
	}
}

func TestWrapperHasToFit(t *testing.T) {
	b := newBox(t, boxKey(1))
	_, path := wrapped(t, b)
	_, plain := create(t)
	for name, c := range map[string]struct {
		path string
		cfg  keyring.Config
		want string
	}{
		"none given":       {path, keyring.Config{}, "name the transit key"},
		"a passphrase":     {path, keyring.Config{Passphrase: given(phrase)}, "name the transit key"},
		"another key":      {path, keyring.Config{Wrapper: newBox(t, boxKey(2))}, "authentication"},
		"without need":     {plain, keyring.Config{Wrapper: b}, "not wrapped by Vault"},
		"too few versions": {path, keyring.Config{Wrapper: newBox(t)}, "no version"},
	} {
		if _, err := keyring.Open(c.path, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// liar gives back other keys than it was given, or other texts than it may.
type liar struct {
	*box
	text string
}

func (l liar) Wrap(plain, bound [][]byte) ([]string, error) {
	if l.text != "" {
		return slices.Repeat([]string{l.text}, len(plain)), nil
	}
	other := slices.Clone(plain)
	other[0] = boxKey(9)
	return l.box.Wrap(other, bound)
}

// TestWrapBy moves a keystore to a wrapper and back, and fails at each step.
func TestWrapBy(t *testing.T) {
	b := newBox(t, boxKey(1))
	for name, cfg := range map[string]keyring.Config{"none": {}, "passphrase": {Passphrase: given(phrase)}} {
		cfg.Name, cfg.Now = "gateway-1", fixedClock
		path := filepath.Join(t.TempDir(), "keystore.json")
		k, err := keyring.Create(path, cfg)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := k.SealSecret(nil, []byte("value"))
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, path)
		for what, w := range map[string]keyring.Wrapper{
			"away":      &box{fault: func(string) error { return errAway }},
			"half away": &box{versions: b.versions, fault: failAt("unwrap")},
			"lying":     liar{box: b},
			"no text":   liar{b, "\"},"},
			"long text": liar{b, strings.Repeat("x", 257)},
		} {
			if err := k.WrapBy(w); err == nil || !bytes.Equal(contents(t, path), before) {
				t.Errorf("%s, %s: error %v, or another file", name, what, err)
			}
		}
		if err := k.WrapBy(b); err != nil || !k.Protected() {
			t.Fatalf("%s: %v", name, err)
		}
		noPlainKeys(t, path)
		again := reopen(t, path, b)
		if plain, err := again.UnsealSecret(nil, sealed); err != nil || string(plain) != "value" {
			t.Errorf("%s: %q, error %v", name, plain, err)
		}
		if err := again.Protect([]byte(otherPhrase)); err != nil || len(again.Wrappings()) != 0 {
			t.Fatalf("%s: %v", name, err)
		}
		back, err := keyring.Open(path, keyring.Config{Now: fixedClock, Passphrase: given(otherPhrase)})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(back.WrapBy(b), back.Unprotect()); err != nil {
			t.Fatal(err)
		}
		if plain, err := open(t, path).UnsealSecret(nil, sealed); err != nil || string(plain) != "value" {
			t.Errorf("%s: back it is %q, error %v", name, plain, err)
		}
	}
}

func failAt(call string) func(string) error {
	return func(c string) error {
		if c == call {
			return errAway
		}
		return nil
	}
}

// TestWrapAgain: from memory, so that the old version of the wrapper's key need
// not open any more.
func TestWrapAgain(t *testing.T) {
	b := newBox(t, boxKey(1))
	k, path := wrapped(t, b)
	if err := k.Destroy(keyring.KEK, mustRotate(t, k, keyring.KEK)-1); err != nil {
		t.Fatal(err)
	}
	old := func(text string) bool { return strings.HasPrefix(text, "vault:v1:") }
	agree := func([]keyring.Wrapping) error { return nil }
	if done, err := k.WrapAgain(func(string) bool { return false }, agree); len(done) > 0 || err != nil {
		t.Errorf("nothing is stale: %v, %v", done, err)
	}
	b.versions = append(b.versions, newBox(t, boxKey(2)).versions...)
	before := contents(t, path)
	if _, err := k.WrapAgain(old, func([]keyring.Wrapping) error { return errAway }); !errors.Is(err, errAway) || !bytes.Equal(contents(t, path), before) {
		t.Errorf("not agreed: %v", err)
	}
	b.versions[0] = newBox(t, boxKey(3)).versions[0] // version 1 opens nothing any more
	done, err := k.WrapAgain(old, func(w []keyring.Wrapping) error {
		mustRotate(t, k, keyring.Index) // meanwhile
		return k.Destroy(keyring.Index, 1)
	})
	if err != nil || len(done) != 8 {
		t.Errorf("%d wrapped again, error %v", len(done), err)
	}
	for _, w := range k.Wrappings() {
		if old(w.Text) {
			t.Errorf("%s %d is wrapped as it was", w.Purpose, w.Number)
		}
	}
	if again := reopen(t, path, b); !slices.Equal(again.Versions(), k.Versions()) || again.Generation() != k.Generation() {
		t.Error("reopened it is another")
	}
}

func mustRotate(t testing.TB, k *keyring.Keyring, p keyring.Purpose) uint32 {
	t.Helper()
	version, err := k.Rotate(p)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// TestWrappedByTwo: two processes lose no change to each other.
func TestWrappedByTwo(t *testing.T) {
	b := newBox(t, boxKey(1))
	k, path := wrapped(t, b)
	other := reopen(t, path, b)
	mustRotate(t, other, keyring.KEK)
	if _, err := k.Rotate(keyring.KEK); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("a version made twice: %v", err)
	}
	mustRotate(t, k, keyring.Secret)
	if got := mustRotate(t, k, keyring.KEK); got != 3 {
		t.Errorf("version %d", got)
	}
	reopen(t, path, b)
}

// noPlainKeys: nothing in the file is a key as it is.
func noPlainKeys(t testing.TB, path string) {
	t.Helper()
	if text := contents(t, path); bytes.Contains(text, []byte(`"material"`)) || !bytes.Contains(text, []byte(`"wrapped"`)) {
		t.Error("the file holds keys as they are")
	}
}

// summed mends the checksum of a file that was changed.
func summed(t testing.TB, text string) []byte {
	t.Helper()
	var file struct {
		SHA256 string
		Body   json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if err := json.Compact(&body, file.Body); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body.Bytes())
	return []byte(strings.Replace(text, file.SHA256, hex.EncodeToString(sum[:]), 1))
}

// sameVersions compares in any order.
func sameVersions(a, b []keyring.Version) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(v keyring.Version) bool { return !slices.Contains(b, v) })
}

func TestPeekRefusesOthers(t *testing.T) {
	_, plain := create(t)
	damaged := filepath.Join(t.TempDir(), "keystore.json")
	_, path := wrapped(t, newBox(t, boxKey(1)))
	if err := os.WriteFile(damaged, bytes.Replace(contents(t, path), []byte(`"active"`), []byte(`"next"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{plain: "not wrapped", damaged: "damaged", damaged + ".none": "no such file"} {
		if _, err := keyring.Peek(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
