package score_test

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"postern/policy/pii"
	"postern/policy/pii/score"
)

// These hold for every message of both sets, whatever is found in it.

func each(t *testing.T, do func(s *pii.Scanner, set *set, it score.Item)) {
	t.Helper()
	s := scanner(t)
	for _, set := range sets(t) {
		for _, it := range set.items {
			do(s, set, it)
		}
	}
}

func hint(it score.Item) pii.Hint {
	return pii.Hint{PeerCountry: it.Country, Lang: it.Lang, Names: it.Names}
}

// TestSpansLieOnRunes and in order, and do not overlap.
func TestSpansLieOnRunes(t *testing.T) {
	each(t, func(s *pii.Scanner, set *set, it score.Item) {
		end := 0
		for _, f := range s.Scan(it.Text, hint(it), nil) {
			whole := f.Start < f.End && f.End <= len(it.Text) && utf8.RuneStart(it.Text[f.Start]) && (f.End == len(it.Text) || utf8.RuneStart(it.Text[f.End]))
			if !whole || f.Start < end {
				t.Errorf("%s set, line %d: %v", set.name, it.Line, f)
			}
			end = f.End
		}
	})
}

// keyed makes hashes and names of tokens as the gate does, under no key.
type keyed struct{}

func (keyed) Hash(kind string, value []byte) string {
	sum := sha256.Sum256(append([]byte(kind+"\x00"), value...))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

func (k keyed) Token(kind string, canonical []byte, _ string) string {
	return "v1_" + k.Hash(kind, canonical)
}

// TestTreatingTwiceChangesNothing: whatever the operator, in every sink, with all types
// and with those that are likely alone, and where texts may not grow.
func TestTreatingTwiceChangesNothing(t *testing.T) {
	operators := []pii.Operator{
		pii.Keep, pii.Alert, pii.Mask, pii.Redact, pii.Drop, pii.Hash, pii.Token, pii.Block, pii.MaskKeeping(0, 2), pii.MaskKeeping(1, 1), pii.MaskKeeping(6, 4), "redact(CUSTOMER)", "nonsense",
	}
	each(t, func(s *pii.Scanner, set *set, it score.Item) {
		for _, sink := range []pii.Sink{pii.Record, pii.Forward, pii.Log} {
			for i, op := range operators {
				treatment := pii.Treatment{Sink: sink, Operators: map[pii.Type]pii.Operator{pii.AnyType: op}, Hasher: keyed{}, Tokenizer: keyed{}}
				treatment.Short = i%3 == it.Line%3
				if it.Line%2 == 0 {
					treatment.From = pii.Likely
				}
				once, _ := s.Treat(it.Text, hint(it), treatment, nil, nil)
				twice, _ := s.Treat(once.Text, hint(it), treatment, nil, nil)
				if once.Text != twice.Text {
					t.Errorf("%s set, line %d: %s in sink %d changes what it made", set.name, it.Line, op, sink)
				}
			}
		}
	})
}

// TestRecordsAreTreatedOnce: what a record keeps of a message, by any operator, is left
// as it is when it is treated again as the record's body is.
func TestRecordsAreTreatedOnce(t *testing.T) {
	each(t, func(s *pii.Scanner, set *set, it score.Item) {
		inner, err := json.Marshal(map[string]string{"note": it.Text})
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"to": "4915123456789", "id": "wamid.X", "text": map[string]any{"body": it.Text}, "interactive": map[string]any{"nfm_reply": map[string]any{"response_json": string(inner)}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range []pii.Operator{pii.Mask, pii.Redact, pii.Drop, pii.Hash, pii.Token} {
			treatment := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: op}, Hasher: keyed{}, Tokenizer: keyed{}}
			once, err := s.Redact(body, hint(it), treatment)
			if err != nil {
				t.Fatal(err)
			}
			twice, err := s.Redact(once.Body, hint(it), treatment)
			if err != nil || twice.Changed {
				t.Errorf("%s set, line %d: %s changes the record that it made, or %v", set.name, it.Line, op, err)
			}
		}
	})
}

