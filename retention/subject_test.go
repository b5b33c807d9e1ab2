package retention_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"postern/audit"
	"postern/retention"
)

func signing(t *testing.T, seed byte) (audit.Signer, audit.Verifier) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	public, _ := key.Public().(ed25519.PublicKey)
	s, err := audit.NewSigner("postern.example/test", public, func(msg []byte) ([]byte, error) { return ed25519.Sign(key, msg), nil })
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewVerifier("postern.example/test", public)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

var disclosed = retention.Disclosure{
	Version: 1, Made: "2026-03-01T12:00:00Z", Business: "Example <Bank> Ltd", Subject: "0123456789abcdef0123456789abcdef", From: "2026-01-01T00:00:00Z",
	Numbers: []string{"4915112345678"},
	Facts:   []retention.ExportFact{{What: "consent", About: "marketing", Value: json.RawMessage(`{"given":true}`), Since: "2026-02-01T00:00:00Z"}},
	Messages: []retention.ExportMessage{{
		Time: "2026-02-02T00:00:00Z", Direction: "inbound", Type: "text", Text: `<script>alert("1")</script>`, Form: retention.FormOriginal,
		Files:    []retention.ExportFile{{Name: "<b>bird</b>", Path: "files/00001-image.png", Size: 10}},
		Decision: retention.InWords("deny", []string{"opted_out", "watch_list_7", "template_paused", "watch_list_9"}), KeptUntil: "Kept until 2027-01-01",
	}},
	Recipients: []retention.Recipient{{Who: "WhatsApp (Meta)", What: "carries every message both ways"}},
}

func TestDisclosureIsSignedAndRunsNothing(t *testing.T) {
	signer, verifier := signing(t, 1)
	file, err := zipped(signer)
	if err != nil {
		t.Fatal(err)
	}
	got, err := verified(file, verifier)
	if err != nil || got.Subject != disclosed.Subject || len(got.Files) != 5 {
		t.Fatalf("%+v %v", got, err)
	}
	files := unzip(t, file)
	page := string(files["export.html"])
	if strings.Contains(page, "<script") || strings.Contains(page, "<Bank>") || strings.Contains(page, "src=") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("what somebody wrote became markup")
	}
	if !strings.Contains(page, "not let through: you had asked for no more messages; a rule of the business; template paused") {
		t.Error("the decision is not in words")
	}
	if strings.Contains(page, "watch") {
		t.Error("the name of an own rule is told")
	}
	if !strings.Contains(page, `<a href="files/00001-image.png">&lt;b&gt;bird&lt;/b&gt;</a>, 10 bytes`) {
		t.Error("the file is not linked")
	}
	var back retention.Disclosure
	if err := json.Unmarshal(files["export.json"], &back); err != nil || back.Messages[0].Text != disclosed.Messages[0].Text {
		t.Errorf("JSON: %v", err)
	}
}

// TestReasonsHaveWords: every code of the rules that come with the gateway is said.
func TestReasonsHaveWords(t *testing.T) {
	code := regexp.MustCompile(`"code": "([a-z_]+)"|basis contains "([a-z_]+)"`)
	files, err := filepath.Glob("../policies/*.rego")
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{"policy_error", "pii_treatment"} // no rule gives them
	for _, name := range files {
		rules, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(rules), -1) {
			codes = append(codes, m[1]+m[2])
		}
	}
	if len(codes) < 30 {
		t.Fatalf("found %d codes only", len(codes))
	}
	for _, c := range codes {
		if c != "account" && c != "upload" && strings.Contains(retention.InWords("deny", []string{c}), "a rule of the business") {
			t.Errorf("%s has no words", c)
		}
	}
}

