package pack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/policy/pii/pack/large"
)

const acme = `does_not_achieve: It does not find numbers that nobody wrote down.
pack: acme
countries: [DE, AT]
entities:
  ACME_CUSTOMER_NO:
    type: RECORD_ID
    pattern: 'AC-\d{8}'
    context: {de: [kundennummer], en: [customer number]}
    examples:
      match: ['Kundennummer AC-12345678', '客户AC-12345678号']
      no_match: ['AC-1234567', 'XAC-12345678', 'AC-123456789']
  ACME_CONTRACT:
    shape: 'V ####-####-#'
    check: luhn
    examples:
      match: ['Vertrag V 4992-7398-5', 'v499273985']
      no_match: ['V 4992-7399-5']
  INSIDER_TERMS:
    deny_list: terms.txt
    fold: true
    whole_word: true
    except: [project blue book]
    examples:
      match: ['have you heard of Project  Blue?', 'über ÖLFELD gesprochen']
      no_match: ['project blueprint', 'the project blue book']
allow:
  emails: ['*@acme.example.com']
  values: ['+49 30 1234567']
  patterns: ['AC-0000000\d']
policy:
  - {types: [RECORD_ID], sink: record, action: hash}
  - {types: [ACME_CONTRACT, EMAIL], direction: out, sink: forward, action: block}
tests:
  - {text: 'Kundennummer AC-12345678', expect: [ACME_CUSTOMER_NO]}
  - {text: 'AC-00000001 help@acme.example.com', expect: []}
`

func files(more ...string) map[string][]byte {
	out := map[string][]byte{"pii/acme.yaml": []byte(acme), "pii/terms.txt": []byte("# comment\nproject blue\n\nölfeld\n")}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = []byte(more[i+1])
	}
	return out
}

