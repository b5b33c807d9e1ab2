package stamp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"postern/audit/stamp"
	"postern/audit/stamp/stamptest"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestStamp asks a real authority and has openssl check what is kept.
func TestStamp(t *testing.T) {
	t.Parallel()
	a := stamptest.New(t, time.Now(), time.Now().Add(24*time.Hour))
	roots, err := stamp.Roots(a.Roots)
	check(t, err)
	note := []byte("a checkpoint\n12\n")
	begun := time.Now().Truncate(time.Second)
	answer, at, err := stamp.Ask(t.Context(), http.DefaultClient, a.URL, note, roots)
	check(t, err)
	if at.Before(begun) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("stamped %s, asked %s", at, begun)
	}
	dir := t.TempDir()
	check(t, stamp.Keep(dir, stamp.Stamped{Size: 12, Note: note, Answer: answer}))
	out, err := exec.CommandContext(t.Context(), "openssl", "ts", "-verify", "-data", filepath.Join(dir, "12.checkpoint"), //nolint:gosec // files of the test
		"-in", filepath.Join(dir, "12.tsr"), "-CAfile", a.Roots).CombinedOutput()
	if err != nil {
		t.Errorf("openssl ts -verify: %v: %s", err, out)
	}
	all, err := stamp.Read(dir)
	if err != nil || len(all) != 1 || all[0].Size != 12 {
		t.Fatalf("%d stamps, %v", len(all), err)
	}
	if again, err := stamp.Check(all[0].Note, all[0].Answer, roots); err != nil || !again.Equal(at) {
		t.Errorf("kept: %s, %v", again, err)
	}

	// What was kept proves nothing else.
	other, err := stamp.Roots(stamptest.New(t, time.Now(), time.Now().Add(24*time.Hour)).Roots)
	check(t, err)
	if _, err := stamp.Check(note, answer, other); !errors.Is(err, stamp.ErrStamp) {
		t.Errorf("with other roots: %v", err)
	}
	if _, err := stamp.Check([]byte("another"), answer, roots); !errors.Is(err, stamp.ErrStamp) {
		t.Errorf("over another note: %v", err)
	}
	if _, err := stamp.Check(note, answer, nil); err == nil {
		t.Error("without roots")
	}
	for i := 0; i < len(answer); i += 7 {
		changed := append([]byte{}, answer...)
		changed[i] ^= 0x20
		if when, err := stamp.Check(note, changed, roots); err == nil && !when.Equal(at) {
			t.Fatalf("byte %d changed: %s", i, when)
		}
	}
	a.Repeat(answer)
	if _, _, err := stamp.Ask(t.Context(), http.DefaultClient, a.URL, note, roots); !errors.Is(err, stamp.ErrStamp) {
		t.Errorf("an old answer: %v", err)
	}
}

// TestStampExpired: a certificate that was over when it signed vouches for nothing.
func TestStampExpired(t *testing.T) {
	t.Parallel()
	a := stamptest.New(t, time.Now(), time.Now().Add(-time.Hour))
	roots, err := stamp.Roots(a.Roots)
	check(t, err)
	if _, _, err := stamp.Ask(t.Context(), http.DefaultClient, a.URL, []byte("note"), roots); !errors.Is(err, stamp.ErrStamp) {
		t.Errorf("expired: %v", err)
	}
}

func TestAuthorityAway(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		"endless": func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) }, //nolint:errcheck // cut off
	} {
		server := httptest.NewServer(handler)
		if _, _, err := stamp.Ask(t.Context(), http.DefaultClient, server.URL, []byte("note"), nil); !errors.Is(err, stamp.ErrAway) {
			t.Errorf("%s: %v", name, err)
		}
		server.Close()
		if _, _, err := stamp.Ask(t.Context(), http.DefaultClient, server.URL, []byte("note"), nil); !errors.Is(err, stamp.ErrAway) {
			t.Errorf("%s, then gone: %v", name, err)
		}
	}
}
