package shape

import (
	"strings"
	"testing"
	"unicode/utf8"

	"postern/policy/pii/catalog"
)

// found is what a pass over a text finds: row and value.
type found struct{ row, value string }

// pass calls the recognisers as the engine does.
func pass(s string, yield func(Match)) {
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
			yield(m)
			end, floor = max(m.End, i+1), m.End
		}
		i = end
	}
}

func scan(s string) (all []found) {
	pass(s, func(m Match) {
		if m.Row != Plain {
			all = append(all, found{m.Row, s[m.Start:m.End]})
		}
	})
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

// The catalog's examples are found, under the catalog's names.
func TestExamples(t *testing.T) {
	named := map[string]bool{}
	for _, r := range catalog.Rows() {
		named[r.Name] = true
		got := scan(r.Example)
		if len(got) > 0 && got[0].row != r.Name && len(r.Forms) == 0 {
			t.Errorf("the example of %s is taken for %s", r.Name, got[0].row)
		}
	}
	for _, row := range rows {
		if !named[row] {
			t.Errorf("the catalog has no row %s", row)
		}
		delete(named, row)
	}
	for _, r := range catalog.Rows() {
		if !named[r.Name] && len(scan(r.Example)) == 0 && !behind(r) {
			t.Errorf("the example of %s is not found", r.Name)
		}
	}
}

// behind reports that a reader of the row's label finds it in its example.
func behind(r catalog.Row) bool {
	for _, topic := range r.Labels {
		for from := range r.Example {
			if read := Behind[topic]; read != nil {
				if m, ok := read(r.Example, from); ok && m.Row == r.Name {
					return true
				}
			}
		}
	}
	return false
}

var rows = []string{rowEmail, rowSpelled, rowUPI, rowURL, rowLogin, rowPhone, rowIBAN, rowIP, rowIPLocal, rowIPv6, rowMAC, rowMeta, rowCloud, rowJWT, rowPEM,
	rowSecret, rowWAMID, rowTrack, rowMRZ, rowGeo, rowPlus, rowPlusShort, rowMap, rowWords, rowBTC, rowETH, rowTRX, rowLTC, rowDOGE, rowXRP, rowADA, rowXMR,
	rowSOL, rowKey, rowPassword, rowOTP, rowPIN, rowCVV, rowExpiry, rowName, rowAddress, rowRecord, rowPlate, rowBirth}

// FuzzPass: no panic, spans in order, within the text and on the bounds of
// runes, and a finding is found again in its own text.
func FuzzPass(f *testing.F) {
	for _, s := range []string{"a@b.com", "https://x.y/?token=abcdEFGH1234", "P<UTO<<", "52.5200, 13.4050", "48°51'24\"N 2°21'03\"E", "::1", "8FVC9G8F+6X",
		"wamid.HBgL", "eyJhbGciOiJI.x.y", "-----BEGIN PRIVATE KEY-----", "4111111111111111=2512101", "\xff@\xc3.\xc2", "用户@例子.广告", "IBANDE89370400440532013000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		pass(s, func(m Match) {
			if m.Start < last || m.End <= m.Start || m.End > len(s) || m.OneIn < 1 {
				t.Fatalf("%q: %+v behind %d", s, m, last)
			}
			last = m.End
			if utf8.ValidString(s) && !(utf8.ValidString(s[:m.Start]) && utf8.ValidString(s[:m.End])) {
				t.Fatalf("%q: %+v cuts a rune", s, m)
			}
			if m.Row != Plain && m.Checked && m.Broken {
				t.Fatalf("%+v is right and wrong", m)
			}
		})
	})
}

// TestWork counts nothing but calls: a text made of anchors alone is read in
// bounded steps, so the longest of them ends within the test's patience.
func TestWork(t *testing.T) {
	for _, unit := range []string{"@", "a@", "a.", "1.", "://", "a://", "<", "A<", "^", "=", "+", "°", ":", "a:", "eyJ", "-----BEGIN PRIVATE KEY-----", "EAA",
		"\"@", "DE89 ", "bc1q", "///a.", "1.2345 ", "HBg", "key=", "x@a.b.c.d.", "wa.me/"} {
		pass(strings.Repeat(unit, (1<<20)/len(unit)), func(Match) {})
	}
}
