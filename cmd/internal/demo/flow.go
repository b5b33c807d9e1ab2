package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	senders   = 2
	eachEvery = 50 * time.Millisecond // a sender's next message, at the earliest
	crowdSize = 60                    // so many that nobody is written to too often
)

// flow are messages in both directions that do not rest: the app writes to
// people, and people write to the business. The first that fails ends it.
type flow struct {
	*talk
	people []string
	stop   context.CancelFunc
	going  sync.WaitGroup
	sent   atomic.Int64 // answered with an id
	heard  atomic.Int64 // Meta's webhooks answered 200
	dialed atomic.Int64 // connections to the app's listener

	mu  sync.Mutex
	ids map[string]bool // of what was sent
	err error
}

// crowd are people of the range that is reserved for fiction.
func crowd() []string {
	out := make([]string, crowdSize)
	for i := range out {
		out[i] = fmt.Sprintf("4917139200%02d", 20+i)
	}
	return out
}

func (t *talk) startFlow(ctx context.Context) *flow {
	f := &flow{talk: t, people: crowd(), ids: map[string]bool{}}
	ctx, f.stop = context.WithCancel(ctx)
	for worker := range senders {
		client := f.counted()
		f.going.Go(func() {
			defer client.CloseIdleConnections()
			f.each(ctx, func(ctx context.Context, i int) error { return f.write(ctx, client, worker+senders*i) })
		})
	}
	f.going.Go(func() { f.each(ctx, f.ask) })
	return f
}

// counted is a client with connections of its own, which are counted.
func (f *flow) counted() *http.Client {
	own := f.client.Transport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // made by trusting
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		f.dialed.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: patience, Transport: own}
}

// each does one thing again and again. What is under way when ctx ends is
// finished: it counts on both sides.
func (f *flow) each(ctx context.Context, do func(ctx context.Context, i int) error) {
	tick := time.NewTicker(eachEvery)
	defer tick.Stop()
	for i := 0; ctx.Err() == nil; i++ {
		if err := do(context.WithoutCancel(ctx), i); err != nil {
			f.fail(err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// fail keeps the first failure and ends the flow.
func (f *flow) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	f.stop()
}

func (f *flow) write(ctx context.Context, client *http.Client, i int) error {
	message := textTo(f.people[i%len(f.people)], fmt.Sprintf("Order %d is on its way.", i))
	message["messaging_product"] = "whatsapp"
	a, err := f.post(ctx, client, f.messages(), message, f.bearer())
	if err != nil {
		return err
	}
	var answer struct{ Messages []struct{ ID string } }
	if err := json.Unmarshal([]byte(a.body), &answer); err != nil || a.status != http.StatusOK || len(answer.Messages) != 1 {
		return errNot("every message to be accepted", fmt.Sprintf("%d %s", a.status, a.body))
	}
	f.mu.Lock()
	f.ids[answer.Messages[0].ID] = true
	f.mu.Unlock()
	f.sent.Add(1)
	return nil
}

// question is what a person asks; the app has to hear each.
func question(i int64) string { return fmt.Sprintf("Where is order %d?", i) }

func (f *flow) ask(ctx context.Context, i int) error {
	a, err := f.post(ctx, f.client, "http://"+f.control()+"/_sim/inbound", map[string]any{
		"phone_number_id": cloudPhone, "from": f.people[i%len(f.people)], "wait": true, "text": map[string]string{"body": question(int64(i))},
	})
	if err != nil {
		return err
	}
	var told struct{ Status int }
	if err := json.Unmarshal([]byte(a.body), &told); err != nil || told.Status != http.StatusOK {
		return errNot("every webhook to be taken", fmt.Sprintf("%d %s", a.status, a.body))
	}
	f.heard.Add(1)
	return nil
}

// failed is the first failure.
func (f *flow) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// passes waits until messages have gone both ways since it was called.
func (f *flow) passes(ctx context.Context) error {
	sent, heard := f.sent.Load(), f.heard.Load()
	return await(ctx, "messages to pass both ways", func() (bool, error) {
		// More than were under way: one began after the call.
		return f.sent.Load() > sent+senders && f.heard.Load() > heard+1, f.failed()
	})
}

// end stops it and waits for what is under way.
func (f *flow) end() error {
	f.stop()
	f.going.Wait()
	return f.failed()
}

// reached reports whether the app heard everything that belongs to the flow:
// each person's words, and of each message that it was delivered.
func (f *flow) reached() bool {
	delivered, asked := map[string]bool{}, map[string]bool{}
	for _, e := range f.heardEvents() {
		for _, s := range e.statuses {
			if s.Status == "delivered" && f.ids[s.ID] {
				delivered[s.ID] = true
			}
		}
		for _, words := range e.texts {
			asked[words] = true
		}
	}
	for i := range f.heard.Load() {
		if !asked[question(i)] {
			return false
		}
	}
	return len(delivered) == len(f.ids)
}

// event is what the app's webhook told, as far as a flow is concerned.
type event struct {
	statuses []struct{ ID, Status string }
	texts    []string
}

func (t *talk) heardEvents() []event {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]event, 0, len(t.events))
	for _, line := range t.events {
		out = append(out, readEvent(line))
	}
	return out
}

// readEvent reads a line of the receiver; what is no Cloud webhook is empty.
func readEvent(line string) (e event) {
	var told struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Statuses []struct{ ID, Status string }
					Messages []struct{ Text struct{ Body string } }
				}
			}
		}
	}
	_, body, _ := strings.Cut(line, "{")
	if json.Unmarshal([]byte("{"+body), &told) != nil {
		return e
	}
	for _, entry := range told.Entry {
		for _, change := range entry.Changes {
			e.statuses = append(e.statuses, change.Value.Statuses...)
			for _, m := range change.Value.Messages {
				e.texts = append(e.texts, m.Text.Body)
			}
		}
	}
	return e
}
