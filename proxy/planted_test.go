package proxy_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

var renew = flag.Bool("update", false, "write the lists of members that go on unread anew")

// planted are values that are put into every string of every example: nothing
// of them may be left in the record, and where policy wants them changed,
// nothing in what goes on. The second is how a flow writes them, in JSON inside
// the string.
var planted = []string{"Zzz.Qqq@example.org", `{"answer":"write to \u005azz.Qqq@example.org"}`}

const mark = "zz.qqq"

// plant gives the document once for each string in it, with value there.
func plant(t *testing.T, doc []byte, value string) (out [][]byte, paths []string) {
	t.Helper()
	var root any
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any, set func(any))
	walk = func(path string, v any, set func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for name := range v {
				walk(path+"."+name, v[name], func(x any) { v[name] = x })
			}
		case []any:
			for i := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), v[i], func(x any) { v[i] = x })
			}
		case string:
			set(value)
			raw, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			out, paths = append(out, raw), append(paths, path)
			set(v)
		}
	}
	walk("", root, func(any) {})
	return out, paths
}

func samples(t *testing.T, kind string) []string {
	t.Helper()
	all, err := filepath.Glob("dialect/testdata/" + kind + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range all {
		if !strings.HasSuffix(file, ".golden.json") {
			out = append(out, file)
		}
	}
	return out
}

func shows(raw []byte) bool {
	s := strings.ToLower(string(raw))
	return strings.Contains(s, mark) || strings.Contains(s, `\u005azz`)
}

func planter(t *testing.T) *pii.Scanner {
	t.Helper()
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rewritten are a message's texts after treatment, those that changed.
func rewritten(s *pii.Scanner, texts []message.Phrase) []message.Phrase {
	var out []message.Phrase
	for _, x := range texts {
		hint := pii.Hint{Label: pii.LabelOf(x.Path)}
		done, _ := s.TreatValue(x.Value, hint, pii.Treatment{Sink: pii.Forward}, nil, nil)
		if done.Changed {
			out = append(out, message.Phrase{Path: x.Path, Value: done.Text})
		}
	}
	return out
}

// TestPlantedSends puts a value into every string of every example of a send.
// What decodes must not show it in the record; what leaves does not either,
// since policy asks for it.
func TestPlantedSends(t *testing.T) {
	s, passed := planter(t), map[string]bool{}
	taken := 0
	for _, file := range samples(t, "send") {
		doc, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(file), "-")
		for _, value := range planted {
			bodies, paths := plant(t, doc, value)
			for i, body := range bodies {
				m, problem := dialect.DecodeSend(dialect.Dialect(name), "application/json", body)
				if problem != nil || !shows(m.Content) {
					continue
				}
				taken++
				content := append(append([]byte(`{"`+string(m.Type)+`":`), m.Content...), '}')
				kept, err := s.Redact(content, pii.Hint{}, pii.Treatment{})
				if err != nil || shows(kept.Body) {
					t.Errorf("%s: %s stands in the record: %v", file, paths[i], err)
				}
				leaves, problem := dialect.ApplyTexts(m, rewritten(s, m.Texts))
				if problem == nil && shows(leaves.Content) {
					passed[bare(paths[i])] = true
				}
			}
		}
	}
	if taken < 150 {
		t.Errorf("%d values were taken: the test proves little", taken)
	}
	checkPassed(t, "testdata/passes-send.txt", passed)
}

// TestPlantedWebhooks does the same for what people send.
func TestPlantedWebhooks(t *testing.T) {
	s, passed := planter(t), map[string]bool{}
	taken := 0
	for _, file := range samples(t, "webhook") {
		doc, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range planted {
			bodies, paths := plant(t, doc, value)
			for i, body := range bodies {
				events, err := dialect.DecodeWebhook(body)
				if err != nil {
					t.Fatal(err)
				}
				for k := range events {
					if e := &events[k]; shows(e.Raw) {
						taken++
						if checkPlanted(t, s, e, file+": "+paths[i]) {
							passed[bare(paths[i])] = true
						}
					}
				}
			}
		}
	}
	if taken < 500 {
		t.Errorf("%d values were taken: the test proves little", taken)
	}
	checkPassed(t, "testdata/passes-webhook.txt", passed)
}

// checkPlanted reports whether the value reaches an app as it came. It may not
// stand in the record.
func checkPlanted(t *testing.T, s *pii.Scanner, e *message.Event, where string) (passes bool) {
	t.Helper()
	kept, err := s.Redact(e.Raw, pii.Hint{}, pii.Treatment{})
	if err != nil || shows(kept.Body) {
		t.Errorf("%s stands in the record: %v", where, err)
	}
	for _, d := range []dialect.Dialect{dialect.Cloud, dialect.OnPrem} {
		body, wanted := dialect.EncodeEvent(d, e, dialect.Rewrite{
			ID: func(string) string { return "id" }, MediaID: func(string) string { return "id" }, Texts: rewritten(s, e.Texts),
		})
		passes = passes || wanted && shows(body)
	}
	return passes
}

var index = regexp.MustCompile(`\[\d+\]|^\.entry\[\d+\]\.changes\[\d+\]\.value`)

// bare is a path without the places in lists and the envelope.
func bare(path string) string { return index.ReplaceAllString(path, "") }

// checkPassed compares the members that go on as they came, whatever stands in
// them, with the list of those that may: ids, words of the API, times, and whom
// a message is from and to. A member that somebody writes a text into is none.
func checkPassed(t *testing.T, golden string, passed map[string]bool) {
	t.Helper()
	got := strings.Join(slices.Sorted(maps.Keys(passed)), "\n") + "\n"
	if *renew {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden) //nolint:gosec // test data
	if err != nil || got != string(want) {
		t.Errorf("other members than those of %s go on unread (%v); look at each, then go test ./proxy -run Planted -update:\n%s", golden, err, got)
	}
}
