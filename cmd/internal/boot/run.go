package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Part is one long-running piece of the program. Run serves until its context
// ends, then finishes what it holds and returns. Returning earlier, with or
// without an error, stops the whole program.
type Part struct {
	Name string
	Run  func(context.Context) error
}

type ended struct {
	part int
	err  error
}

// Run starts all parts and waits. When ctx ends or a part returns, the parts
// are stopped one by one, the last listed first: list what others rely on
// first. A part that does not return within grace is named in the error and
// left behind, since waiting longer would lose the parts after it.
func Run(ctx context.Context, grace time.Duration, parts ...Part) error {
	stops := make([]context.CancelFunc, len(parts))
	done := make([]chan struct{}, len(parts))
	ends := make(chan ended, len(parts))
	for i, p := range parts {
		var own context.Context
		own, stops[i] = context.WithCancel(context.WithoutCancel(ctx))
		done[i] = make(chan struct{})
		go func() {
			defer close(done[i])
			ends <- ended{i, p.Run(own)}
		}()
	}
	var first error
	select {
	case <-ctx.Done():
	case e := <-ends:
		first = endedEarly(parts[e.part].Name, e.err)
	}
	errs := []error{first}
	for i := len(parts) - 1; i >= 0; i-- {
		stops[i]()
		errs = append(errs, await(done[i], grace, parts[i].Name))
	}
	return errors.Join(append(errs, rest(ends, parts)...)...)
}

func endedEarly(name string, err error) error {
	if err == nil {
		return fmt.Errorf("%s ended by itself", name)
	}
	return fmt.Errorf("%s: %w", name, err)
}

func await(done <-chan struct{}, grace time.Duration, name string) error {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("%s did not stop within %s", name, grace)
	}
}

// rest collects the errors of parts that were asked to stop.
func rest(ends <-chan ended, parts []Part) []error {
	var errs []error
	for {
		select {
		case e := <-ends:
			if e.err != nil && !errors.Is(e.err, context.Canceled) {
				errs = append(errs, fmt.Errorf("stop %s: %w", parts[e.part].Name, e.err))
			}
		default:
			return errs
		}
	}
}

// UntilSignal gives a context that ends with the first interrupt or
// termination signal. A second one ends the process at once.
func UntilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Hangups reports SIGHUP, the signal to reload. The function ends it.
func Hangups() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
