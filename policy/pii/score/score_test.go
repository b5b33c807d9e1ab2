package score_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/score"
)

// says finds what it is told to, whatever the text.
type says []pii.Finding

func (s says) Scan(_ string, _ pii.Hint, dst []pii.Finding) []pii.Finding { return append(dst, s...) }

func read(t *testing.T, lines string) []score.Item {
	t.Helper()
	items, err := score.Read(strings.NewReader(lines), score.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func found(kind pii.Type, level pii.Level, start, end int) pii.Finding {
	return pii.Finding{Type: kind, Level: level, Start: start, End: end}
}

// TestCounting: what counts as found, right and wrong.
func TestCounting(t *testing.T) {
	const card = `{"text":"4111 1111 1111 1111 ok","spans":[[0,19,"CREDIT_CARD"]],"kind":"pii"}`
	const typo = `{"text":"4111 1111 1111 1112 ok","spans":[{"start":0,"end":19,"type":"CREDIT_CARD","family":"wrong_checksum/card"}]}`
	tests := []struct {
		name, line string
		found      says
		want       score.Count
		alarms     int
	}{
		{"whole", card, says{found("CREDIT_CARD", pii.Certain, 0, 19)}, score.Count{Labels: 1, Found: 1, Right: 1}, 0},
		{"15 of 16 digits", card, says{found("CREDIT_CARD", pii.Likely, 0, 18)}, score.Count{Labels: 1, Found: 1, Right: 1}, 0},
		{"14 of 16 digits", card, says{found("CREDIT_CARD", pii.Likely, 0, 17)}, score.Count{Labels: 1, Wrong: 1}, 0},
		{"in two pieces", card, says{found("CREDIT_CARD", pii.Likely, 0, 9), found("CREDIT_CARD", pii.Likely, 10, 19)}, score.Count{Labels: 1, Found: 1, Right: 2}, 0},
		{"too weak", card, says{found("CREDIT_CARD", pii.Possible, 0, 19)}, score.Count{Labels: 1}, 0},
		{"another type", card, says{found("PHONE", pii.Likely, 0, 19)}, score.Count{Labels: 1, Wrong: 1}, 0},
		{"wrong checksum, possible", typo, says{found("CREDIT_CARD", pii.Possible, 0, 19)}, score.Count{Labels: 1, Found: 1, Right: 1}, 0},
		{"wrong checksum, missed", typo, nil, score.Count{Labels: 1}, 0},
		{"beside", card, says{found("CREDIT_CARD", pii.Certain, 0, 19), found("CREDIT_CARD", pii.Likely, 20, 22)}, score.Count{Labels: 1, Found: 1, Right: 1, Wrong: 1}, 0},
		{"a type never labelled", card, says{found("CREDIT_CARD", pii.Certain, 0, 19), found("OTP", pii.Likely, 20, 22)}, score.Count{Labels: 1, Found: 1, Right: 1}, 0},
		{"clean", `{"text":"ok","spans":[],"kind":"clean"}`, says{found("OTP", pii.Likely, 0, 2)}, score.Count{Wrong: 1}, 1},
		{"clean, weak", `{"text":"ok","spans":[]}`, says{found("OTP", pii.Possible, 0, 2)}, score.Count{}, 0},
	}
	for _, tt := range tests {
		r := score.Run(tt.found, read(t, tt.line), score.Options{})
		if r.All != tt.want || r.Alarms != tt.alarms {
			t.Errorf("%s: %+v and %d alarms, want %+v and %d", tt.name, r.All, r.Alarms, tt.want, tt.alarms)
		}
	}
}

// TestSwallowingIsWrong: a finding over half a message is not right because a
// value lies in it.
func TestSwallowingIsWrong(t *testing.T) {
	line := `{"text":"call 030 1234567 if there is anything that I can do","spans":[[5,16,"PHONE"]],"kind":"pii"}`
	r := score.Run(says{found("PHONE", pii.Certain, 0, 51)}, read(t, line), score.Options{})
	if r.All.Wrong != 1 || r.All.Right != 0 {
		t.Errorf("%+v", r.All)
	}
}

// TestOffsets: bytes and characters, by rule, never by guess.
func TestOffsets(t *testing.T) {
	const text = `"text":"é é a@b.example"`
	bytes := read(t, `{`+text+`,"spans":[[6,17,"EMAIL"]]}`)
	characters := read(t, `{`+text+`,"spans":[[4,15,"EMAIL"]],"offsets":"characters"}`)
	if bytes[0].Labels[0] != characters[0].Labels[0] {
		t.Errorf("%v and %v", bytes[0].Labels, characters[0].Labels)
	}
}

// TestReadRefuses: a line that cannot be read is named, with what to do.
// TestMarkBeforeTheMessages: the mark that editors put before a text is no part of it.
func TestMarkBeforeTheMessages(t *testing.T) {
	items, err := score.Read(strings.NewReader("\uFEFF"+`{"text":"hi","spans":[]}`+"\r\n"), score.Bytes)
	if err != nil || len(items) != 1 {
		t.Errorf("%d messages, %v", len(items), err)
	}
}

func TestReadRefuses(t *testing.T) {
	good := `{"text":"a","spans":[]}` + "\n"
	for line, want := range map[string]string{
		`nonsense`:                                                  "line 2: is no labelled message; write {",
		`{"spans":[]}`:                                              `line 2: has no "text"`,
		`{"text":"a"}`:                                              `line 2: has no "spans"; write []`,
		`{"text":"a","spans":[[0,1]]}`:                              `line 2: span 1: write [start,end,"TYPE"]`,
		`{"text":"a","spans":[{}]}`:                                 `line 2: span 1: write [start,end,"TYPE"]`,
		`{"text":"a","spans":[[0,2,"OTP"]]}`:                        "line 2: span 1: does not lie within the text",
		`{"text":"a","spans":[[1,1,"OTP"]]}`:                        "line 2: span 1: does not lie within the text",
		`{"text":"é","spans":[[0,1,"OTP"]]}`:                        "line 2: span 1: cuts a character; if the offsets count characters, say so",
		`{"text":"a","spans":[[0,1,"OTP"]],"kind":"clean"}`:         `line 2: is of kind "clean" and has spans`,
		`{"text":"a","spans":[[0,1,"OTP"]],"offsets":"words"}`:      `line 2: span 1: offsets "words" are not known`,
		`{"text":"a","spans":[[0,2,"OTP"]],"offsets":"characters"}`: "line 2: span 1: does not lie within the text",
		`{"text":"` + strings.Repeat("a", 5<<20) + `","spans":[]}`:  "line 2: longer than 4 MiB",
	} {
		_, err := score.Read(strings.NewReader(good+line), score.Bytes)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", line, err, want)
		}
	}
	if _, err := score.Read(strings.NewReader("\n"), score.Bytes); err == nil {
		t.Error("an empty file is a set")
	}
}

// TestValuesAreShownIfAsked, and only then.
func TestValuesAreShownIfAsked(t *testing.T) {
	items := read(t, `{"text":"xyzzy","spans":[[0,5,"NAME"]]}`)
	for _, show := range []bool{false, true} {
		var out bytes.Buffer
		if err := score.Run(says{}, items, score.Options{Show: show}).Write(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "xyzzy") != show {
			t.Errorf("show %v:\n%s", show, &out)
		}
	}
}

// TestClassOfBareLabels: labels that name no class get it from how they are
// written.
func TestClassOfBareLabels(t *testing.T) {
	for line, want := range map[string]string{
		`{"text":"111.444.777-35","spans":[[0,14,"NATIONAL_ID"]]}`:      "A",
		`{"text":"11144477735","spans":[[0,11,"NATIONAL_ID"]]}`:         "B",
		`{"text":"123-45-6789","spans":[[0,11,"NATIONAL_ID"]]}`:         "B",
		`{"text":"12345678Z","spans":[[0,9,"NATIONAL_ID"]]}`:            "A",
		`{"text":"+44 7400 122893","spans":[[0,15,"PHONE"]]}`:           "A",
		`{"text":"07400 122893","spans":[[0,12,"PHONE"]]}`:              "B",
		`{"text":"4111 1111 1111 1111","spans":[[0,19,"CREDIT_CARD"]]}`: "A",
		`{"text":"4111111111111111","spans":[[0,16,"CREDIT_CARD"]]}`:    "B",
		`{"text":"a@b.example","spans":[[0,11,"EMAIL"]]}`:               "A",
		`{"text":"C01X00T47","spans":[[0,9,"PASSPORT"]]}`:               "C",
		`{"text":"1 Main St","spans":[[0,9,"ADDRESS"]]}`:                "D",
	} {
		r := score.Run(says{}, read(t, line), score.Options{})
		if r.Goals[0].Key != want {
			t.Errorf("%s: class %s, want %s", line, r.Goals[0].Key, want)
		}
	}
}

// TestNamesAreTold: the names of the person's profile reach the scanner.
func TestNamesAreTold(t *testing.T) {
	var told []string
	score.Run(listens(func(h pii.Hint) { told = h.Names }), read(t, `{"text":"hi","names":["Ann"],"spans":[],"kind":"clean"}`), score.Options{})
	if len(told) != 1 || told[0] != "Ann" {
		t.Errorf("told %v", told)
	}
}

type listens func(pii.Hint)

func (l listens) Scan(_ string, h pii.Hint, dst []pii.Finding) []pii.Finding { l(h); return dst }

// TestJSON: what programs read.
func TestJSON(t *testing.T) {
	r := score.Run(says{found("EMAIL", pii.Certain, 0, 11)}, read(t, `{"lang":"en","text":"a@b.example","spans":[[0,11,"EMAIL"]]}`), score.Options{})
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const row = `{"key":"EMAIL","labels":1,"found":1,"named":0,"right":1,"wrong":0,"recall":1.000,"precision":1.000,"f1":1.000}`
	if !strings.Contains(string(raw), row) {
		t.Errorf("no %s in %s", row, raw)
	}
	if none, err := json.Marshal(score.Count{}); err != nil || !strings.Contains(string(none), `"recall":null`) {
		t.Errorf("%s, %v", none, err)
	}
}