func load(t *testing.T, f map[string][]byte) *pack.Set {
	t.Helper()
	s, err := pack.Load(f, pack.All(f))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPack(t *testing.T) {
	s := load(t, files())
	if n := s.Examples(); n != 14 {
		t.Errorf("%d examples", n)
	}
	scanner, err := pii.New(s.Config("CH"))
	if err != nil {
		t.Fatal(err)
	}
	found := scanner.Scan("Kundennummer: AC-12345678", pii.Hint{}, nil)
	if len(found) != 1 || found[0].Type != "RECORD_ID" || found[0].Entity != "ACME_CUSTOMER_NO" || found[0].Level != pii.Certain {
		t.Errorf("%v", found)
	}
	if got := s.Config("CH").Countries; strings.Join(got, " ") != "CH DE AT" {
		t.Errorf("countries %v", got)
	}
	if found := scanner.Scan("mail help@acme.example.com, +49 30 123 45 67 or AC-00000007", pii.Hint{}, nil); len(found) != 0 {
		t.Errorf("allowed, and found: %v", found)
	}
	if found := scanner.Scan("mail ana@acme.example.org, +49 30 123 45 68", pii.Hint{}, nil); len(found) != 2 {
		t.Errorf("not allowed, and not found: %v", found)
	}
}

// TestRefused changes one thing in a good pack and reads what is said of it.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"pack: acme", "pack: Acme", `pii/acme.yaml:2:7: pack: write the name of the file, pack: acme`},
		{"countries:", "countrys:", `pii/acme.yaml:3:1: unknown key "countrys"; write one of does_not_achieve, pack`},
		{"[DE, AT]", "[Germany]", `3:13: countries: write two capital letters`},
		{`'AC-\d{8}'`, `'AC-(\d{8}'`, `7:14: entities.ACME_CUSTOMER_NO.pattern: missing closing ): `},
		{`'AC-\d{8}'`, `'(?=AC)-\d{8}'`, `patterns are RE2: no look-ahead`},
		{`'AC-\d{8}'`, `'\d*'`, `matches the empty text`},
		{`'AC-\d{8}'`, `'^AC-\d{8}$'`, `stand for the ends of the message`},
		{`'AC-\d{8}'`, `'(\d{1,50}-?){1,20}'`, `instructions, more than 2000`},
		{`'AC-\d{8}'`, `'.{4,40}[a-z]{5}\S+'`, `steps for each byte of ordinary chat, more than`},
		{`'AC-\d{8}'`, `'AC-\d{7}'`, `10:15: example: ACME_CUSTOMER_NO is not found in this text`},
		{`'AC-\d{8}'`, `'AC-\d{7,8}'`, `11:18: example: ACME_CUSTOMER_NO is found in this text, and must not be`},
		{"check: luhn", "check: lune", `14:12: entities.ACME_CONTRACT.check: no check is called "lune"; write one of luhn, mod11_10`},
		{"'V ####-####-#'", "'V ####-####-?'", `'?' has no meaning in a shape`},
		{"deny_list: terms.txt", "deny_list: absent.txt", `19:16: entities.INSIDER_TERMS.deny_list: there is no file pii/absent.txt`},
		{"deny_list: terms.txt", "deny_list: ../terms.txt", `name a file in the folder of the pack`},
		{"fold: true", "fold: false", `words are always compared so`},
		{"  INSIDER_TERMS:", "  EMAIL_:\n    words: [x]\n  INSIDER_TERMS:", `entities.EMAIL_: examples are missing`},
		{"  INSIDER_TERMS:", "  BR_CPF:", `18:3: entities.BR_CPF: the name is taken (built in)`},
		{"  INSIDER_TERMS:", "  ACME_CONTRACT:", `entities.ACME_CONTRACT is written twice`},
		{"action: hash", "action: shred", `policy[0].action: write one of keep, alert, mask`},
		{"action: hash", "action: block", `a record cannot be refused`},
		{"sink: record", "sink: log", `no log, metric, alert or event of the gateway holds a value`},
		{"action: hash", "action: mask, keep_first: 6, keep_last: x", `policy[0].keep_last: write a whole number`},
		{"action: hash", "action: mask, keep_first: 2, keep_last: 2", `policy[0]: values of RECORD_ID may be of any length`},
		{"action: hash", "action: redact, keep_first: 2", `policy[0].keep_first: stands with action: mask alone`},
		{"action: hash", "action: mask, keep_first: 0", `a mask that shows nothing is a label`},
		{"action: hash", "action: redact, label: customer", `policy[0]: label "customer": write 3 to 32 capital letters`},
		{"action: hash", "action: hash, label: CUSTOMER", `policy[0].label: stands with action: redact alone`},
		{"types: [RECORD_ID], sink: record, action: hash", "types: [ACME_CUSTOMER_NO], sink: record, action: mask, keep_last: 4", `policy[0]: a mask of ACME_CUSTOMER_NO shows a third at most, and values may have 10 letters and digits; write keep_first and keep_last of 3 together`},
		{"types: [RECORD_ID], sink: record, action: hash", "types: [CREDIT_CARD], sink: record, action: mask, keep_first: 6, keep_last: 5", `policy[0]: a mask of CREDIT_CARD shows the first 6 and the last 4 at most`},
		{"types: [RECORD_ID], sink: record, action: hash", "types: ['*'], sink: record, action: mask, keep_last: 1", `values of * may be of any length`},
		{"types: [RECORD_ID], sink: record, action: hash", "types: [PHONE], sink: record, action: mask, keep_last: 3", `write keep_first and keep_last of 2 together`},
		{"types: [RECORD_ID]", "types: [RECORD]", `policy[0]: no finding is called RECORD;`},
		{"types: [RECORD_ID]", "classes: [E]", `write A, B, C or D`},
		{"expect: [ACME_CUSTOMER_NO]", "expect: [IBAN]", `example: IBAN is not found in this text`},
		{"'AC-00000001 help", "'AC-10000001 help", `example: ACME_CUSTOMER_NO is found in this text, and nothing must be`},
		{"does_not_achieve: It does not find numbers that nobody wrote down.\npack: acme", "pack: acme\ndoes_not_achieve: x", `put it first`},
		{"countries: [DE, AT]", "include: [acme]", `include: pack "acme" includes itself`},
		{"countries: [DE, AT]", "include: [pci]", `3:11: include: no pack is called "pci"; write one of acme`},
		{"countries: [DE, AT]", "countries: {", `not YAML`},
		{"countries: [DE, AT]", "countries: [DE]\n---\na: b", `a second document begins here`},
		{"'*@acme.example.com'", "'*@*'", `allow.emails: write an address`},
		{"countries: [DE, AT]", "negative_context: {German: [vorgangsnummer]}", `write a language such as de`},
	} {
		changed := strings.Replace(acme, c.old, c.new, 1)
		if changed == acme {
			t.Errorf("%s is not in the pack", c.old)
			continue
		}
		f := files("pii/acme.yaml", changed)
		if _, err := pack.Load(f, pack.All(f)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s -> %s:\n got %v\nwant %s", c.old, c.new, err, c.want)
		}
	}
}

