package keyring

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type protectionVector struct{ File, Passphrase, Key, Bound string }

func readProtections(t testing.TB) []protectionVector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Protections []protectionVector }
	if err := json.Unmarshal(text, &v); err != nil || len(v.Protections) != 1 {
		t.Fatalf("%d protections in the vectors, error %v", len(v.Protections), err)
	}
	return v.Protections
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// vectorLock is the lock of the vector's file, which takes a moment to make.
func vectorLock(t testing.TB) (*lock, []byte) {
	t.Helper()
	v := readProtections(t)[0]
	content := readTestdata(t, v.File)
	p, _, err := decodeFile(content)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLock(p, []byte(v.Passphrase))
	if err != nil {
		t.Fatal(err)
	}
	return l, content
}

func (l *lock) sesame(p protection) (*lock, error) {
	if !p.equal(l.terms()) {
		return nil, errors.New("another protection")
	}
	return l, nil
}

func TestVectorProtections(t *testing.T) {
	for _, v := range readProtections(t) {
		p, _, err := decodeFile(readTestdata(t, v.File))
		if err != nil {
			t.Fatal(err)
		}
		key, err := pbkdf2.Key(sha256.New, v.Passphrase, p.Salt, p.Iterations, keySize)
		if err != nil || hex.EncodeToString(key) != v.Key || hex.EncodeToString(p.bound()) != v.Bound {
			t.Errorf("key %x, bound %x, error %v", key, p.bound(), err)
		}
	}
}

func TestEveryByteOfAProtectedFileCounts(t *testing.T) {
	l, content := vectorLock(t)
	if _, _, err := decodeBody(content, l.sesame); err != nil {
		t.Fatal(err)
	}
	for i := range content {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			changed := bytes.Clone(content)
			changed[i] ^= flip
			if _, _, err := decodeBody(changed, l.sesame); err == nil {
				t.Fatalf("byte %d may be %q instead of %q", i, changed[i], content[i])
			}
		}
	}
	for i := 0; i < len(content); i += 13 {
		if _, _, err := decodeBody(content[:i], l.sesame); err == nil {
			t.Fatalf("cut at %d is accepted", i)
		}
	}
}

// TestSealedBodyIsBound covers changes that keep the checksum right.
func TestSealedBodyIsBound(t *testing.T) {
	l, content := vectorLock(t)
	p, kept, err := decodeFile(content)
	if err != nil {
		t.Fatal(err)
	}
	other := p
	other.Iterations++
	changed := &lock{protection: other, aead: l.aead}
	data, err := encodeFile(other, kept)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := decodeBody(data, changed.sesame); !errors.Is(err, errPassphraseWrong) {
		t.Errorf("other iterations: %v", err)
	}
	for name, c := range map[string]struct {
		p    protection
		kept string
		want error
	}{
		"too few iterations":      {protection{Kind: protectionPassphrase, Iterations: iterations - 1, Salt: p.Salt}, string(kept), errDamaged},
		"too many iterations":     {protection{Kind: protectionPassphrase, Iterations: maxIterations + 1, Salt: p.Salt}, string(kept), errDamaged},
		"negative iterations":     {protection{Kind: protectionPassphrase, Iterations: -1, Salt: p.Salt}, string(kept), errDamaged},
		"short salt":              {protection{Kind: protectionPassphrase, Iterations: p.Iterations, Salt: p.Salt[1:]}, string(kept), errDamaged},
		"no salt":                 {protection{Kind: protectionPassphrase, Iterations: p.Iterations, Salt: nil}, string(kept), errDamaged},
		"iterations without need": {protection{Kind: protectionNone, Iterations: p.Iterations, Salt: nil}, string(kept), errDamaged},
		"salt without need":       {protection{Kind: protectionNone, Iterations: 0, Salt: p.Salt}, string(kept), errDamaged},
		"another kind":            {protection{Kind: "later", Iterations: p.Iterations, Salt: p.Salt}, string(kept), errNewer},
		"no kind":                 {protection{Kind: "", Iterations: p.Iterations, Salt: p.Salt}, string(kept), errNewer},
		"an object":               {p, `{}`, errDamaged},
		"null":                    {p, `null`, errDamaged},
		"empty":                   {p, `""`, errPassphraseWrong},
		"a line end inside":       {p, `"` + `\n` + string(kept[1:]), errDamaged},
		"sealed, called open":     {protection{Kind: protectionNone}, string(kept), errDamaged},
	} {
		data, err := encodeFile(c.p, []byte(c.kept))
		if err != nil {
			t.Fatal(err)
		}
		open := func(q protection) (*lock, error) {
			if q.Kind == protectionNone {
				return nil, nil
			}
			return l, nil
		}
		if _, _, err := decodeBody(data, open); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestUnlockRefusals covers what the passphrase's giver may do wrong, without
// the cost of a derivation.
func TestUnlockRefusals(t *testing.T) {
	broken := errors.New("the file is empty")
	give := func(text string, err error) Config {
		return Config{Passphrase: func() ([]byte, error) { return []byte(text), err }}
	}
	locked := protection{Kind: protectionPassphrase, Iterations: iterations, Salt: make([]byte, saltSize)}
	for name, c := range map[string]struct {
		cfg  Config
		p    protection
		want error
	}{
		"missing":    {Config{}, locked, errPassphraseNone},
		"extra":      {give("correct horse battery staple", nil), protection{Kind: protectionNone}, errPassphraseExtra},
		"unreadable": {give("", broken), locked, broken},
	} {
		if _, err := c.cfg.unlock(c.p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, minPassphrase - 1, maxPassphrase + 1} {
		if _, err := give(strings.Repeat("x", n), nil).firstLock(); !errors.Is(err, errPassphraseLength) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if text := fmt.Sprint(errPassphraseLength); !strings.Contains(text, "15 to 1024") {
		t.Errorf("the error does not say how long: %s", text)
	}
}

// FuzzProtected: whatever opens under the vector's key is exactly what would be
// written, the nonce excepted.
func FuzzProtected(f *testing.F) {
	l, content := vectorLock(f)
	f.Add(content)
	f.Add(readTestdata(f, "keystore.json"))
	f.Add(bytes.Replace(content, []byte(`600000`), []byte(`6000000`), 1))
	f.Add(bytes.Replace(content, []byte(`600000`), []byte(`1`), 1))
	f.Add(bytes.Replace(content, []byte(`"passphrase"`), []byte(`"none"`), 1))
	f.Add([]byte(`{"format":"postern keystore","version":1,"protection":{"kind":"passphrase","iterations":600000,"salt":""},"sha256":"","body":""}`))
	f.Add([]byte(`{"format":"postern keystore","version":1,"protection":{"kind":"passphrase"},"body":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, _, err := decodeBody(data, l.sesame)
		if err != nil {
			return
		}
		if !bytes.Equal(data, content) {
			t.Error("another file opened")
		}
		if _, err := newState(newMemory(false), b, nil); err != nil {
			t.Errorf("accepted, but unusable: %v", err)
		}
	})
}
