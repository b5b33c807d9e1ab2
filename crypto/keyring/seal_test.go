package keyring_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"postern/crypto/keyring"
)

var scope = keyring.Scope{Subject: [16]byte{1, 2, 3}, Class: "standard", Month: "2026-11"}

func TestSealRoundTrip(t *testing.T) {
	k, path := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long "), 50_000)} {
		sealed, err := k.Seal(wrapped, scope, []byte("record 1"), plain)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plain)+29 || (len(plain) > 1 && bytes.Contains(sealed, plain[:5])) {
			t.Errorf("%d bytes sealed to %d", len(plain), len(sealed))
		}
		got, err := open(t, path).Unseal(wrapped, scope, []byte("record 1"), sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("opened to %d bytes, error %v", len(got), err)
		}
	}
}

func TestSealsDiffer(t *testing.T) {
	k, _ := create(t)
	first, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	second, err := k.NewDataKey(scope)
	if err != nil || bytes.Equal(first, second) {
		t.Errorf("two data keys are equal, error %v", err)
	}
	s, err := k.DataKey(first, scope)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := s.Seal(nil, []byte("same"))
	b, errB := s.Seal(nil, []byte("same"))
	if errA != nil || errB != nil || bytes.Equal(a, b) {
		t.Errorf("two seals are equal, errors %v, %v", errA, errB)
	}
	if _, err := k.Unseal(second, scope, nil, a); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("opened with another data key of the same scope: %v", err)
	}
}

func TestEveryChangeIsRefused(t *testing.T) {
	k, _ := create(t)
	aad, plain := []byte("record 1"), []byte("a sealed value")
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Seal(wrapped, scope, aad, plain)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := k.SealSecret(aad, plain)
	if err != nil {
		t.Fatal(err)
	}
	everyChange(t, "wrapped key", wrapped, func(b []byte) error { _, err := k.DataKey(b, scope); return err })
	everyChange(t, "sealed value", sealed, func(b []byte) error { _, err := k.Unseal(wrapped, scope, aad, b); return err })
	everyChange(t, "secret", secret, func(b []byte) error { _, err := k.UnsealSecret(aad, b); return err })
	everyChange(t, "bound data", aad, func(b []byte) error { _, err := k.Unseal(wrapped, scope, b, sealed); return err })
	everyChange(t, "secret's bound data", aad, func(b []byte) error { _, err := k.UnsealSecret(b, secret); return err })
}

// everyChange opens the original, then flips every bit, cuts at every length
// and appends a byte; each of those must be refused.
func everyChange(t *testing.T, what string, original []byte, open func([]byte) error) {
	t.Helper()
	if err := open(original); err != nil {
		t.Fatalf("%s does not open unchanged: %v", what, err)
	}
	refused := func(how string, at int, b []byte) {
		if err := open(b); !errors.Is(err, keyring.ErrOpen) && !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("%s, %s at %d: %v", what, how, at, err)
		}
	}
	for i := range original {
		for bit := range 8 {
			changed := bytes.Clone(original)
			changed[i] ^= 1 << bit
			refused("bit flipped", i, changed)
		}
		refused("cut", i, original[:i])
	}
	refused("extended", len(original), append(bytes.Clone(original), 0))
}

func TestScopeIsBound(t *testing.T) {
	k, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	others := map[string]keyring.Scope{
		"subject":  {Subject: [16]byte{1, 2, 4}, Class: scope.Class, Month: scope.Month},
		"class":    {Subject: scope.Subject, Class: "standar", Month: scope.Month},
		"month":    {Subject: scope.Subject, Class: scope.Class, Month: "2026-12"},
		"boundary": {Subject: scope.Subject, Class: scope.Class + "2", Month: "0206-11"},
	}
	for name, other := range others {
		if _, err := k.DataKey(wrapped, other); !errors.Is(err, keyring.ErrOpen) {
			t.Errorf("other %s: %v, want ErrOpen", name, err)
		}
	}
}

func TestIncompleteScopeIsRefused(t *testing.T) {
	k, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]keyring.Scope{
		"zero":         {},
		"no subject":   {Class: scope.Class, Month: scope.Month},
		"no class":     {Subject: scope.Subject, Month: scope.Month},
		"long class":   {Subject: scope.Subject, Class: strings.Repeat("c", 65), Month: scope.Month},
		"no month":     {Subject: scope.Subject, Class: scope.Class},
		"month 13":     {Subject: scope.Subject, Class: scope.Class, Month: "2026-13"},
		"day":          {Subject: scope.Subject, Class: scope.Class, Month: "2026-11-01"},
		"short number": {Subject: scope.Subject, Class: scope.Class, Month: "2026-1"},
	} {
		if _, err := k.NewDataKey(s); err == nil {
			t.Errorf("%s: a data key was made", name)
		}
		if _, err := k.DataKey(wrapped, s); err == nil {
			t.Errorf("%s: a data key was unwrapped", name)
		}
	}
}

func TestEnvelopesDoNotMix(t *testing.T) {
	k, _ := create(t)
	other, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := k.SealSecret(nil, make([]byte, 32)) // as long as a wrapped key
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.DataKey(secret, scope); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("secret taken for a data key: %v", err)
	}
	if _, err := k.UnsealSecret(nil, wrapped); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("data key taken for a secret: %v", err)
	}
	if _, err := other.DataKey(wrapped, scope); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("opened by another keystore: %v", err)
	}
	if _, err := other.UnsealSecret(nil, secret); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("secret opened by another keystore: %v", err)
	}
}

func TestZeroSealerRefuses(t *testing.T) {
	for _, s := range []*keyring.Sealer{nil, {}} {
		if _, err := s.Seal(nil, nil); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("Seal: %v, want ErrNoKey", err)
		}
		if _, err := s.Unseal(nil, make([]byte, 40)); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("Unseal: %v, want ErrNoKey", err)
		}
	}
}
