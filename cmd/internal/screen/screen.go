package screen

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"postern/policy/pii"
)

// Screen is one run over texts.
type Screen struct {
	Scanner   *pii.Scanner
	Treatment pii.Treatment
	From      pii.Level // weaker findings are not told, and their values stay
	KeepGoing bool      // a line that is no text is told, and the next one read
	JSON      bool      // a line of JSON out for each line in
	Told      func(r *Reader)

	found  []pii.Finding
	out    []byte
	report Report
}

// Report counts what a run saw.
type Report struct {
	Texts int            // lines that were scanned
	With  int            // of which something was found in
	Bad   int            // lines that are no text
	Types map[string]int // findings by type
}

// Summary says the counts in a sentence: types in order of the alphabet.
func (r Report) Summary() string {
	s := fmt.Sprintf("%d of %d texts hold personal data", r.With, r.Texts)
	for i, t := range slices.Sorted(maps.Keys(r.Types)) {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		s += fmt.Sprintf("%s%s %d", sep, t, r.Types[t])
	}
	return s
}

// Run scans what r reads and writes to w. Without KeepGoing it ends at the
// first line that is no text, with a *LineError; lines before it are written.
func (s *Screen) Run(ctx context.Context, r *Reader, w io.Writer) (Report, error) {
	s.report = Report{Types: map[string]int{}}
	out := bufio.NewWriterSize(w, 1<<16)
	err := s.run(ctx, r, out)
	return s.report, errors.Join(err, out.Flush())
}

func (s *Screen) run(ctx context.Context, r *Reader, out *bufio.Writer) error {
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t, err := r.Next()
		var bad *LineError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad) && s.KeepGoing:
			s.report.Bad++
			s.out = s.refused(bad)
		case err != nil:
			return err
		default:
			s.out = s.text(t, r.Line())
		}
		if _, err := out.Write(s.out); err != nil {
			return fmt.Errorf("write findings: %w", err)
		}
		if s.Told != nil {
			s.Told(r)
		}
	}
}

// text scans one text and gives what is written about it.
func (s *Screen) text(t Text, line int) []byte {
	s.found = s.Scanner.Scan(t.Text, t.Hint(), s.found[:0])
	s.found = slices.DeleteFunc(s.found, func(f pii.Finding) bool { return f.Level < s.From })
	s.report.Texts++
	if len(s.found) > 0 {
		s.report.With++
	}
	for _, f := range s.found {
		s.report.Types[string(f.Type)]++
	}
	if s.JSON {
		return s.asJSON(t)
	}
	return s.asLines(line)
}

func (s *Screen) asJSON(t Text) []byte {
	b := append(s.out[:0], `{"findings":[`...)
	for i, f := range s.found {
		if i > 0 {
			b = append(b, ',')
		}
		one, err := f.MarshalJSON()
		if err != nil { // names and numbers alone: it can not
			one = []byte("null")
		}
		b = append(b, one...)
	}
	b = append(b, `],"redacted":`...)
	b = quote(b, s.redacted(t))
	return append(b, "}\n"...)
}

// redacted is the text under the treatment. Texts in which nothing was found
// stay as they are.
func (s *Screen) redacted(t Text) string {
	if len(s.found) == 0 {
		return t.Text
	}
	treatment := s.Treatment
	treatment.From = max(treatment.From, s.From)
	out, _ := s.Scanner.Treat(t.Text, t.Hint(), treatment, &pii.Labels{}, nil)
	return out.Text
}

// quote writes a JSON string; what is not UTF-8 becomes U+FFFD.
func quote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) //nolint:errcheck // it tells of U+FFFD alone
	return b
}

// asLines writes a line for each finding: line:start-end TYPE level (reasons).
func (s *Screen) asLines(line int) []byte {
	b := s.out[:0]
	for _, f := range s.found {
		b = fmt.Appendf(b, "%d:%d-%d %s %s (%s)\n", line, f.Start, f.End, f.Type, f.Level, strings.Join(f.Reasons.Names(), ", "))
	}
	return b
}

// refused writes a line for a line that is no text, so that lines out still
// answer lines in.
func (s *Screen) refused(bad *LineError) []byte {
	if !s.JSON {
		return append(s.out[:0], bad.Error()+"\n"...)
	}
	return append(quote(append(s.out[:0], `{"error":`...), bad.Error()), "}\n"...)
}
