package pack

import (
	"slices"

	"postern/policy/pii"
)

// examples runs every example of the set; what does not come out is an error
// with its place. The texts are not repeated: they stand there.
func (s *Set) examples() []error {
	type run struct {
		file string
		list []example
	}
	var runs []run
	for _, p := range s.packs {
		for _, e := range p.entities {
			runs = append(runs, run{p.file, e.examples})
		}
		runs = append(runs, run{p.file, p.tests})
	}
	for _, x := range s.lexicons {
		for _, lang := range x.languages {
			runs = append(runs, run{x.file, lang.examples})
		}
	}
	if !slices.ContainsFunc(runs, func(r run) bool { return len(r.list) > 0 }) {
		return nil
	}
	scanner, err := pii.New(s.Config())
	if err != nil {
		return []error{err}
	}
	var errs []error
	for _, r := range runs {
		for _, e := range r.list {
			errs = append(errs, e.run(&reader{file: r.file}, scanner)...)
		}
	}
	return errs
}

func (e example) run(r *reader, scanner *pii.Scanner) []error {
	found := scanner.Scan(e.text, e.hint, nil)
	has := func(name string) bool {
		return slices.ContainsFunc(found, func(f pii.Finding) bool { return f.Entity == name || string(f.Type) == name })
	}
	for _, name := range e.want {
		if !has(name) {
			r.fail(e.at, "example: %s is not found in this text; change the pattern, its check or words, or the example", name)
		}
	}
	for _, name := range e.without {
		if has(name) {
			r.fail(e.at, "example: %s is found in this text, and must not be; make the pattern or words narrower", name)
		}
	}
	if !e.anything {
		for _, f := range found {
			r.fail(e.at, "example: %s is found in this text, and nothing must be; allow it, or write expect: [%s]", f.Entity, f.Type)
		}
	}
	return r.errs
}

// Examples counts the examples and tests that passed.
func (s *Set) Examples() int {
	n := 0
	for _, p := range s.packs {
		n += len(p.tests)
		for _, e := range p.entities {
			n += len(e.examples)
		}
	}
	for _, x := range s.lexicons {
		for _, lang := range x.languages {
			n += len(lang.examples)
		}
	}
	return n
}
