package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"postern/cmd/internal/bench/detect"
	"postern/policy/pii/score"
)

// Of the set of messages and the table, from the project's top folder.
const (
	messageSet = "policy/pii/testdata/messages.jsonl"
	speedTable = "policy/pii/score/speed.md"
)

// detection measures how fast personal data is found.
func detection(ctx context.Context, o *options) (*detect.Report, error) {
	top, err := topFolder()
	if err != nil {
		return nil, err
	}
	messages, err := messageTexts(filepath.Join(top, messageSet))
	if err != nil {
		return nil, err
	}
	begun, err := scannerStart(ctx, o.Rounds)
	if err != nil {
		return nil, err
	}
	in := detect.Options{Messages: messages, Rounds: 2*o.Rounds - 1, Each: 300 * time.Millisecond, Worst: 1 << 20}
	if o.Quick {
		in.Each, in.Worst = time.Millisecond, 1<<12
	}
	r, err := detect.Measure(ctx, in)
	if err != nil {
		return nil, err
	}
	r.StartMS, r.TableMB = begun.MS, begun.MB
	return r, nil
}

func messageTexts(path string) ([]string, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // of the project
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	items, err := score.Read(bytes.NewReader(raw), score.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	var out []string
	for _, it := range items {
		out = append(out, it.Text)
	}
	return out, nil
}

// scannerStart has processes of their own make their first scanner, and gives
// the fastest.
func scannerStart(ctx context.Context, rounds int) (best detect.Begun, err error) {
	program, err := os.Executable()
	if err != nil {
		return best, fmt.Errorf("find this program: %w", err)
	}
	for i := range rounds {
		raw, err := exec.CommandContext(ctx, program, childWord, scannerName, "-").Output() //nolint:gosec // this program
		if err != nil {
			return best, fmt.Errorf("start a scanner: %w", err)
		}
		var one detect.Begun
		if err := json.Unmarshal(raw, &one); err != nil {
			return best, fmt.Errorf("start a scanner: %w", err)
		}
		if i == 0 || one.MS < best.MS {
			best = one
		}
	}
	return best, nil
}

// detectionFigures are those of the goals, each for the best round.
func detectionFigures(d *detect.Report) []Figure {
	worst := slices.MaxFunc(d.Families, func(a, b detect.Row) int { return int(1000 * (a.PerByte() - b.PerByte())) })
	return []Figure{
		within("personal data: "+d.Messages.Name, "ns", d.Messages.Best, 500),
		within("personal data: "+d.Short.Name, "ns", d.Short.Best, 2500),
		judge(Figure{Name: "personal data: " + d.Long.Name, Unit: "MB/s", Value: 1000 / d.Long.PerByte(), Goal: 100, AtLeast: true}),
		within("personal data: "+d.Clean.Name, "allocations", d.Clean.Allocs, 0),
		within("personal data: "+d.Large.Name, "ns", d.Large.Best, 1500),
		within("personal data: "+d.Treated.Name, "ns", d.Treated.Best, 1500),
		within("personal data: worst text ("+worst.Name+")", "ns/byte", worst.PerByte(), 20),
		within("personal data: tables", "MB", d.TableMB, 8),
		within("personal data: start", "ms", d.StartMS, 50),
	}
}

func (p *page) detection(d *detect.Report) {
	p.line("\npersonal data: the best round of each, the worst, and a naive scanner of 46 expressions in the same rounds")
	rows := [][]string{{"", "bytes", "ns", "worst round", "ns/byte", "naive ns", "x", "allocations"}}
	for _, r := range append([]detect.Row{d.Messages, d.Short, d.Long, d.Clean, d.Large, d.Treated}, d.Families...) {
		naive, ratio := "-", "-"
		if r.Naive > 0 {
			naive, ratio = num(r.Naive), num(r.Naive/r.Best)
		}
		rows = append(rows, []string{r.Name, num(r.Bytes), num(r.Best), num(r.Worst), num(r.PerByte()), naive, ratio, num(r.Allocs)})
	}
	p.table(rows)
	p.line("start %s ms, %s MB stay in memory; 50 patterns and 10,000 phrases, with their examples, are in force after %s ms", num(d.StartMS), num(d.TableMB), num(d.LargeLoad))
}

// writeSpeed writes the table that SCORE.md holds.
func writeSpeed(r *Report) error {
	if r.PersonalData == nil {
		return errors.New("-update writes the figures of personal data; add -only pii")
	}
	top, err := topFolder()
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(top, speedTable)) //nolint:gosec // of the project
	if err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	w := bufio.NewWriter(f)
	p := &page{w: w}
	p.speed(r)
	return errors.Join(p.err, w.Flush(), f.Close())
}

func (p *page) speed(r *Report) {
	m := r.Machine
	p.line("Measured %s with %s on one core of %d (%s), load average %.2f before, stolen by the host %.1f %%. Of %d rounds the fastest counts, the one that other programs disturbed least.\n",
		m.Started.Format(time.DateOnly), m.Go, m.Processors, m.Processor, m.LoadBefore, 100*m.Steal, 2*r.Settings.Rounds-1)
	p.line("| figure | measured | goal |\n|---|---|---|")
	for _, f := range detectionFigures(r.PersonalData) {
		sign := "<="
		if f.AtLeast {
			sign = ">="
		}
		value := num(f.Value) + " " + f.Unit
		if f.Verdict == Misses {
			value = "**" + value + "**"
		}
		p.line("| %s | %s | %s %s |", f.Name[len("personal data: "):], value, sign, num(f.Goal))
	}
	p.line("\n| text | bytes | ns | worst round | a naive scanner of 46 expressions, ns |\n|---|---|---|---|---|")
	for _, row := range []detect.Row{r.PersonalData.Messages, r.PersonalData.Short, r.PersonalData.Long} {
		p.line("| %s | %s | %s | %s | %s |", row.Name, num(row.Bytes), num(row.Best), num(row.Worst), num(row.Naive))
	}
	p.line("\n| adversarial text | ns/byte |\n|---|---|")
	for _, row := range r.PersonalData.Families {
		p.line("| %s | %s |", row.Name, num(row.PerByte()))
	}
	p.line("\n50 patterns and 10,000 phrases, with their examples, are in force after %s ms.", num(r.PersonalData.LargeLoad))
}
