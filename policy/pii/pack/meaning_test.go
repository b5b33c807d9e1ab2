package pack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
	"postern/policy/pii/pack"
)

// one loads a pack of one entity, A_NO, that is written in some way.
func one(t *testing.T, written, match, not string) *pii.Scanner {
	t.Helper()
	s := load(t, map[string][]byte{"pii/a.yaml": []byte("pack: a\nentities:\n  A_NO: {" + written + ", examples: {match: ['" + match + "'], no_match: ['" + not + "']}}\n")})
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return scanner
}

// TestWaysOfPatterns says of ways to write an entity which texts hold one, and how sure
// that is.
func TestWaysOfPatterns(t *testing.T) {
	for _, c := range []struct {
		written, match, not string
		found, left         []string
	}{
		{`pattern: 'AC-\d{5}'`, "AC-12345", "AC-1", []string{"xAC AC-12345.", "客AC-12345客"}, []string{"ac-12345", "XAC-12345", "AC-123456"}},
		{`pattern: 'AC-\d{5}', fold: true`, "ac-12345", "AC-1", []string{"Ac-12345", "AC-12345"}, nil},
		{`pattern: 'AC-\d{5}', fold: false`, "AC-12345", "ac-12345", nil, nil},
		{`pattern: 'AC-\d{5}', whole_word: false`, "XAC-123456", "AC-1", []string{"AC-12345", "AC-12345x"}, nil},
		{`pattern: 'AC-\d{5}', whole_word: true`, "AC-12345", "AC-123456", nil, nil},
		{`pattern: 'A(\d{5})', check: luhn`, "A12344", "A12345", []string{"A12345 A12344", "A00000"}, []string{"A12345", "A12346 A12347"}},
		{`pattern: 'A([a-z])(\d{5})(?:-(\d))?', check: mod37_36`, "Aa12425-s, Aa1242502", "Aa12425", nil, nil},
		{`pattern: 'K(\d{3})-?(\d{8})', check: BR_CPF`, "K529-98224725", "K529-98224726", []string{"K52998224725"}, []string{"529.982.247-25 no K here"}},
		{`shape: 'V ####-@*'`, "V 1234-xZ", "V 123-xZ", []string{"v1234a9", "V 1234 b1", "V.1234/b1"}, []string{"V 1234-1b", "V 1234--bb", "V 12345-b1"}},
		{`pattern: 'K(\d{3}\.\d{3}\.\d{3}-\d{2})', check: BR_CPF`, "K529.982.247-25", "K529.982.247-26", nil, nil},
		{`pattern: '[A-Z]\d{5}[A-Z]{4}\d{7}[A-Z]', fold: true, check: mod37_36`, "a12425gabc1234002m", "a12425gabc1234002n", []string{"A12425GABC1234002M"}, nil},
		{`shape: 'V.*{3,5}'`, "Vabc", "Vab", []string{"V.12345", "v 12c"}, []string{"V123456"}},
		{`shape: 'V@{2}'`, "Vab", "Va1", nil, []string{"Vabc", "V12"}},
	} {
		if strings.Contains(c.written, "mod37_36") { // ISO/IEC 7064's own example is A12425GABC1234002M
			c.written, c.match, c.not = `pattern: '([A-Z]\d{5})([A-Z]{4})(\d{7}[A-Z])', check: mod37_36`, "A12425GABC1234002M", "A12425GABC1234002N"
			c.found, c.left = []string{"no. A12425GABC1234002M"}, nil
		}
		scanner := one(t, c.written, c.match, c.not)
		for text, want := range merged(append(c.found, c.match), append(c.left, c.not)) {
			found := slices.ContainsFunc(scanner.Scan(text, pii.Hint{}, nil), func(f pii.Finding) bool { return f.Entity == "A_NO" })
			if found != want {
				t.Errorf("%s: %q is found: %v", c.written, text, found)
			}
		}
	}
}

func merged(found, left []string) map[string]bool {
	out := map[string]bool{}
	for _, t := range found {
		out[t] = true
	}
	for _, t := range left {
		out[t] = false
	}
	return out
}

