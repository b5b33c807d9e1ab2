package journal

import (
	"context"
	"errors"
	"testing"
)

// TestShortReadsWait for their turn, and no longer than who asks does.
func TestShortReadsWait(t *testing.T) {
	j := open(t, config(t.TempDir()))
	for range shortReads {
		j.short <- struct{}{}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	answer := make(chan error, 1)
	go func() {
		_, err := j.MessageByHash(ctx, [16]byte{1})
		answer <- err
	}()
	cancel(gone)
	if err := <-answer; !errors.Is(err, gone) {
		t.Errorf("in the queue: %v", err)
	}
	<-j.short
	if _, err := j.MessageByHash(t.Context(), [16]byte{1}); !errors.Is(err, ErrNotFound) {
		t.Errorf("with a place: %v", err)
	}
	if n := len(j.short); n != shortReads-1 {
		t.Errorf("%d places are held, want %d", n, shortReads-1)
	}
}
