package pack_test

import (
	"errors"
	"strings"
	"testing"

	"postern/policy/pii/pack"
)

// TestMistakes makes one mistake after the other in a good pack. Each is told with file,
// line, column and what to write; what follows from it alone is not told.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		// The file.
		{"pack: acme", "pack: other", `2:7: pack: write the name of the file, pack: acme, in small letters`},
		{"pack: acme", "pack: [acme]", `2:7: pack: write text`},
		{"pack: acme", "pack: 5", `2:7: pack: write text; a number, true or no stands in quotes`},
		{"countries: [DE, AT]", "countries: [DE, AT]\ncountries: [CH]", `4:1: countries is written twice; keep one`},
		{"countries: [DE, AT]", "countries: [DE, XX]", `3:17: countries: write two capital letters, such as DE (ISO 3166-1)`},
		{"countries: [DE, AT]", "countries: [de]", `3:13: countries: write two capital letters`},
		{"countries: [DE, AT]", "countries: [no]", `3:13: countries: write two capital letters`},
		{"countries: [DE, AT]", "countries: DE", `3:12: countries: write a list: [a, b]`},
		{"countries: [DE, AT]", "countries: [[DE]]", `3:13: countries[0]: write text`},
		{"countries: [DE, AT]", "original: burn", `3:11: original: write one of keep, erase`},
		{"countries: [DE, AT]", "\tcountries: [DE]", `2:1: not YAML: found a tab character that violates indentation; check indentation (spaces, no tabs) and quotes`},
		{"countries: [DE, AT]", "countries: [\xff]", `3:1: not UTF-8; save the file as UTF-8`},
		{"countries: [DE, AT]", "countries: [DE]\n---\na: [", `not YAML`},
		// Entities.
		{"  ACME_CUSTOMER_NO:", "  Acme_No:", `5:3: entities.Acme_No: write the name in capital letters`},
		{"type: RECORD_ID", "type: record id", `6:11: entities.ACME_CUSTOMER_NO.type: write a type such as RECORD_ID, or leave it out`},
		{"type: RECORD_ID", "class: E", `6:12: entities.ACME_CUSTOMER_NO.class: write one of C, A, B, D`},
		{"type: RECORD_ID", "level: sure", `6:12: entities.ACME_CUSTOMER_NO.level: write one of likely, possible, certain`},
		{"type: RECORD_ID", "needs: luck", `6:12: entities.ACME_CUSTOMER_NO.needs: write one of nothing, label`},
		{"    check: luhn", "    needs: label", `14:12: entities.ACME_CONTRACT.needs: a label is needed, and context names none; write context: {en: [customer number]}`},
		{`    pattern: 'AC-\d{8}'`, `    class: A`, `entities.ACME_CUSTOMER_NO: write exactly one of pattern, shape, deny_list (a file) and words (a list)`},
		{`    pattern: 'AC-\d{8}'`, "    pattern: 'AC-\\d{8}'\n    words: [x]", `6:5: entities.ACME_CUSTOMER_NO: write exactly one of`},
		{`    pattern: 'AC-\d{8}'`, "    pattern: 'AC-\\d{8}'\n    except: [x]", `8:13: entities.ACME_CUSTOMER_NO.except: stands with words and deny_list alone`},
		{`    pattern: 'AC-\d{8}'`, "    pattern: 5", `7:14: entities.ACME_CUSTOMER_NO.pattern: write text`},
		{`    pattern: 'AC-\d{8}'`, "    pattern: '" + strings.Repeat("a", 1001) + "'", `7:14: entities.ACME_CUSTOMER_NO.pattern: longer than 1000 bytes (1001); use a deny list`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: '\d+\z'`, `stand for the ends of the message`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: 'AC(\b|$)'`, `stand for the ends of the message`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: '(a|)'`, `matches the empty text, so it would be found everywhere; require a letter or digit`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: '[a-z]+'`, `messages of ordinary chat, which hold nothing of the kind; require a text that is rare elsewhere, a check, or a word beside it (needs: label)`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: '\d+'`, `messages of ordinary chat`},
		{`    pattern: 'AC-\d{8}'`, `    pattern: '([a-z0-9]{1,20}-?){1,20}#'`, `steps for each byte, more than 200; repeat less`},
		{`'V ####-####-#'`, `'{2,3}'`, `13:12: entities.ACME_CONTRACT.shape: {6,12} stands at the end of a shape`},
		{`'V ####-####-#'`, `'V #{2,3}#'`, `{6,12} stands at the end of a shape`},
		{`'V ####-####-#'`, `'V #{2,3'`, `{6,12} stands at the end of a shape`},
		{`    check: luhn`, `    check: AC`, `14:12: entities.ACME_CONTRACT.check: no check is called "AC"`},
		{`    check: luhn`, `    check: EMAIL`, `no check is called "EMAIL"`},
		{"context: {de: [kundennummer], en: [customer number]}", "context: {german: [kundennummer]}", `8:15: entities.ACME_CUSTOMER_NO.context.german: write a language such as de or pt-BR`},
		{"context: {de: [kundennummer], en: [customer number]}", "context: {de: []}", `8:19: entities.ACME_CUSTOMER_NO.context.de: the list is empty; write words or take the language away`},
		{"context: {de: [kundennummer], en: [customer number]}", "context: {de: ['a,b']}", `8:20: entities.ACME_CUSTOMER_NO.context.de: write words with letters or digits, without commas`},
		{"context: {de: [kundennummer], en: [customer number]}", "context: {de: ['--']}", `write words with letters or digits`},
		{"context: {de: [kundennummer], en: [customer number]}", "context: [de]", `8:14: entities.ACME_CUSTOMER_NO.context: write keys and values, indented below it`},
		{"deny_list: terms.txt", "words: []", `19:12: entities.INSIDER_TERMS.words: the list is empty; write words or take the entity away`},
		{"deny_list: terms.txt", "words: ['!']", `19:12: entities.INSIDER_TERMS.words: an entry has no letters or digits; take it away`},
		{"deny_list: terms.txt", "words: [true]", `19:13: entities.INSIDER_TERMS.words[0]: write text; a number, true or no stands in quotes`},
		{"deny_list: terms.txt", "deny_list: empty.txt", `19:16: entities.INSIDER_TERMS.deny_list: the list is empty`},
		{"deny_list: terms.txt", "deny_list: latin.txt", `19:16: entities.INSIDER_TERMS.deny_list: line 2 of pii/latin.txt is not UTF-8; save the file as UTF-8`},
		{"deny_list: terms.txt", "deny_list: /etc/terms.txt", `name a file in the folder of the pack`},
		{"deny_list: terms.txt", "deny_list: terms.txt\n    check: luhn", `20:12: entities.INSIDER_TERMS.check: stands with pattern and shape alone; words are findings by themselves`},
		{"deny_list: terms.txt", "deny_list: terms.txt\n    context: {en: [x]}", `entities.INSIDER_TERMS.context: stands with pattern and shape alone`},
		{"whole_word: true", "whole_word: false", `21:17: entities.INSIDER_TERMS.whole_word: words are always compared so; write true or leave it out`},
		{"whole_word: true", "whole_word: yes please", `21:17: entities.INSIDER_TERMS.whole_word: write true or false`},
		{"match: ['Kundennummer AC-12345678', '客户AC-12345678号']", "match: []", `10:14: entities.ACME_CUSTOMER_NO.examples.match: write at least one text`},
		{"      no_match: ['V 4992-7399-5']\n", "", `16:7: entities.ACME_CONTRACT.examples.no_match: write at least one text`},
		{"no_match: ['V 4992-7399-5']", "not: ['V 4992-7399-5']", `17:7: unknown key "entities.ACME_CONTRACT.examples.not"; write one of match, no_match`},
		{"  INSIDER_TERMS:\n", "  INSIDER_TERMS: []\n  INSIDER_WORDS:\n", `18:18: entities.INSIDER_TERMS: write keys and values, indented below it`},
		// What is allowed.
		{"['*@acme.example.com']", "[acme.example.com]", `27:12: allow.emails: write an address, *@example.com or *@*.example.com, with a domain of your own`},
		{"['*@acme.example.com']", "['*@*.com']", `allow.emails: write an address`},
		{"['*@acme.example.com']", "['*@a*.example']", `allow.emails: write an address`},
		{"['*@acme.example.com']", "['*@localhost']", `allow.emails: write an address`},
		{"['*@acme.example.com']", "['@acme.example.com']", `allow.emails: write an address`},
		{"['*@acme.example.com']", "['[@acme.example.com']", `allow.emails: write an address`},
		{"['+49 30 1234567']", "['--']", `allow: a value has no letters or digits; take it away`},
		{"['+49 30 1234567']", "[493012345]", `28:12: allow.values[0]: write text`},
		{`['AC-0000000\d']`, `['AC-(']`, `29:14: allow.patterns: missing closing ): `},
		{`['AC-0000000\d']`, `['.*']`, `29:14: allow.patterns: values of every kind would pass, and nothing be found; write what is common to your own`},
		{`['AC-0000000\d']`, `['[\d +]+']`, `values of every kind would pass`},
		// Policy.
		{"types: [RECORD_ID]", "types: [record]", `31:14: policy[0].types: write types or entities in capital letters, or "*"`},
		{"types: [RECORD_ID]", "types: [RECORD_ID, PHON]", `31:25: policy[0]: no finding is called PHON; write a type or entity that "postern pii types" or a pack in use names`},
		{"types: [RECORD_ID]", "types: []", `31:5: policy[0]: types are missing; write types: [PHONE, EMAIL] or classes: [A]`},
		{"types: [RECORD_ID], ", "", `31:5: policy[0]: types are missing`},
		{"types: [RECORD_ID]", "types: RECORD_ID", `31:13: policy[0].types: write a list: [a, b]`},
		{"types: [RECORD_ID], sink: record, action: hash", "types: [RECORD_ID], sink: record", `31:5: policy[0]: action is missing; write one of keep, alert, mask, token, hash, redact, drop, block`},
		{"types: [RECORD_ID], sink: record", "types: [RECORD_ID], direction: out, sink: record", `31:37: policy[0].direction: records are written the same way in both directions; leave it out`},
		{"sink: record, action: hash", "sink: trail, action: hash", `31:32: policy[0].sink: write one of record, forward, log`},
		{"direction: out", "direction: outbound", `policy[1].direction: write one of both, out, in`},
		{"action: hash", "action: mask, keep_first: -1", `policy[0].keep_first: write a whole number from 0`},
		{"action: hash", "action: mask, keep_first: 1.5", `policy[0].keep_first: write a whole number from 0`},
		{"policy:\n  - {types: [RECORD_ID], sink: record, action: hash}\n  - ", "policy:\n  ", `31:3: policy: write a list, each entry on a line of its own beginning with -`},
		// Tests.
		{"expect: [ACME_CUSTOMER_NO]", "country: Germany, expect: [ACME_CUSTOMER_NO]", `34:49: tests[0].country: write two capital letters, such as DE (ISO 3166-1)`},
		{"expect: [ACME_CUSTOMER_NO]", "lang: german, expect: [ACME_CUSTOMER_NO]", `34:46: tests[0].lang: write a language such as de or pt-BR`},
		{"text: 'Kundennummer AC-12345678', ", "", `34:5: tests[0]: text is missing; write {text: ..., expect: [EMAIL]}`},
		{", expect: [ACME_CUSTOMER_NO]", "", `34:5: tests[0]: expect is missing`},
		{"expect: [ACME_CUSTOMER_NO]", "expect: [RECORD_ID, PHONE]", `34:5: example: PHONE is not found in this text`},
	} {
		changed := strings.Replace(acme, c.old, c.new, 1)
		if changed == acme {
			t.Errorf("%s is not in the pack", c.old)
			continue
		}
		f := files("pii/acme.yaml", changed, "pii/empty.txt", "# nothing\n\n", "pii/latin.txt", "a\nf\xfcr\n")
		_, err := pack.Load(f, pack.All(f))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s -> %s:\n got %v\nwant %s", c.old, c.new, err, c.want)
			continue
		}
		for line := range strings.Lines(err.Error()) {
			if !strings.HasPrefix(line, "pii/acme.yaml:") {
				t.Errorf("%s -> %s: no place: %s", c.old, c.new, line)
			}
		}
	}
}

// TestFilesThatAreNone: what is no mapping, and what has a name that no pack may have.
func TestFilesThatAreNone(t *testing.T) {
	for raw, want := range map[string]string{
		"": "pii/a.yaml:1:1: the file is empty", "# nothing\n": "pii/a.yaml:1:1: the file is empty", "- pack: a\n": "pii/a.yaml:1:1: the file: write keys and values, such as pack: acme or topic: tone",
		"hello\n": "pii/a.yaml:1:1: the file: write keys and values", "pack: a\nentities: [A_NO]\n": "pii/a.yaml:2:11: entities: write keys and values",
		"pack: a\nentities:\n  A_NO:\n": "pii/a.yaml:3:8: entities.A_NO: write keys and values", "pack: a\npolicy: {types: [PHONE]}\n": "pii/a.yaml:2:9: policy: write a list, each entry on a line of its own",
	} {
		if _, err := pack.Load(map[string][]byte{"pii/a.yaml": []byte(raw)}, pack.Use{Packs: []string{"a"}}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	_, err := pack.Load(map[string][]byte{"pii/My Pack.yaml": []byte("pack: My Pack\n")}, pack.Use{Packs: []string{"My Pack"}})
	if err == nil || !strings.HasPrefix(err.Error(), "pii/My Pack.yaml:1:7: pack: the file is called My Pack.yaml; name it and the pack in small letters") {
		t.Errorf("a name with a blank: %v", err)
	}
	for _, raw := range []string{"\uFEFFpack: a\n", "pack: a\r\ncountries: [DE]\r\n", "does_not_achieve: x\npack: a\noriginal: erase\n"} {
		if _, err := pack.Load(map[string][]byte{"pii/a.yaml": []byte(raw)}, pack.Use{Packs: []string{"a"}}); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestMistakesInLexicons is TestMistakes of a lexicon.
func TestMistakesInLexicons(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"topic: promises", "topic: Promises", `1:8: topic: write the name of the file, topic: promises`},
		{"words: [riskless]\n    phrases: [guaranteed returns]\n    stems: [guarante]", "words: []", `5:12: languages.en.words: the list is empty`},
		{"words: [riskless]", "words: ['?!']", `5:12: languages.en.words: an entry has no letters or digits`},
		{"stems: [guarante]", "stems: [gu*]", `7:13: languages.en.stems: a stem of fewer than three letters begins too many words; write the words`},
		{"about:", "abut:", `2:1: unknown key "abut"; write one of topic, about, languages`},
		{"  ja:", "  en:", `12:3: languages.en is written twice`},
	} {
		changed := strings.Replace(promises, c.old, c.new, 1)
		if _, err := pack.Load(map[string][]byte{"lexicons/promises.yaml": []byte(changed)}, pack.Use{Lexicons: []string{"promises"}}); err == nil || !strings.Contains(err.Error(), "lexicons/promises.yaml:"+c.want) {
			t.Errorf("%s -> %s: %v", c.old, c.new, err)
		}
	}
	for raw, want := range map[string]string{
		"topic: tone\n":                            "lexicons/tone.yaml:1:1: languages are missing; write languages: {en: {words: [...]",
		"topic: tone\nlanguages: {}\n":             "lexicons/tone.yaml:2:12: languages: there is none; write languages: {en:",
		"topic: tone\nlanguages:\n  en: [idiot]\n": "lexicons/tone.yaml:3:7: languages.en: write keys and values", "": "lexicons/tone.yaml:1:1: the file is empty",
	} {
		if _, err := pack.Load(map[string][]byte{"lexicons/tone.yaml": []byte(raw)}, pack.Use{Lexicons: []string{"tone"}}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	for _, topic := range []string{"email", "credit_card", "br_cpf"} {
		f := map[string][]byte{"lexicons/" + topic + ".yaml": []byte("topic: " + topic + "\nlanguages: {en: {words: [mailish], examples: {match: [mailish], no_match: [none]}}}\n")}
		if _, err := pack.Load(f, pack.All(f)); err == nil || !strings.HasPrefix(err.Error(), "lexicons/"+topic+".yaml:1:8: topic: findings would be called "+strings.ToUpper(topic)) {
			t.Errorf("%s: %v", topic, err)
		}
	}
	stem := strings.Replace(promises, "stems: [guarante]", "stems: [gua]", 1)
	if _, err := pack.Load(map[string][]byte{"lexicons/promises.yaml": []byte(stem)}, pack.Use{Lexicons: []string{"promises"}}); err != nil {
		t.Errorf("a stem of three letters: %v", err)
	}
}

// TestAllMistakesAtOnce: what is wrong in one part hides nothing of what is wrong in
// another, in another pack neither, and nothing is told twice.
func TestAllMistakesAtOnce(t *testing.T) {
	f := map[string][]byte{
		"pii/a.yaml":         []byte("pack: a\ncountries: [XX]\nentities:\n  BR_CPF: {words: [x1], examples: {match: [x1], no_match: [y1]}}\npolicy:\n  - {types: [PHON], action: mask}\n  - {types: [NAME], action: mask, keep_first: 1}\n"),
		"pii/b.yaml":         []byte("pack: b\ninclude: [a]\nlist: []\n"),
		"lexicons/tone.yaml": []byte("topic: tone\nlanguages: {}\n"),
	}
	_, err := pack.Load(f, pack.All(f))
	if err == nil {
		t.Fatal("taken")
	}
	last := -1
	for _, place := range []string{"pii/a.yaml:2:", "pii/a.yaml:4:", "pii/a.yaml:6:", "pii/a.yaml:7:", "pii/b.yaml:3:", "lexicons/tone.yaml:2:"} {
		if at := strings.Index(err.Error(), place); at <= last {
			t.Errorf("%s does not come in order:\n%v", place, err)
		} else {
			last = at
		}
	}
	for _, want := range []string{"pii/a.yaml:2:13: countries", "pii/a.yaml:4:3: entities.BR_CPF: the name is taken", "pii/a.yaml:6:14: policy[0]: no finding is called PHON", "pii/a.yaml:7:", "pii/b.yaml:3:1: unknown key", "lexicons/tone.yaml:2:12"} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q stands %d times in\n%v", want, strings.Count(err.Error(), want), err)
		}
	}
	if _, err := pack.Each(f, pack.All(f)); strings.Count(err.Error(), "2:13: countries") != 1 || !strings.Contains(err.Error(), "tone.yaml") || !strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("each by itself: %v", err)
	}
	f["pii/c.yaml"] = []byte("pack: c\nentities:\n  BR_CPF: {deny_list: absent.txt, examples: {match: [x1], no_match: [y1]}}\n")
	if _, err := pack.Load(f, pack.Use{Packs: []string{"c"}}); strings.Contains(err.Error(), "the list is empty") {
		t.Errorf("a list that is missing is called empty: %v", err)
	}
	for _, broken := range []string{"", "- x\n  y", "\xff"} {
		f := map[string][]byte{"pii/a.yaml": []byte("pack: a\ninclude: [b]\npolicy:\n  - {types: [B_NO], action: drop}\n  - {types: [TONE], action: drop}\n"), "pii/b.yaml": []byte(broken), "lexicons/tone.yaml": []byte(broken)}
		if _, err := pack.Load(f, pack.All(f)); err == nil || strings.Contains(err.Error(), "no finding is called") {
			t.Errorf("what a broken file would have is told: %v", err)
		}
		f["pii/b.yaml"] = []byte("pack: b\n")
		if _, err := pack.Load(f, pack.Use{Packs: []string{"b"}, Lexicons: []string{"tone"}}); err == nil || strings.Contains(err.Error(), "no finding is called") {
			t.Errorf("what a broken lexicon would have is told: %v", err)
		}
	}
	if _, err := pack.Load(map[string][]byte{"pii/a.yaml": []byte("pack: a\npolicy:\n  - {types: [phone], action: drop}\n")}, pack.Use{Packs: []string{"a"}}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("one mistake is told as %v", err)
	}
	if _, err := pack.Load(map[string][]byte{"pii/a.yaml": []byte("pack: a\ninclude: [b]\npolicy:\n  - {types: [B_NO], action: drop}\n")}, pack.Use{Packs: []string{"a"}}); err == nil || errors.Unwrap(err) != nil || strings.Contains(err.Error(), "B_NO") || !strings.Contains(err.Error(), `2:11: include: no pack is called "b"`) {
		t.Errorf("what a missing pack would have is told: %v", err)
	}
}
