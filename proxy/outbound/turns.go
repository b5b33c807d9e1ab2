package outbound

import (
	"context"
	"sync"

	"postern/proxy/dialect"
)

// turns lets changes of what an app set for itself follow each other: each is
// made of what the one before left, and none is lost.
type turns struct {
	mu sync.Mutex
	by map[string]chan struct{} // by app; holds one element while a change is made
}

// take waits for the app's turn, for no longer than the caller does.
func (t *turns) take(ctx context.Context, app string) (done func(), p *dialect.Problem) {
	t.mu.Lock()
	if t.by == nil {
		t.by = map[string]chan struct{}{}
	}
	turn := t.by[app]
	if turn == nil {
		turn = make(chan struct{}, 1)
		t.by[app] = turn
	}
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, &dialect.Problem{Kind: dialect.Overloaded, Details: "Another change of the app's settings is being made; try again."}
	}
}