// TestLevels: a level is what is given without a word beside the value; a word makes it
// certain, and a check is told among the reasons.
func TestLevels(t *testing.T) {
	for level, want := range map[string]pii.Level{"possible": pii.Possible, "likely": pii.Likely, "certain": pii.Certain, "": pii.Likely} {
		written := `pattern: 'A(\d{5})', check: luhn, context: {en: [member]}`
		if level != "" {
			written += ", level: " + level
		}
		scanner := one(t, written, "A12344", "A12345")
		alone, beside := scanner.Scan("A12344", pii.Hint{}, nil)[0], scanner.Scan("member A12344", pii.Hint{}, nil)[0]
		if alone.Level != want || beside.Level != pii.Certain || alone.Score <= 0 || beside.Score < alone.Score || alone.Score > 300 {
			t.Errorf("%q: alone %v (%d), beside a word %v (%d)", level, alone, alone.Score, beside, beside.Score)
		}
		if alone.Reasons != pii.ByPattern|pii.ByChecksum || beside.Reasons != pii.ByPattern|pii.ByChecksum|pii.ByLabel {
			t.Errorf("%q: %v, beside a word %v", level, alone.Reasons.Names(), beside.Reasons.Names())
		}
	}
	if f := one(t, `pattern: '99\d{5}', check: luhn`, "9912346", "9912341").Scan("9912346", pii.Hint{}, nil)[0]; f.Reasons != pii.ByPattern|pii.ByChecksum {
		t.Errorf("without groups: %v", f.Reasons.Names())
	}
	if f := one(t, `pattern: 'A\d{5}'`, "A12344", "A1").Scan("A12344", pii.Hint{}, nil)[0]; f.Reasons != pii.ByPattern {
		t.Errorf("without a check: %v", f.Reasons.Names())
	}
}

