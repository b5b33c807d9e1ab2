package catalog

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var rates = flag.Bool("rates", false, "log how often random values pass each check, from 2 million tries")

// globals are topics whose words belong to no country.
var globals = []string{
	"phone", "number", "card", "account", "id", "tax", "health", "passport", "licence", "secret",
	"password", "otp", "pin", "cvv", "expiry", "dob", "name", "address", "plate", "vehicle", "record",
}

func TestRows(t *testing.T) {
	topics := words(t)
	names := map[string]bool{}
	for _, r := range Rows() {
		t.Run(r.Name, func(t *testing.T) {
			if !regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`).MatchString(r.Name) || names[r.Name] {
				t.Error("the name is not upper case, or not unique")
			}
			names[r.Name] = true
			if r.Type == "" || r.Example == "" || r.Source == "" || r.Tier < 1 || r.Tier > 3 || r.Needs > Nothing ||
				!strings.ContainsRune("ABCD", rune(r.Class)) {
				t.Error("type, class, tier, need, example or source is missing")
			}
			for _, c := range r.Countries {
				if !regexp.MustCompile(`^[A-Z]{2}$`).MatchString(c) {
					t.Errorf("country %q is not two upper case letters", c)
				}
			}
			for _, topic := range r.Labels {
				if len(topics[topic]) == 0 && !slices.Contains(globals, topic) {
					t.Errorf("label topic %s has no words", topic)
				}
			}
			for _, topic := range r.Weak {
				if len(topics[topic]) == 0 && !slices.Contains(globals, topic) {
					t.Errorf("weak topic %s has no words", topic)
				}
			}
			if r.Needs == Label && len(r.Labels)+len(r.Weak) == 0 {
				t.Error("the row needs a label, but names no topic")
			}
		})
	}
}

func TestForms(t *testing.T) {
	for _, r := range Rows() {
		for _, f := range r.Forms {
			s := shapeOf(f.Shape)
			if s == nil {
				t.Errorf("%s: shape %q is not well formed", r.Name, f.Shape)
				continue
			}
			if s.repeats() && r.Needs != Label {
				t.Errorf("%s: shape %q repeats, so the row must need a label", r.Name, f.Shape)
			}
			if f.OneIn < 0 || (f.Check == nil && f.OneIn > 1) || (f.Check != nil && f.OneIn == 0) {
				t.Errorf("%s: shape %q: a check and OneIn go together", r.Name, f.Shape)
			}
		}
	}
}

// An example holds a value of the row, and a word that names it where the row
// needs one.
func TestExamples(t *testing.T) {
	topics := words(t)
	for _, r := range Rows() {
		if len(r.Forms) > 0 && !slices.ContainsFunc(r.Forms, func(f Form) bool { return holds(r.Example, f) }) {
			t.Errorf("%s: no value of a form that passes its check is in %q", r.Name, r.Example)
		}
		if r.Needs == Nothing || len(r.Labels) == 0 {
			continue
		}
		if !slices.ContainsFunc(r.Labels, func(topic string) bool { return len(topics[topic]) == 0 || named(r.Example, topics[topic]) }) {
			t.Errorf("%s: no word of its labels is in %q", r.Name, r.Example)
		}
	}
}

// A check that lets through more or less than its row says gives findings the
// wrong weight. Where random values hardly ever pass, only too many are seen.
func TestOneIn(t *testing.T) {
	measured := map[string]bool{} // grouping does not matter
	for _, r := range Rows() {
		for _, f := range r.Forms {
			s := shapeOf(f.Shape)
			if f.Check == nil || s == nil || measured[r.Name+s.String()] {
				continue
			}
			measured[r.Name+s.String()] = true
			tries := min(200*f.OneIn, 100_000)
			if *rates {
				tries = 2_000_000
			}
			hits, want := s.hits(f.Check, tries), tries/f.OneIn
			if *rates {
				t.Logf("%s %s: says 1 in %d, passed %d of %d: 1 in %.1f", r.Name, f.Shape, f.OneIn, hits, tries, float64(tries)/float64(hits))
			}
			if hits > 2*want+10 || (want >= 50 && hits < want/2) {
				t.Errorf("%s: shape %q passes %d of %d random values, OneIn %d means %d", r.Name, f.Shape, hits, tries, f.OneIn, want)
			}
		}
	}
}

// words reads the lists by topic, and fails at lines that are not well formed.
func words(t *testing.T) map[string][]string {
	files, err := Words.ReadDir("words")
	if err != nil {
		t.Fatal(err)
	}
	topics := map[string][]string{}
	line := regexp.MustCompile(`^([a-z][a-z0-9_]*) ([a-z]{2,3}(?:-[A-Za-z]+)*): (.+)$`)
	for _, file := range files {
		b, err := Words.ReadFile("words/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range strings.Split(string(b), "\n") {
			if text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			m := line.FindStringSubmatch(text)
			if m == nil {
				t.Errorf("%s:%d: want topic, language, colon, words", file.Name(), i+1)
				continue
			}
			for word := range strings.SplitSeq(m[3], ",") {
				word = strings.TrimSpace(word)
				if stem := strings.TrimSuffix(word, "*"); stem == "" || strings.ContainsAny(stem, "*:;") {
					t.Errorf("%s:%d: %q is no word", file.Name(), i+1, word)
				}
				topics[m[1]] = append(topics[m[1]], word)
			}
		}
	}
	return topics
}

func named(text string, words []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool {
		return strings.Contains(text, strings.ToLower(strings.TrimSuffix(w, "*")))
	})
}

// holds reports that the text has a value of the form, grouped as the form
// says or not at all.
func holds(text string, f Form) bool {
	s := shapeOf(f.Shape)
	if s == nil {
		return false
	}
	for _, v := range s.pattern(f.Shape).FindAllStringSubmatch(strings.ToUpper(text), -1) {
		bare := regexp.MustCompile(`[ ./(-]`).ReplaceAllString(v[1], "")
		if f.Check == nil || f.Check([]byte(bare)) {
			return true
		}
	}
	return false
}

// shape is a form's shape without grouping: what may stand at each place. The
// last may repeat from low to high times.
type shape struct {
	places    []byte
	low, high int
}

var shapeSyntax = regexp.MustCompile(`^((?:[#@*A-Z0-9][ ./(-]?)*[#@*A-Z0-9])(?:\{(\d+),(\d+)\})?$`)

func shapeOf(text string) *shape {
	m := shapeSyntax.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	s := &shape{places: []byte(regexp.MustCompile(`[ ./(-]`).ReplaceAllString(m[1], "")), low: 1, high: 1}
	if m[2] != "" {
		s.low, _ = strconv.Atoi(m[2])
		s.high, _ = strconv.Atoi(m[3])
		if s.low < 1 || s.high <= s.low || s.high > 64 {
			return nil
		}
	}
	return s
}

func (s *shape) repeats() bool { return s.high > 1 }

func (s *shape) String() string { return string(s.places) }

const (
	tenDigits  = "0123456789"
	allLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// pattern finds values with the grouping of text or without any.
func (s *shape) pattern(text string) *regexp.Regexp {
	var p strings.Builder
	p.WriteString(`(?:^|[^A-Z0-9])(`)
	text, _, _ = strings.Cut(text, "{")
	for _, c := range text {
		switch c {
		case '#':
			p.WriteString(`[0-9]`)
		case '@':
			p.WriteString(`[A-Z]`)
		case '*':
			p.WriteString(`[A-Z0-9]`)
		case ' ', '.', '/', '-', '(':
			p.WriteString(`[` + string(c) + `]?`)
		default:
			p.WriteRune(c)
		}
	}
	if s.repeats() {
		p.WriteString("{" + strconv.Itoa(s.low) + "," + strconv.Itoa(s.high) + "}")
	}
	p.WriteString(`)(?:[^A-Z0-9]|$)`)
	return regexp.MustCompile(p.String())
}

// hits counts how many of so many random values of the shape pass.
func (s *shape) hits(check Check, tries int) (n int) {
	rnd := rand.New(rand.NewPCG(7, uint64(len(s.places))))
	v := make([]byte, 0, 128)
	for range tries {
		v = s.random(rnd, v[:0])
		if check(v) {
			n++
		}
	}
	return n
}

func (s *shape) random(rnd *rand.Rand, v []byte) []byte {
	for i, c := range s.places {
		times := 1
		if i == len(s.places)-1 {
			times = s.low + rnd.IntN(s.high-s.low+1)
		}
		for range times {
			switch c {
			case '#':
				v = append(v, tenDigits[rnd.IntN(10)])
			case '@':
				v = append(v, allLetters[rnd.IntN(26)])
			case '*':
				v = append(v, (tenDigits + allLetters)[rnd.IntN(36)])
			default:
				v = append(v, c)
			}
		}
	}
	return v
}
