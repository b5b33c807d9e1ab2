package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"postern/audit"
)

func keyText(tb testing.TB, seed byte) string {
	tb.Helper()
	pub := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	text, err := audit.VerifierKey("postern.example/keys", pub)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// succession is the statement that key b follows key a.
func succession(tb testing.TB, a, b byte) []byte {
	tb.Helper()
	before, _ := testKey(tb, a)
	after, _ := testKey(tb, b)
	msg, err := audit.SignSuccession(keyText(tb, a), keyText(tb, b), 1763712000000000, before, after)
	if err != nil {
		tb.Fatal(err)
	}
	return msg
}

func TestFollowKeys(t *testing.T) {
	_, first := testKey(t, 1)
	_, second := testKey(t, 2)
	s12, s23, s34 := succession(t, 1, 2), succession(t, 2, 3), succession(t, 3, 4)
	for _, tt := range []struct {
		name       string
		pinned     audit.Verifier
		statements [][]byte
		want       int
	}{
		{"none", first, nil, 1},
		{"one", first, [][]byte{s12}, 2},
		{"whole chain", first, [][]byte{s12, s23, s34}, 4},
		{"any order, one twice", first, [][]byte{s34, s12, s23, s12}, 4},
		{"a gap", first, [][]byte{s12, s34}, 2},
		{"from the middle", second, [][]byte{s12, s23, s34}, 3},
	} {
		got, err := audit.FollowKeys([]audit.Verifier{tt.pinned}, tt.statements)
		if err != nil || len(got) != tt.want {
			t.Errorf("%s: %d keys, %v", tt.name, len(got), err)
		}
	}
	if got, err := audit.FollowKeys(nil, [][]byte{s12}); err != nil || len(got) != 0 {
		t.Errorf("from nothing: %d keys, %v", len(got), err)
	}
}

func TestFollowKeysRefuses(t *testing.T) {
	_, first := testKey(t, 1)
	good := string(succession(t, 1, 2))
	_, afterText, _ := strings.Cut(good, "\n\n")
	oldSignature, newSignature, _ := strings.Cut(afterText, "\n")
	text := strings.TrimSuffix(good, afterText)
	for name, msg := range map[string]string{
		"empty":                  "",
		"old key alone":          text + oldSignature + "\n",
		"new key alone":          text + newSignature,
		"further signature":      good + string(note(t, 5)),
		"other time":             strings.Replace(good, "time 1", "time 2", 1),
		"other title":            strings.Replace(good, "postern", "Postern", 1),
		"further line":           strings.Replace(good, "time ", "more\ntime ", 1),
		"time spelled otherwise": strings.Replace(good, "time ", "time +", 1),
		"key to itself":          strings.Replace(good, keyText(t, 2), keyText(t, 1), 1),
		"other new key":          strings.Replace(good, keyText(t, 2), keyText(t, 3), 1),
		"hash in capitals":       strings.Replace(good, keyText(t, 2), strings.ToUpper(keyText(t, 2)[:30])+keyText(t, 2)[30:], 1),
	} {
		got, err := audit.FollowKeys([]audit.Verifier{first}, [][]byte{[]byte(msg)})
		if !errors.Is(err, audit.ErrKeyChain) || len(got) != 1 {
			t.Errorf("%s: %d keys, %v", name, len(got), err)
		}
	}
	if _, err := audit.FollowKeys([]audit.Verifier{first}, [][]byte{succession(t, 1, 2), succession(t, 1, 3)}); !errors.Is(err, audit.ErrKeyChain) {
		t.Errorf("two successors of one key: %v", err)
	}
	if c, err := audit.ParseCheckpoint([]byte(strings.TrimSuffix(text, "\n"))); err == nil {
		t.Errorf("a statement reads as a checkpoint: %+v", c)
	}
}

// note is one signature line of a key nobody asked.
func note(t *testing.T, seed byte) []byte {
	t.Helper()
	s, _ := testKey(t, seed)
	_, line, _ := bytes.Cut(newTrail(t, 1).checkpoint(t, s), []byte("\n\n"))
	return line
}

// alike is a verifier with another key's name and hash, as one can be made
// with four bytes to match.
type alike struct{ audit.Verifier }

func (alike) Verify([]byte, []byte) bool { return false }

// TestFollowKeysAsksTheKeyItself: it is not enough that a statement names a key
// of the trusted one's name and hash.
func TestFollowKeysAsksTheKeyItself(t *testing.T) {
	_, first := testKey(t, 1)
	got, err := audit.FollowKeys([]audit.Verifier{alike{first}}, [][]byte{succession(t, 1, 2)})
	if !errors.Is(err, audit.ErrKeyChain) || len(got) != 1 {
		t.Errorf("%d keys, %v", len(got), err)
	}
}

func TestSignSuccessionNeedsBoth(t *testing.T) {
	before, _ := testKey(t, 1)
	if _, err := audit.SignSuccession(keyText(t, 1), keyText(t, 2), 0, before); !errors.Is(err, audit.ErrKeyChain) {
		t.Error(err)
	}
}

// FuzzSuccession: a statement that is accepted is one that was signed.
func FuzzSuccession(f *testing.F) {
	_, first := testKey(f, 1)
	good := succession(f, 1, 2)
	f.Add(good)
	f.Add(succession(f, 2, 3))
	f.Fuzz(func(t *testing.T, msg []byte) {
		got, err := audit.FollowKeys([]audit.Verifier{first}, [][]byte{msg})
		if err == nil && len(got) > 1 && got[1].KeyHash() != second(t).KeyHash() {
			t.Errorf("led to a key that the first never named: %q", msg)
		}
	})
}

func second(t *testing.T) audit.Verifier {
	t.Helper()
	_, v := testKey(t, 2)
	return v
}

// TestVerifyFollowsKeys: one pinned key is enough for a trail that later keys
// signed, and no later key counts where the chain is broken.
func TestVerifyFollowsKeys(t *testing.T) {
	m := newTrail(t, 10)
	s1, v1 := testKey(t, 1)
	m.checkpoints = append(m.checkpoints, m.checkpoint(t, s1))
	m.append(t, record(10))
	s2, _ := testKey(t, 2)
	m.checkpoints = append(m.checkpoints, m.checkpoint(t, s2))
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v1}, Successions: [][]byte{succession(t, 1, 2)}}
	if r := verify(t, m, opt); !r.OK() || r.SignedTo.Size != 11 {
		t.Errorf("%v, signed to %d", r.Findings, r.SignedTo.Size)
	}
	opt.Successions = append(opt.Successions, succession(t, 1, 3))
	r := verify(t, m, opt)
	if r.OK() || r.SignedTo.Size != 10 || r.Findings[0].Fault != audit.FaultKeys || !strings.HasPrefix(r.Findings[0].String(), "checkpoint keys: chain of") {
		t.Errorf("a fork: %v, signed to %d", r.Findings, r.SignedTo.Size)
	}
	opt.Successions = nil
	if r := verify(t, m, opt); r.OK() || r.SignedTo.Size != 10 {
		t.Errorf("without statement: %v, signed to %d", r.Findings, r.SignedTo.Size)
	}
}
