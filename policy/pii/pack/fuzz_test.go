package pack_test

import (
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// FuzzLoad has any bytes as pack, list and lexicon: refused or taken, and what
// is taken stands together.
func FuzzLoad(f *testing.F) {
	f.Add(acme, "project blue\n", promises)
	f.Add("pack: acme\nentities: {A_B: {pattern: '[a-z]+', examples: {match: [a], no_match: ['1']}}}\n", "", "topic: promises\n")
	f.Add("pack: [", "\xff", "a: &x [*x]")
	f.Fuzz(func(t *testing.T, p, list, lexicon string) {
		files := map[string][]byte{"pii/acme.yaml": []byte(p), "pii/terms.txt": []byte(list), "lexicons/promises.yaml": []byte(lexicon)}
		s, err := pack.Load(files, pack.All(files))
		if err != nil {
			return
		}
		if _, err := pii.New(s.Config()); err != nil {
			t.Errorf("taken, and no scanner stands on it: %v", err)
		}
	})
}
