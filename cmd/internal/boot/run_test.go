package boot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

// steps records the order in which parts stop.
type steps struct {
	mu    sync.Mutex
	names []string
}

func (s *steps) part(name string, started chan<- struct{}) boot.Part {
	return boot.Part{Name: name, Run: func(ctx context.Context) error {
		started <- struct{}{}
		<-ctx.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.names = append(s.names, name)
		return ctx.Err()
	}}
}

func TestRunStopsLastFirst(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{}, 3)
	var s steps
	go func() {
		for range 3 {
			<-started
		}
		cancel()
	}()
	err := boot.Run(ctx, time.Minute, s.part("journal", started), s.part("gate", started), s.part("listener", started))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"listener", "gate", "journal"}; !slices.Equal(s.names, want) {
		t.Errorf("stopped %v, want %v", s.names, want)
	}
}

func TestRunEndsWithFirstFailure(t *testing.T) {
	broken := errors.New("address in use")
	started := make(chan struct{}, 1)
	var s steps
	err := boot.Run(t.Context(), time.Minute, s.part("journal", started),
		boot.Part{Name: "listener", Run: func(context.Context) error { return broken }})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "listener") {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(s.names, []string{"journal"}) {
		t.Errorf("stopped %v", s.names)
	}
}

func TestRunNamesWhoHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	defer close(release)
	hang := boot.Part{Name: "drain", Run: func(context.Context) error { <-release; return nil }}
	err := boot.Run(ctx, time.Millisecond, hang)
	if err == nil || !strings.Contains(err.Error(), "drain did not stop within 1ms") {
		t.Errorf("got %v", err)
	}
}

func TestRunReportsEarlyEnd(t *testing.T) {
	err := boot.Run(t.Context(), time.Minute, boot.Part{Name: "follower", Run: func(context.Context) error { return nil }})
	if err == nil || err.Error() != "follower ended by itself" {
		t.Errorf("got %v", err)
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 3, 1, 12, 0, 0, 5000, time.UTC)
	log, err := boot.NewLogger(&out, "info", func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	log.Debug().Msg("hidden")
	log.Info().Str("part", "gate").Msg("ready")
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["time"] != "2026-03-01T12:00:00.000005Z" || line["level"] != "info" || line["message"] != "ready" {
		t.Errorf("got %v", line)
	}
	if _, err := boot.NewLogger(&out, "loud", time.Now); err == nil {
		t.Error("an unknown level was taken")
	}
}