func TestChangedDisclosureDoesNotHold(t *testing.T) {
	signer, verifier := signing(t, 1)
	_, stranger := signing(t, 2)
	file, err := zipped(signer)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() []byte{
		"cut":              func() []byte { return file[:len(file)-30] },
		"no ZIP":           func() []byte { return []byte("PK") },
		"another page":     func() []byte { return rezip(t, file, "export.html", []byte("<p>hello</p>")) },
		"no JSON":          func() []byte { return rezip(t, file, "export.json", nil) },
		"another file":     func() []byte { return rezip(t, file, "files/00001-image.png", []byte("cormorant")) },
		"no file":          func() []byte { return rezip(t, file, "files/00001-image.png", nil) },
		"a file more":      func() []byte { return rezip(t, file, "files/00003-image.png", []byte("wren")) },
		"no list":          func() []byte { return rezip(t, file, "files.txt", nil) },
		"no manifest":      func() []byte { return rezip(t, file, "manifest.note", nil) },
		"bytes behind it":  func() []byte { return append(bytes.Clone(file), 'x') },
		"bytes before it":  func() []byte { return append([]byte("PK\x03\x04 and more"), file...) },
		"another before":   func() []byte { return append(bytes.Clone(file), file...) },
		"a comment":        func() []byte { return append(append(bytes.Clone(file[:len(file)-2]), 2, 0), "hi"...) },
		"one more":         func() []byte { return rezip(t, file, "../../etc/passwd", []byte("x")) },
		"another manifest": func() []byte { return rezip(t, file, "manifest.note", []byte("postern subject export\n{}\n")) },
	} {
		if got, err := verified(f(), verifier); !errors.Is(err, retention.ErrExport) || got.Subject != "" {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if _, err := verified(file, stranger); !errors.Is(err, retention.ErrExport) {
		t.Errorf("another's key: %v", err)
	}
	if _, err := verified(file); !errors.Is(err, retention.ErrExport) {
		t.Errorf("no key: %v", err)
	}
}

// TestManyFilesHold: so many that the directory ends in the longer form.
func TestManyFilesHold(t *testing.T) {
	signer, verifier := signing(t, 1)
	var out bytes.Buffer
	p := retention.NewParcel(&out, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	const count = 1 << 16
	for i := range count {
		if _, _, err := p.File(fmt.Sprintf("%05d-image.png", i), strings.NewReader("wren")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(disclosed, func(func(retention.ExportMessage, error) bool) {}, signer); err != nil {
		t.Fatal(err)
	}
	if got, err := verified(out.Bytes(), verifier); err != nil || len(got.Files) != count+3 {
		t.Errorf("%d files, %v", len(got.Files), err)
	}
	if _, err := verified(append(out.Bytes(), 'x'), verifier); !errors.Is(err, retention.ErrExport) {
		t.Errorf("bytes behind it: %v", err)
	}
}

// zipped is the parcel of disclosed, with a file that can be read and one that
// cannot.
func zipped(signer audit.Signer) ([]byte, error) {
	var out bytes.Buffer
	p := retention.NewParcel(&out, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	path, n, err := p.File("00001-image.png", strings.NewReader("kingfisher"))
	if err != nil || path != "files/00001-image.png" || n != 10 {
		return nil, fmt.Errorf("a file: %s %d %w", path, n, err)
	}
	if _, n, err := p.File("00002-image.png", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrNoProgress))); !errors.Is(err, retention.ErrFile) || n != 4 {
		return nil, fmt.Errorf("half a file: %d %w", n, err)
	}
	messages := func(yield func(retention.ExportMessage, error) bool) {
		for _, m := range disclosed.Messages {
			if !yield(m, nil) {
				return
			}
		}
	}
	err = p.Finish(disclosed, messages, signer)
	return out.Bytes(), err
}

func verified(file []byte, keys ...audit.Verifier) (retention.ExportChecked, error) {
	return retention.VerifyExport(bytes.NewReader(file), int64(len(file)), keys...)
}

func unzip(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// rezip puts a file in place of one, or takes it out.
func rezip(t *testing.T, file []byte, name string, body []byte) []byte {
	t.Helper()
	files := unzip(t, file)
	delete(files, name)
	if body != nil {
		files[name] = body
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, body := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// written counts what went through.
type written struct{ n int }

// Write implements io.Writer.
func (w *written) Write(p []byte) (int, error) {
	w.n += len(p)
	return len(p), nil
}

// TestParcelHoldsNoMessages: what was taken of messages is soon written, however
// many follow.
func TestParcelHoldsNoMessages(t *testing.T) {
	const count, size, slack = 2000, 1 << 10, 256 << 10
	signer, _ := signing(t, 1)
	random := rand.NewChaCha8([32]byte{1}) // so that nothing packs to less than half
	text, out := make([]byte, size/2), &written{}
	passes := 0
	messages := func(yield func(retention.ExportMessage, error) bool) {
		passes++
		before := out.n
		for taken := 0; taken < count*size; taken += size {
			if held := taken/4 - (out.n - before); held > slack {
				t.Fatalf("of %d bytes %d were written", taken, out.n-before)
			}
			random.Read(text) //nolint:errcheck // never fails
			if !yield(retention.ExportMessage{Text: hex.EncodeToString(text)}, nil) {
				return
			}
		}
	}
	p := retention.NewParcel(out, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err := p.Finish(disclosed, messages, signer); err != nil || passes != 2 {
		t.Errorf("%d passes, %v", passes, err)
	}
}