// TestNegativeContext has a word of a pack speak against a number.
func TestNegativeContext(t *testing.T) {
	s := load(t, map[string][]byte{"pii/a.yaml": []byte("pack: a\nnegative_context: {de: [laufzeichen]}\n")})
	if words := s.Config().Words; len(words) != 1 || words[0] != "order de: laufzeichen" {
		t.Errorf("%q", words)
	}
	with, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	without, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for text, fewer := range map[string]bool{"Laufzeichen 0171 3920077": true, "Telefon 0171 3920077": false, "Bestellung 4500123987": false} {
		hint := pii.Hint{PeerCountry: "DE"}
		score := func(s *pii.Scanner) (n int) {
			for _, f := range s.Scan(text, hint, nil) {
				n += f.Score
			}
			return n
		}
		if a, b := score(without), score(with); (b < a) != fewer || b > a {
			t.Errorf("%q: %d without the word, %d with it", text, a, b)
		}
	}
}

// TestAllowedValuesLieNowhere looks for allowed values in what is kept of a pack.
func TestAllowedValuesLieNowhere(t *testing.T) {
	s := load(t, files("pii/numbers.txt", "# ours\n0800 330 1000\n", "pii/acme.yaml", strings.Replace(acme, "  values:", "  values_file: numbers.txt\n  values:", 1)))
	if kept := fmt.Sprintf("%+v", s.Known()[0]); !strings.Contains(kept, "ACME_CUSTOMER_NO") {
		t.Fatalf("nothing is printed: %s", kept)
	}
	cfg := s.Config()
	for value, want := range map[string]bool{"+49 30 1234567": true, "+49301234567": true, "0800-3301000": true, "+49 30 1234568": false} {
		if cfg.Allow(pii.Finding{Type: pii.Phone}, value) != want {
			t.Errorf("%s: allowed is not %v", value, want)
		}
	}
	if dump := fmt.Sprintf("%#v", *s.Known()[0]); strings.Contains(dump, "49 30 1234567") || strings.Contains(dump, "3301000") || strings.Contains(dump, "330 1000") {
		t.Error("a value is kept")
	}
}