// TestAllowed: what is allowed is allowed in any grouping and case, and nothing near it.
func TestAllowed(t *testing.T) {
	s := load(t, map[string][]byte{"pii/a.yaml": []byte(`pack: a
allow: {emails: ['desk-?@acme.example.com', '*@*.acme.example.org', 'Info@Acme.Example.net'], values: ['a.b@x.example', 'Straße 1'], patterns: ['AC-[0-9]+']}
`)})
	cfg := s.Config()
	for value, want := range map[string]bool{
		"desk-1@acme.example.com": true, "DESK-2@ACME.example.com": true, "desk-12@acme.example.com": false, "a@b.acme.example.org": true, "a@acme.example.org": false,
		"info@acme.example.net": true, "a.b@x.example": true, "A.B@X.Example": true, "ab@x.example": false, "a.b.x.example": false, "strasse 1": false, "STRAßE-1": true, "Strae 1": false,
		"AC-123": true, "AC-123x": false, "xAC-123": false, "": false,
	} {
		if got := cfg.Allow(pii.Finding{Type: pii.Email}, value); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	if cfg.Allow(pii.Finding{Type: pii.Phone}, "desk-1@acme.example.com") {
		t.Error("an address that is allowed is allowed as a phone")
	}
}

// TestAdds: whoever adds nothing needs no scanner of its own; any of what can be added
// does.
func TestAdds(t *testing.T) {
	for body, want := range map[string]bool{
		"": false, "policy: [{types: [PHONE], action: drop}]": false, "tests: [{text: hi, expect: []}]": false,
		"countries: [DE]": true, "negative_context: {de: [wort]}": true, "allow: {values: [a1]}": true, "allow: {emails: ['*@a.example']}": true, "allow: {patterns: [AC]}": true,
		"entities: {A_W: {words: [w1], examples: {match: [w1], no_match: [w2]}}}": true,
	} {
		s := load(t, map[string][]byte{"pii/a.yaml": []byte("pack: a\n" + body + "\n")})
		if s.Adds() != want {
			t.Errorf("%s: adds %v", body, s.Adds())
		}
	}
	s := load(t, map[string][]byte{"lexicons/promises.yaml": []byte(promises)})
	if !s.Adds() || (&pack.Set{}).Adds() {
		t.Error("a lexicon adds nothing, or nothing adds")
	}
	if n := s.Examples(); n != 7 {
		t.Errorf("%d examples of a lexicon", n)
	}
}

// TestWhatIsKnown: classes, types, what is included before what includes, and files that
// are read.
func TestWhatIsKnown(t *testing.T) {
	s := load(t, files("pii/b.yaml", "pack: b\ninclude: [acme]\noriginal: erase\nentities:\n  B_NO: {class: A, words: [b1], examples: {match: [b1], no_match: [c1]}}\n", "pii/z.yaml", "pack: z\ninclude: [b, acme]\n"))
	var names []string
	for _, p := range s.Known() {
		names = append(names, p.Name)
	}
	if strings.Join(names, " ") != "acme b z" || strings.Join(s.Known()[2].Include, " ") != "b acme" {
		t.Errorf("%v, the last includes %v", names, s.Known()[2].Include)
	}
	own := load(t, map[string][]byte{"pii/a.yaml": []byte("does_not_achieve: 2026-01-01\npack: a\nentities:\n  A_NO: {type: ACME_NUMBERS, pattern: 'AC-\\d{7}', examples: {match: [AC-1234567], no_match: [AC-1]}}\npolicy: [{types: [ACME_NUMBERS], sink: record, action: mask, keep_last: 3}]\ntests: [{text: AC-1234567, lang: pt-BR, country: BR, expect: [ACME_NUMBERS]}]\n")})
	if !slices.Contains(own.Types(), "ACME_NUMBERS") || !slices.Contains(own.Types(), "A_NO") {
		t.Errorf("types %v", own.Types())
	}
	read, err := pack.Read(fstest.MapFS{"pii/a.yaml": {Data: []byte("1")}, "pii/README.md": {}, "lexicons/b.txt": {}, "c.yaml": {}}, fstest.MapFS{"pii/a.yaml": {Data: []byte("2")}})
	if err != nil || len(read) != 2 || string(read["pii/a.yaml"]) != "2" {
		t.Errorf("read %v, %v", read, err)
	}
	twice := map[string][]byte{"lexicons/promises.yaml": []byte(promises), "pii/a.yaml": []byte("pack: a\nentities: {A_W: {words: [w1], examples: {match: [w1], no_match: [w2]}}}\n")}
	if _, err := pack.Load(twice, pack.Use{Packs: []string{"a", "a"}, Lexicons: []string{"promises", "promises"}}); err != nil {
		t.Errorf("named twice: %v", err)
	}
	if sets, err := pack.Each(twice, pack.All(twice)); err != nil || len(sets) != 2 {
		t.Errorf("%d sets, %v", len(sets), err)
	}
	if pack.TopicOf(pii.Finding{Type: pii.Email, Entity: "EMAIL"}) != "" || pack.TopicOf(pii.Finding{Type: catalog.Term, Entity: "PROMISES"}) != "promises" || len(s.Spoken(pii.Finding{Type: pii.Email})) != 1 {
		t.Error("a topic of what is no word, or none of a word")
	}
	for entity, want := range map[string]string{"B_NO": "A", "ACME_CONTRACT": "C", "BR_CPF": "A", "NOBODY": ""} {
		if got := s.Class(entity); got != want {
			t.Errorf("%s is of class %q", entity, got)
		}
	}
	for name, want := range map[pii.Type]bool{"*": true, "LEXICON": true, "PHONE": true, "BR_CPF": true, "B_NO": true, "RECORD_ID": true, "C_NO": false} {
		if slices.Contains(s.Types(), name) != want {
			t.Errorf("%s is known: %v", name, !want)
		}
	}
	if s.Original() != pack.EraseOriginal || load(t, files()).Original() != pack.KeepOriginal {
		t.Error("what becomes of originals is not what one pack says")
	}
	for name, want := range map[string]bool{
		"pii/a.yaml": true, "pii/a.txt": true, "lexicons/a.yaml": true, "pii/.a.yaml": false, "pii/README.md": false, "pii/b/a.yaml": false, "a.yaml": false, "rules/a.yaml": false, "pii/a.yml": false,
	} {
		if pack.Ours(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if u := pack.All(map[string][]byte{"pii/a.yaml": nil, "pii/a.txt": nil, "lexicons/b.yaml": nil, "lexicons/b.txt": nil, "c.yaml": nil}); !slices.Equal(u.Packs, []string{"a"}) || !slices.Equal(u.Lexicons, []string{"b"}) {
		t.Errorf("%+v", u)
	}
}

// TestStricter: the order of operators, of masks and of labels.
func TestStricter(t *testing.T) {
	customer, err := pii.RedactAs("CUSTOMER")
	if err != nil {
		t.Fatal(err)
	}
	order := []pii.Operator{pii.Keep, pii.Alert, pii.MaskKeeping(6, 4), pii.Mask, pii.MaskKeeping(0, 2), pii.Token, pii.Hash, pii.Redact, customer, pii.Drop, pii.Block}
	for i, a := range order {
		for k, b := range order {
			if want := order[max(i, k)]; pack.Stricter(pii.CreditCard, a, b) != want {
				t.Errorf("of %s and %s: %s", a, b, pack.Stricter(pii.CreditCard, a, b))
			}
		}
	}
	if got := pack.Stricter(pii.Phone, "nonsense", pii.Hash); got != "nonsense" { // it redacts
		t.Errorf("of what is none and hash: %s", got)
	}
	if got := pack.Stricter(pii.Phone, customer, "redact(OTHER)"); got != customer {
		t.Errorf("of two labels: %s", got)
	}
}

// TestOperatorsOfPacks: of two rules of one kind the stricter counts, of one type and of
// all; words of lexicons are treated by who names them alone; what may never be kept is
// not, whatever is said.
func TestOperatorsOfPacks(t *testing.T) {
	s := load(t, map[string][]byte{"lexicons/promises.yaml": []byte(promises), "pii/a.yaml": []byte(`pack: a
policy:
  - {types: [PHONE], sink: record, action: mask}
  - {types: [PHONE], sink: record, action: drop}
  - {types: [PHONE], sink: record, action: redact}
  - {types: ['*'], sink: record, action: hash}
  - {types: [PROMISES], sink: record, action: alert}
  - {classes: [D], direction: out, sink: forward, action: alert}
`)})
	got := s.Operators(map[string]string{"*": "keep", "EMAIL": "redact"}, pack.Way{Sink: pii.Record})
	if want := (map[string]string{"*": "hash", "PHONE": "drop", "EMAIL": "redact", "PROMISES": "alert"}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	got = s.Operators(map[string]string{"*": "keep", "LEXICON": "keep"}, pack.Way{Sink: pii.Record})
	if got["LEXICON"] != "keep" || got["PROMISES"] != "alert" {
		t.Errorf("words: %v", got)
	}
	got = s.Operators(map[string]string{"*": "keep"}, pack.Way{Outbound: true, Sink: pii.Forward})
	n := 0
	for _, r := range catalog.Rows() {
		if want := r.Class == 'D'; (got[r.Name] == "alert") != want {
			t.Errorf("%s of class %c: %s", r.Name, r.Class, got[r.Name])
		} else if want {
			n++
		}
	}
	if n == 0 || got["*"] != "keep" {
		t.Errorf("%d of class D, the rest %s", n, got["*"])
	}
	if got := s.Operators(map[string]string{"*": "keep"}, pack.Way{Sink: pii.Forward}); !maps.Equal(got, map[string]string{"*": "keep"}) {
		t.Errorf("inbound: %v", got)
	}
	if got := s.Operators(map[string]string{"*": "keep"}, pack.Way{Outbound: true, Sink: pii.Log}); !maps.Equal(got, map[string]string{"*": "keep"}) {
		t.Errorf("logs: %v", got)
	}
	for _, c := range []struct {
		operators map[string]string
		sink      pii.Sink
		f         pii.Finding
		want      pii.Operator
	}{
		{map[string]string{"*": "keep"}, pii.Record, pii.Finding{Type: pii.CardCVV}, pii.Redact}, {map[string]string{"*": "drop"}, pii.Record, pii.Finding{Type: pii.CardCVV}, pii.Drop},
		{map[string]string{"*": "keep"}, pii.Forward, pii.Finding{Type: pii.CardCVV}, pii.Keep}, {map[string]string{"*": "keep"}, pii.Record, pii.Finding{Type: pii.Phone}, pii.Keep},
		{map[string]string{"*": "drop"}, pii.Record, pii.Finding{Type: catalog.Term, Entity: "PROMISES"}, pii.Keep},
		{map[string]string{"*": "drop", "LEXICON": "alert"}, pii.Record, pii.Finding{Type: catalog.Term, Entity: "PROMISES"}, pii.Alert},
		{map[string]string{"*": "drop", "NATIONAL_ID": "mask", "BR_CPF": "hash"}, pii.Record, pii.Finding{Type: catalog.NationalID, Entity: "BR_CPF"}, pii.Hash},
		{map[string]string{"PHONE": "drop"}, pii.Record, pii.Finding{Type: pii.Email}, pii.Keep},
	} {
		if got := pack.Operator(c.operators, c.sink, c.f); got != c.want {
			t.Errorf("%v, sink %d, %v: %s", c.operators, c.sink, c.f, got)
		}
	}
}

// TestShortestValues: how much a mask may show is reckoned from the shortest value that
// an expression or a shape takes.
func TestShortestValues(t *testing.T) {
	for written, least := range map[string]int{
		`pattern: 'AC-\d{7}'`: 9, `pattern: 'A(\d{5}|\d{8})-\d{6}'`: 12, `pattern: '(?:AB|A)\d{8}'`: 9, `pattern: 'A[0-9]+B[A-Z]{6,9}'`: 9, `pattern: 'A\d{8}(\d{3})?'`: 9,
		`pattern: 'A[\d-]{20}B[A-Z]{6}C'`: 9, `pattern: 'Aé[é0-9]{9}\d{7}'`: 8, `shape: 'V ####-@@@@'`: 9, `shape: 'V ##-*{6,9}'`: 9, `pattern: 'A\D{9}\d{8}'`: 9, `pattern: 'A(\d{8}|\d{5})'`: 6,
		`pattern: 'Aű{9}\d{8}'`: 9, `pattern: 'A[\x{130}-\x{139}]{9}\d{8}'`: 9,
	} {
		for keep, good := range map[int]bool{least / 3: true, least/3 + 1: false} {
			body := "pack: a\nentities:\n  A_NO: {" + written + ", needs: label, context: {en: [zz]}, examples: {match: ['zz AC-1234567, zz A12345-123456, zz A12345678, zz A1BABCDEF, zz A12345678901234567890BABCDEFC, zz Aé1234567891234567, zz V 1234-abcd, zz V 12-123456, zz A---------12345678, zz Aűűűűűűűűű12345678, zz AĲĲĲĲĲĲĲĲĲ12345678'], no_match: [none]}}\n" +
				"policy:\n  - {types: [A_NO], sink: record, action: mask, keep_last: " + string(rune('0'+keep)) + "}\n"
			f := map[string][]byte{"pii/a.yaml": []byte(body)}
			_, err := pack.Load(f, pack.All(f))
			if good && err != nil || !good && (err == nil || !strings.Contains(err.Error(), "keep_first and keep_last of "+string(rune('0'+least/3))+" together")) {
				t.Errorf("%s, %d shown: %v", written, keep, err)
			}
		}
	}
	f := map[string][]byte{"pii/a.yaml": []byte("pack: a\nentities:\n  A_W: {words: [abcdefghijkl], examples: {match: [abcdefghijkl], no_match: [no]}}\npolicy:\n  - {types: [A_W], sink: record, action: mask, keep_last: 1}\n")}
	if _, err := pack.Load(f, pack.All(f)); err == nil || !strings.Contains(err.Error(), "values of A_W may be of any length") {
		t.Errorf("words: %v", err)
	}
	f = map[string][]byte{"pii/a.yaml": []byte("pack: a\npolicy:\n  - {types: [BR_CPF], sink: record, action: mask, keep_last: 3}\n  - {types: [NATIONAL_ID], sink: record, action: mask, keep_last: 3}\n  - {types: [BR_CPF], sink: record, action: mask, keep_last: 4}\n  - {types: [NAME], sink: record, action: mask}\n  - {types: [BR_CPF], sink: record, action: mask, keep_first: 0, keep_last: 2}\n")}
	if _, err := pack.Load(f, pack.All(f)); err == nil || strings.Count(err.Error(), "policy[") != 2 || !strings.Contains(err.Error(), "policy[1]: a mask of NATIONAL_ID") || !strings.Contains(err.Error(), "policy[2]: a mask of BR_CPF shows a third at most, and values may have 11") {
		t.Errorf("of the catalogue: %v", err)
	}
}
