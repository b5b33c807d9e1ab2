package score_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"postern/policy/pii/score"
)

// FuzzRead: a labelled file is refused or gives labels that lie within their
// texts, on characters, and can be scored.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"text":"é a@b.example","spans":[[3,14,"EMAIL"]],"kind":"pii"}`), false)
	f.Add([]byte(`{"text":"é","spans":[{"start":0,"end":1,"type":"NAME","class":"D","family":"wrong_checksum/x"}]}`), true)
	f.Add([]byte("{\"text\":\"\\ud800\",\"spans\":[],\"names\":[\"\"]}\n\n{}"), true)
	f.Fuzz(func(t *testing.T, raw []byte, characters bool) {
		offsets := score.Bytes
		if characters {
			offsets = score.Characters
		}
		items, err := score.Read(bytes.NewReader(raw), offsets)
		if err != nil {
			return
		}
		var all says
		for _, it := range items {
			for _, l := range it.Labels {
				if l.Start < 0 || l.Start >= l.End || l.End > len(it.Text) || !utf8.RuneStart(it.Text[l.Start]) {
					t.Fatalf("line %d: %d to %d of %d bytes", it.Line, l.Start, l.End, len(it.Text))
				}
			}
		}
		if r := score.Run(all, items, score.Options{}); r.All.Found != 0 || r.Messages != len(items) {
			t.Fatalf("%+v of %d messages", r.All, len(items))
		}
	})
}