// TestWordsOfPacks has words of several lists meet in one text.
func TestWordsOfPacks(t *testing.T) {
	lexicon := func(topic, words, except string) []byte {
		return []byte("topic: " + topic + "\nlanguages: {en: {words: [" + words + "], except: [" + except + "], examples: {match: [" + strings.Split(words, ",")[0] + "], no_match: [nothing]}}}\n")
	}
	s := load(t, map[string][]byte{
		"lexicons/offers.yaml": lexicon("offers", "free money", "free money order"), "lexicons/lures.yaml": lexicon("lures", "free, card of luck, 号码, prize", ""),
		"lexicons/games.yaml": lexicon("games", "prize draw", ""),
	})
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"FREE  money":                          "OFFERS[0:11] LURES[0:11]",
		"it is free, ｆｒｅｅ or f\u200bree":       "LURES[6:10] LURES[12:24] LURES[28:35]",
		"free money order":                     "LURES[0:4]", // an exception of one topic is none of another's
		"prize draw":                           "GAMES[0:10] LURES[0:10]",
		"card of luck 4111 1111 1111 1111":     "LURES[0:12] CREDIT_CARD[13:32]", // the phrase does not take the label away
		"银行卡号码":                                "LURES[9:15]",                    // nor the label the word
		"https://shop.example/free?a=1":        "LURES[21:25]",
		"freedom, carefree, free2go, pre-free": "LURES[19:23] LURES[32:36]",
	} {
		var got []string
		for _, f := range scanner.Scan(text, pii.Hint{}, nil) {
			for _, said := range s.Spoken(f) {
				got = append(got, fmt.Sprintf("%s[%d:%d]", said.Entity, said.Start, said.End))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
}

// TestLabelsOfPatterns has words name a value as the engine's labels do.
func TestLabelsOfPatterns(t *testing.T) {
	s := load(t, map[string][]byte{"pii/a.yaml": []byte("pack: a\nentities:\n  A_NO: {pattern: '\\d{8}', needs: label, context: {en: [member number]}, examples: {match: [member number 12345678], no_match: ['12345678']}}\n")})
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"member number 12345679": true, "Member-Number is: ١٢٣٤٥٦٧٩": true, "member number: 1234\u200b5679": true, "member number １２３４５６７９": true,
		"12345679 is my member number": true, "12345679 (member number)": true,
		"member number? 12345679": false, "member number one two three four five six seven 12345679": false, "member number 7654321 or 12345679": false,
		"member number of course, account 12345679": false, "12345679, my member number follows": false, "member number **** 12345679": false,
	} {
		got := slices.ContainsFunc(scanner.Scan(text, pii.Hint{}, nil), func(f pii.Finding) bool { return f.Entity == "A_NO" })
		if got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if found := scanner.Scan("12345679", pii.Hint{Label: "member_number"}, nil); len(found) != 1 || found[0].Entity != "A_NO" {
		t.Errorf("beside the member's name: %v", found)
	}
}

// TestPiecesOfPatterns has a value of a pack come over two messages.
func TestPiecesOfPatterns(t *testing.T) {
	scanner, err := pii.New(load(t, files()).Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"AC-1234", "5678", "[RECORD_ID_1]"}, {"AC-12\n34", "5678 thx", "[RECORD_ID_1] thx"}, {"AC-1234", "567", "567"}, {"AC-12345678", "99", "99"},
	} {
		if out, _ := scanner.Treat(c[1], pii.Hint{Before: c[0]}, pii.Treatment{}, nil, nil); out.Text != c[2] {
			t.Errorf("%q then %q: %q", c[0], c[1], out.Text)
		}
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	bad := strings.NewReplacer("countries:", "countrys:", "check: luhn", "check: lune", `'AC-\d{8}'`, `'('`).Replace(acme)
	f := files("pii/acme.yaml", bad, "lexicons/x.yaml", "topic: y\nlanguages: {}\n")
	_, err := pack.Load(f, pack.All(f))
	if err == nil || strings.Count(err.Error(), "\n") < 3 {
		t.Errorf("%v", err)
	}
}

func TestUnknownNames(t *testing.T) {
	_, err := pack.Load(files(), pack.Use{Packs: []string{"pci"}, Lexicons: []string{"luck"}})
	if err == nil || !strings.Contains(err.Error(), `no pack is called "pci"; write one of acme`) || !strings.Contains(err.Error(), `no lexicon has the topic "luck"`) {
		t.Errorf("%v", err)
	}
}

const promises = `topic: promises
about: What must not be promised.
languages:
  en:
    words: [riskless]
    phrases: [guaranteed returns]
    stems: [guarante]
    except: [bank guarantee]
    examples:
      match: [we have guaranteed  Returns, 'it is RISKLESS!', I guarantee it]
      no_match: [the risk is yours, 'a bank guarantee is needed']
  ja:
    words: [元本保証]
    examples: {match: [これは元本保証です], no_match: [元本の話]}
`

func TestLexicon(t *testing.T) {
	s := load(t, map[string][]byte{"lexicons/promises.yaml": []byte(promises)})
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	text := "guaranteed returns, mail riskless@other.example.com"
	found := scanner.Scan(text, pii.Hint{}, nil)
	if len(found) != 2 || found[0].Type != "LEXICON" || found[0].Entity != "PROMISES" || text[:found[0].End] != "guaranteed returns" || found[1].Type != "EMAIL" {
		t.Errorf("%v", found)
	}
	out, _ := scanner.Treat(text, pii.Hint{}, pii.Treatment{}, nil, nil)
	if out.Text != "guaranteed returns, mail [EMAIL_1]" {
		t.Errorf("%s", out.Text)
	}
	for old, want := range map[string]string{
		"topic: promises": `topic: write the name of the file`, "[guarante]": `a stem of fewer than three letters`, "[riskless]": `examples.match`,
		"stems:": `unknown key`, "  ja:": `write a language`,
	} {
		changed := strings.Replace(promises, old, map[string]string{
			"topic: promises": "topic: other", "[guarante]": "[gu]", "[riskless]": "[zz]", "stems:": "stem:", "  ja:": "  Japanese:",
		}[old], 1)
		if want == "examples.match" {
			want = "example: PROMISES is not found"
		}
		if _, err := pack.Load(map[string][]byte{"lexicons/promises.yaml": []byte(changed)}, pack.Use{Lexicons: []string{"promises"}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", old, err)
		}
	}
}

// TestLargePackAllocatesNothing where nothing is found. The pool of passes gives
// them back at random under the race detector: some scan of each text has to do
// without.
func TestLargePackAllocatesNothing(t *testing.T) {
	texts := messages(t)
	s := load(t, large.Files(texts))
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	room := make([]pii.Finding, 0, 64)
	for _, text := range texts {
		if len(scanner.Scan(text, pii.Hint{}, nil)) > 0 {
			continue
		}
		n := 1.0
		for try := 0; try < 30 && n > 0; try++ {
			n = testing.AllocsPerRun(1, func() { scanner.Scan(text, pii.Hint{}, room) })
		}
		if n > 0 {
			t.Errorf("%v allocations in a text of %d bytes", n, len(text))
		}
	}
}
