// Command fuzzall runs every fuzz target of the module for a while each, one
// after the other, and says how far it is. It exits 1 if one of them fails,
// after all have run: what one finds says nothing about the others.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, ".", os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzall:", err) //nolint:errcheck // nowhere left to say it
		os.Exit(1)                               //nolint:gocritic // the signal handler ends with the process
	}
}

// run fuzzes the module that dir lies in.
func run(ctx context.Context, dir string, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("fuzzall", flag.ContinueOnError)
	flags.SetOutput(stdout)
	each := flags.Duration("time", 10*time.Second, "how long each target runs")
	only := flags.String("only", "", "run the targets whose package and name match this `REGEXP`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("read -only: %w", err)
	}
	found, err := targets(ctx, dir)
	if err != nil {
		return err
	}
	var chosen []target
	for _, t := range found {
		if match.MatchString(t.String()) {
			chosen = append(chosen, t)
		}
	}
	if len(chosen) == 0 {
		return errors.New("no fuzz target found")
	}
	return fuzzAll(ctx, dir, chosen, *each, stdout)
}

func fuzzAll(ctx context.Context, dir string, all []target, each time.Duration, stdout io.Writer) error {
	failed := 0
	for i, t := range all {
		fmt.Fprintf(stdout, "[%d/%d] %s ... ", i+1, len(all), t) //nolint:errcheck // progress only
		out, err := fuzz(ctx, dir, t, each)
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case err != nil:
			failed++
			fmt.Fprintf(stdout, "FAILED\n%s\n", out) //nolint:errcheck // progress only
		default:
			fmt.Fprintln(stdout, "ok") //nolint:errcheck // progress only
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d targets failed; the inputs found are under testdata/fuzz of their packages", failed, len(all))
	}
	return nil
}

// fuzz runs one target and gives what it printed. Shrinking an input is cut
// short: where the code below behaves a little differently each time, as OPA's
// caches do, it would take all the time there is.
func fuzz(ctx context.Context, dir string, t target, each time.Duration) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), "-fuzzminimizetime=20x", t.pkg) //nolint:gosec // names of our own packages
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() == nil && timeUp(out) {
		return out, nil
	}
	return out, err
}

// timeUp reports whether go test failed only because its time was up while a
// worker was busy: it says so instead of passing, and names no input.
func timeUp(out []byte) bool {
	return bytes.Contains(out, []byte("    context deadline exceeded\n")) && !bytes.Contains(out, []byte("Failing input written to"))
}
