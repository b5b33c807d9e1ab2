package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"postern/cmd/internal/screen"
)

// piiScan is one run of pii scan.
type piiScan struct {
	hint             hintFlags
	packs            packFlags
	from, format     string
	keepGoing, check bool
	progress         bool
}

func newPIIScan(p *program) *cobra.Command {
	s := piiScan{}
	c := &cobra.Command{
		Use:   "scan [FILE|-]",
		Short: "Find personal data in a file, line by line",
		Long: `Reads FILE, or standard input, line by line and tells what personal data each
line holds: line:start-end, type, how sure, and the evidence. Places count bytes
of the UTF-8 text from 0; values are never printed.

A line is a text, or a JSON object
  {"text": "...", "lang": "pt", "country": "BR", "names": ["Ana Souza"]}
of which all but the text may be left out and other members are passed over.
Names are what the person is known by, such as the name of a profile: they are
found where the text repeats them. Which of both a line is is seen by the first
one that is not empty, unless --format says it.

It looks with the packs and lexicons named, and where a configuration is, with
those its policy has in force.

With --json each line in gives one line out:
  {"findings": [{"start", "end", "type", "entity", "level", "score", "reasons"}], "redacted": "..."}
where everything found is replaced, [PHONE_1], as in a record of the trail, save for
what a pack or the policy in force treats in another way and words of lexicons, which stay. Values broken
over lines are found where a text holds the line break, as JSON can.

A line that is no text (broken JSON, no member text, not UTF-8) ends the run and
is named on standard error; lines before it are written. With --keep-going it
becomes a line {"error": "..."}, and the run goes on and exits with 1 at its end.

Exits 0 when all was read, whatever was found; with --check 3 if anything was.`,
		Example: "  postern pii scan chat.txt --country BR\n  postern pii scan --json --from likely messages.jsonl\n" +
			"  git diff --cached | postern pii scan --check -",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := "-"
			if len(args) == 1 {
				name = args[0]
			}
			return p.piiScan(c.Context(), &s, name)
		},
	}
	s.hint.add(c, "the person who writes, for lines that name none")
	s.packs.add(c)
	f := c.Flags()
	f.StringVar(&s.from, "from", "possible", "`LEVEL` from which findings count: possible, likely, certain")
	f.StringVar(&s.format, "format", string(screen.Auto), "auto, text or jsonl")
	f.BoolVar(&s.keepGoing, "keep-going", false, "go on behind a line that is no text")
	f.BoolVar(&s.check, "check", false, "exit with 3 if anything is found")
	f.BoolVar(&s.progress, "progress", isTerminal(p.stderr), "say on standard error how far it is")
	return c
}

func (p *program) piiScan(ctx context.Context, s *piiScan, name string) (err error) {
	from, err := parseLevel(s.from)
	if err != nil {
		return err
	}
	form := screen.Form(s.format)
	if form != screen.Auto && form != screen.PlainText && form != screen.JSONLines {
		return usageError{fmt.Errorf("--format: write auto, text or jsonl, not %q", s.format)}
	}
	scanner, set, record, err := p.looking(ctx, &s.hint, s.packs)
	if err != nil {
		return err
	}
	treatment, err := recordTreatment(set, record)
	if err != nil {
		return err
	}
	in, size, err := p.open(name)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // opened for reading only
	run := screen.Screen{Scanner: scanner, Treatment: treatment, From: from, KeepGoing: s.keepGoing, JSON: p.json}
	if s.progress {
		run.Told = p.lineProgress(size)
	}
	reader := screen.NewReader(in, form, screen.Text{Lang: s.hint.lang, Country: s.hint.country})
	report, err := run.Run(ctx, reader, p.stdout)
	if err != nil {
		return fmt.Errorf("scan %s: %w", name, err)
	}
	return s.ended(p, report)
}

// ended says what a run came to.
func (s *piiScan) ended(p *program, r screen.Report) error {
	if !p.json {
		if err := p.say("%s", r.Summary()); err != nil {
			return err
		}
	}
	switch {
	case r.Bad > 0:
		return fmt.Errorf("%s could not be read; what is wrong stands in their place", count(r.Bad, "line"))
	case s.check && r.With > 0:
		return errFound
	}
	return nil
}

// open opens what the user named, with its size, 0 if nobody knows.
func (p *program) open(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(p.stdin), 0, nil
	}
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, 0, fmt.Errorf("open input: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("open input: " + name + " is a folder; name a file in it")
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// lineProgress tells twice a second how far a reader is.
func (p *program) lineProgress(size int64) func(*screen.Reader) {
	start := p.now()
	last := start
	return func(r *screen.Reader) {
		now := p.now()
		if now.Sub(last) < 500*time.Millisecond {
			return
		}
		last = now
		done := ""
		if size > 0 {
			done = fmt.Sprintf(" (%d%%)", 100*r.Bytes()/size)
		}
		_ = p.note("%d lines%s, %.0f/s", r.Line(), done, float64(r.Line())/now.Sub(start).Seconds()) // progress is not worth failing for
	}
}
