package screen_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"postern/cmd/internal/screen"
	"postern/policy/pii"
)

// screened runs over text and gives what is written.
func screened(t *testing.T, in string, s screen.Screen, form screen.Form) (string, screen.Report, error) {
	t.Helper()
	var err error
	if s.Scanner, err = pii.New(pii.Config{}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	report, err := s.Run(t.Context(), screen.NewReader(strings.NewReader(in), form, screen.Text{Country: "DE"}), &out)
	return out.String(), report, err
}

func TestOneLineOutForEachLineIn(t *testing.T) {
	in := `{"text":"0171 3920077","kind":"pii"}` + "\n\n" + `{"text":"Bom dia","lang":"pt","country":"BR"}` + "\r\n" + `{"text":"x ana@other.example.com"}`
	out, report, err := screened(t, in, screen.Screen{JSON: true}, screen.Auto)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 4 || report.Texts != 4 || report.With != 2 || report.Types["EMAIL"] != 1 {
		t.Fatalf("%d lines, %+v:\n%s", len(lines), report, out)
	}
	var got struct {
		Findings []struct {
			Start, End  int
			Type, Level string
			Score       *int
			Reasons     []string
		}
		Redacted string
	}
	if err := json.Unmarshal([]byte(lines[3]), &got); err != nil {
		t.Fatal(err)
	}
	f := got.Findings
	if got.Redacted != "x [EMAIL_1]" || len(f) != 1 || f[0].Start != 2 || f[0].End != 23 || f[0].Score == nil || f[0].Level != "certain" {
		t.Errorf("%s", lines[3])
	}
	if want := `{"findings":[],"redacted":"Bom dia"}`; lines[2] != want {
		t.Errorf("%s", lines[2])
	}
}

func TestForm(t *testing.T) {
	for in, want := range map[string]string{
		"0171 3920077":                     `"redacted":"[PHONE_1]"`,
		"{{1}} 0171 3920077":               `"redacted":"{{1}} [PHONE_1]"`,
		"\n { \"text\": \"0171 3920077\"}": `"redacted":"[PHONE_1]"`,
		"ana@other.example.com \xff\x00":   `"redacted":"[EMAIL_1] ` + "\uFFFD" + `\u0000"`,
	} {
		if out, _, err := screened(t, in, screen.Screen{JSON: true}, screen.Auto); err != nil || !strings.Contains(out, want) {
			t.Errorf("%q: %v, %s", in, err, out)
		}
	}
	if out, _, err := screened(t, `{"text":"0171 3920077"}`, screen.Screen{}, screen.PlainText); err != nil || !strings.HasPrefix(out, "1:9-21 PHONE ") {
		t.Errorf("%v, %s", err, out)
	}
}

// TestMarkBeforeTheText: the mark that editors put before a text is no part of it, and a
// file in another encoding is refused, for nothing would be found in it.
func TestMarkBeforeTheText(t *testing.T) {
	for in, want := range map[string]string{
		"\uFEFF{\"text\":\"0171 3920077\"}\r\n": `"start":0,"end":12`, "\uFEFF0171 3920077\n": `"start":0,"end":12`, "\uFEFF": `{"findings":[],"redacted":""}`,
		"a\n\uFEFF0171 3920077": `"start":3,"end":15`,
	} {
		if out, _, err := screened(t, in, screen.Screen{JSON: true}, screen.Auto); err != nil || !strings.Contains(out, want) {
			t.Errorf("%q: %v, %s", in, err, out)
		}
	}
	for _, mark := range []string{"\xFF\xFE", "\xFE\xFF"} {
		_, _, err := screened(t, mark+"0\x001\x00", screen.Screen{KeepGoing: true}, screen.Auto)
		if err == nil || !strings.Contains(err.Error(), "line 1: the file is UTF-16, in which nothing would be found; save it as UTF-8") {
			t.Errorf("%q: %v", mark, err)
		}
	}
}

func TestBadLines(t *testing.T) {
	for bad, want := range map[string]string{
		`{"text": 0171}`:           `"text" is no string`,
		`{"text" "0171"}`:          "no JSON from byte 8",
		`{"txt": "x"}`:             `no member "text"`,
		`{"text": null}`:           `no member "text"`,
		`{"text": 5}`:              `"text" is no string`,
		`{"text": "", "lang": []}`: `"lang" is no string`,
		`["x"]`:                    "no JSON object",
		"{\"text\": \"\xff\"}":     "UTF-8",
		`{"text": "\ud800"}`:       "no JSON",
		`{"text": "a"} {}`:         "no JSON",
	} {
		in := `{"text":"a"}` + "\n" + bad + "\n" + `{"text":"b"}`
		out, _, err := screened(t, in, screen.Screen{JSON: true}, screen.Auto)
		var line *screen.LineError
		if !errors.As(err, &line) || line.Line != 2 || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "0171") || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: %v\n%s", bad, err, out)
		}
		out, report, err := screened(t, in, screen.Screen{JSON: true, KeepGoing: true}, screen.Auto)
		if err != nil || report.Bad != 1 || report.Texts != 2 || strings.Count(out, "\n") != 3 || !strings.Contains(out, `{"error":"line 2: `) {
			t.Errorf("%s: %v %+v\n%s", bad, err, report, out)
		}
	}
}

func TestFrom(t *testing.T) {
	in := "0171 3920077 ana@other.example.com"
	out, _, err := screened(t, in, screen.Screen{JSON: true, From: pii.Certain}, screen.PlainText)
	if err != nil || !strings.Contains(out, `"redacted":"0171 3920077 [EMAIL_1]"`) || strings.Contains(out, `"PHONE"`) {
		t.Errorf("%v, %s", err, out)
	}
}

func TestSummary(t *testing.T) {
	r := screen.Report{Texts: 3, With: 2, Types: map[string]int{"PHONE": 1, "EMAIL": 2}}
	if got, want := r.Summary(), "2 of 3 texts hold personal data: EMAIL 2, PHONE 1"; got != want {
		t.Errorf("%s", got)
	}
}

// endless gives a line that does not end.
type endless struct{ given int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.given += len(b)
	return len(b), nil
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	var in endless
	_, err := screen.NewReader(&in, screen.PlainText, screen.Text{}).Next()
	if err == nil || !strings.Contains(err.Error(), "line 1: longer than 16 MiB") || in.given > screen.MaxLine+1<<20 {
		t.Errorf("%v after %d bytes", err, in.given)
	}
}

func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := screen.Screen{}
	if _, err := s.Run(ctx, screen.NewReader(strings.NewReader("a"), screen.Auto, screen.Text{}), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, _, err := screened(t, "a\n", screen.Screen{}, screen.Auto); err != nil {
		t.Error(err)
	}
}
