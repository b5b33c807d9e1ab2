package proxy

import (
	"sync"
	"time"

	"postern/audit"
	"postern/policy/pii"
	"postern/proxy/message"
)

const (
	echoSize = 10_000 // people in each of two generations
	echoTime = 24 * time.Hour
)

// echoes remembers by what names people went in their latest messages, so that a
// name that either side repeats is found. Memory only: it starts empty, forgets
// after a day, and whoever was silent for long goes first where there are many.
type echoes struct {
	mu         sync.Mutex
	young, old map[audit.SubjectID]echo
}

type echo struct {
	names []string
	until time.Time
}

// note remembers the names in a message of somebody's.
func (e *echoes) note(who audit.SubjectID, from message.Party, now time.Time) {
	names := namesOf(from)
	if who.IsZero() || len(names) == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.young == nil || len(e.young) >= echoSize {
		e.old, e.young = e.young, map[audit.SubjectID]echo{}
	}
	e.young[who] = echo{names, now.Add(echoTime)}
}

// names are those that somebody went by lately.
func (e *echoes) names(who audit.SubjectID, now time.Time) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.young[who]
	if !ok {
		x = e.old[who]
	}
	if now.Before(x.until) {
		return x.names
	}
	return nil
}

func namesOf(p message.Party) []string {
	var out []string
	for _, name := range []string{p.Name, p.Username} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// hintOf is what is known of the texts of a message from or to somebody.
func (g *Gate) hintOf(who audit.SubjectID, country string) pii.Hint {
	return pii.Hint{PeerCountry: country, Names: g.echoes.names(who, g.cfg.Now())}
}
