package dialect

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// mutations are values put in the place of every value of every example, each
// in turn. All must be refused or leave exactly as policy saw them.
var mutations = []string{`null`, `""`, `" "`, `" x "`, `"x"`, `"+1"`, `"https://x.example/a"`, `"\u0000"`, `"\u2028\ud83d\ude00<&>"`, `"a\"b\\c"`,
	`0`, `-1`, `1.50`, `1e3`, `1e400`, `12345678901234567890`, `true`, `{}`, `[]`, `[null]`, `[{}]`, `{"type":"text"}`, `{"x":null}`,
	`"` + strings.Repeat("é", 5000) + `"`}

func TestMutatedSends(t *testing.T) {
	taken := 0
	for _, file := range inputs(t, "testdata/send/*.json") {
		body, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		for _, mutated := range mutate(t, body, mutations) {
			for _, d := range []Dialect{dialectOf(file), OnPrem, Cloud} {
				m, p := DecodeSend(d, "application/json", mutated)
				if p != nil {
					continue
				}
				taken++
				checkRoundTrip(t, m)
				same, p := ApplyTexts(m, m.Texts)
				if p != nil || !bytes.Equal(same.Content, m.Content) || !reflect.DeepEqual(same.Texts, m.Texts) {
					t.Errorf("texts put back change the message: %+v\n%s", p, m.Content)
				}
				if t.Failed() {
					t.Fatalf("%s: %.300s", filepath.Base(file), mutated)
				}
			}
		}
	}
	if taken < 1000 {
		t.Errorf("only %d mutated sends were taken: the test proves little", taken)
	}
}

func TestMutatedWebhooks(t *testing.T) {
	for _, file := range inputs(t, "testdata/webhook/*.json") {
		body, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		for _, mutated := range mutate(t, body, mutations[:len(mutations)-1]) {
			events, err := DecodeWebhook(mutated)
			if err != nil && mutated[0] == '{' || err == nil && len(events) == 0 {
				t.Fatalf("%v, %d events: %.300s", err, len(events), mutated)
			}
			for i := range events {
				checkEvent(t, &events[i])
			}
		}
	}
}

// mutate gives the body once for every value and mutation, and once for every
// member left out.
func mutate(t *testing.T, body []byte, values []string) [][]byte {
	t.Helper()
	tr, err := parse(body, true)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for n := 1; n < len(tr.nodes); n++ {
		d := tr.nodes[n]
		for _, v := range values {
			out = append(out, []byte(tr.src[:d.at]+v+tr.src[d.end:]))
		}
		tr.nodes[n].gone = true
		out = append(out, tr.write(nil, 0))
		tr.nodes[n].gone = false
	}
	return out
}