// TestFoundValuesDoNotSurvive: what is found of class A stands in no text that
// was redacted, in either sink.
func TestFoundValuesDoNotSurvive(t *testing.T) {
	each(t, func(s *pii.Scanner, set *set, it score.Item) {
		one := score.Run(s, []score.Item{it}, score.Options{})
		for i, l := range it.Labels {
			if !one.Hits[i] || l.Class != "A" && (l.Class != "" || l.Type != "EMAIL" && l.Type != "IBAN") || strings.Count(it.Text, it.Text[l.Start:l.End]) != 1 {
				continue
			}
			for _, sink := range []pii.Sink{pii.Record, pii.Forward} {
				out, _ := s.Treat(it.Text, hint(it), pii.Treatment{Sink: sink}, nil, nil)
				if strings.Contains(out.Text, it.Text[l.Start:l.End]) {
					t.Errorf("%s set, line %d: %s of class A survives", set.name, it.Line, l.Type)
				}
			}
		}
	})
}

// TestFoundValuesAreCoveredWhole: a value of class A that counts as found is
// covered to its last letter and digit, in plain writing.
func TestFoundValuesAreCoveredWhole(t *testing.T) {
	each(t, func(s *pii.Scanner, set *set, it score.Item) {
		found := s.Scan(it.Text, hint(it), nil)
		one := score.Run(s, []score.Item{it}, score.Options{})
		for i, l := range it.Labels {
			if !one.Hits[i] || l.Class != "A" && l.Class != "" || l.Family != "" && !strings.HasPrefix(l.Family, "plain") {
				continue
			}
			for at := l.Start; at < l.End; at++ {
				if alnum(it.Text[at]) && !slices.ContainsFunc(found, func(f pii.Finding) bool { return f.Start <= at && at < f.End }) {
					t.Errorf("%s set, line %d: %s is not covered at %d", set.name, it.Line, l.Type, at)
					break
				}
			}
		}
	})
}

// TestInvisibleMarksHideNothing: a value that is found is found as the same
// type with invisible marks between its letters and digits.
func TestInvisibleMarksHideNothing(t *testing.T) {
	for _, mark := range []string{"\u200b", "\u2060", "\u00ad", "\ufeff"} {
		gold, hit := 0, 0
		each(t, func(s *pii.Scanner, _ *set, it score.Item) {
			marked := it
			marked.Text, marked.Labels = insert(it, mark)
			plain := score.Run(s, []score.Item{it}, score.Options{})
			with := score.Run(s, []score.Item{marked}, score.Options{})
			for i := range it.Labels {
				if plain.Hits[i] && self(it, i) {
					gold++
					if with.Hits[i] {
						hit++
					}
				}
			}
		})
		t.Logf("%U: %d of %d", []rune(mark)[0], hit, gold)
		if hit*1000 < gold*995 {
			t.Errorf("%U: of %d values %d are found with marks inside", []rune(mark)[0], gold, hit)
		}
	}
}

// self says that the value is of class A or B and in plain writing.
func self(it score.Item, i int) bool {
	l := it.Labels[i]
	return strings.HasPrefix(l.Family, "plain") && (l.Class == "A" || l.Class == "B") || l.Family == ""
}

// insert puts mark between every two ASCII letters or digits of the values.
func insert(it score.Item, mark string) (string, []score.Label) {
	var b strings.Builder
	labels := slices.Clone(it.Labels)
	done := 0
	for i, l := range it.Labels {
		b.WriteString(it.Text[done:l.Start])
		labels[i].Start = b.Len()
		for at := l.Start; at < l.End; at++ {
			b.WriteByte(it.Text[at])
			if at+1 < l.End && alnum(it.Text[at]) && alnum(it.Text[at+1]) {
				b.WriteString(mark)
			}
		}
		labels[i].End, done = b.Len(), l.End
	}
	b.WriteString(it.Text[done:])
	return b.String(), labels
}

func alnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// TestScanningIsTheSameInParallel: one scanner, many at once, one answer.
func TestScanningIsTheSameInParallel(t *testing.T) {
	s := scanner(t)
	for _, set := range sets(t) {
		alone := make([][]pii.Finding, len(set.items))
		for i, it := range set.items {
			alone[i] = s.Scan(it.Text, hint(it), nil)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i, it := range set.items {
					if !slices.Equal(s.Scan(it.Text, hint(it), nil), alone[i]) {
						t.Errorf("%s set, line %d: another answer", set.name, it.Line)
					}
				}
			})
		}
		wg.Wait()
	}
}
