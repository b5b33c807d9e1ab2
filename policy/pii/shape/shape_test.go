package shape

import "testing"

// found is what a pass over a text finds: row and value.
type found struct{ row, value string }

// scan calls the recognisers as the engine does.
func scan(s string) (all []found) {
	floor := 0
	for i := 0; i < len(s); {
		var m Match
		var ok bool
		end := i + 1
		if class[s[i]]&isAlnum != 0 {
			end = span(s, i, len(s), isAlnum)
			m, ok = Token(s, i, end, floor)
		} else if Marks[s[i]] {
			m, ok = Mark(s, i, floor)
		}
		if ok {
			if m.Row != Plain {
				all = append(all, found{m.Row, s[m.Start:m.End]})
			}
			end, floor = max(m.End, end-(end-i)+1), m.End
		}
		i = end
	}
	return all
}

// expect compares the first finding, or none.
func expect(t *testing.T, text, row, value string) {
	t.Helper()
	got := scan(text)
	if row == "" {
		if len(got) > 0 {
			t.Errorf("%q: found %v, want nothing", text, got)
		}
		return
	}
	if len(got) == 0 || got[0] != (found{row, value}) {
		t.Errorf("%q: found %v, want %s %q", text, got, row, value)
	}
}
