package crash

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"postern/audit"
)

// taken is one request that the simulator took.
type taken struct {
	Seq       int64           `json:"seq"`
	Type      string          `json:"type"`
	WAMID     string          `json:"wamid"`
	MessageID string          `json:"message_id"`
	Callback  string          `json:"biz_opaque_callback_data"`
	Body      json.RawMessage `json:"body"`

	admission audit.ID
	mark      string
}

// posted is one attempt to post a webhook.
type posted struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// witness is what the simulator knows: what truly left, and what the gateway
// said it had recorded.
type witness struct {
	w         *world
	next      int64
	hooks     int64
	byWAMID   map[string]*taken
	byID      map[audit.ID]*taken
	byMark    map[string]*taken
	reads     map[string]bool
	fresh     []*taken // since the last look
	inbound   []string // message ids answered 200 since the last look
	statuses  []status // answered 200 since the last look
	delivered map[string]bool
	pending   int
	faults    []string
}

func newWitness(w *world) *witness {
	return &witness{
		w: w, byWAMID: map[string]*taken{}, byID: map[audit.ID]*taken{}, byMark: map[string]*taken{},
		reads: map[string]bool{}, delivered: map[string]bool{},
	}
}

func (s *witness) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// look reads what came since the last time; forget drops it.
func (s *witness) look(t testing.TB) {
	t.Helper()
	var all struct {
		Next     int64    `json:"next"`
		Accepted []*taken `json:"accepted"`
	}
	s.w.control(t, http.MethodGet, "/_sim/accepted?since="+strconv.FormatInt(s.next, 10), nil, &all)
	s.next = all.Next
	for _, a := range all.Accepted {
		s.take(a)
	}
	s.lookAtWebhooks(t)
}

func (s *witness) forget() { s.fresh, s.inbound, s.statuses = nil, nil, nil }

func (s *witness) take(a *taken) {
	if a.Type == "read" || a.Type == "typing" {
		if s.reads[a.MessageID] {
			s.fault("accepted %d: marked as read twice", a.Seq)
		}
		s.reads[a.MessageID] = true
		return
	}
	var err error
	if a.admission, err = audit.ParseID(a.Callback); err != nil {
		s.fault("accepted %d: a message without an admission's id", a.Seq)
		return
	}
	a.mark = markOf(a.Body)
	if s.byID[a.admission] != nil {
		s.fault("accepted %d: a second send of admission %s", a.Seq, a.admission)
	}
	if s.byMark[a.mark] != nil {
		s.fault("accepted %d: a second send of the same message", a.Seq)
	}
	s.byID[a.admission], s.byMark[a.mark], s.byWAMID[a.WAMID] = a, a, a
	s.fresh = append(s.fresh, a)
}

func (s *witness) lookAtWebhooks(t testing.TB) {
	t.Helper()
	var all struct {
		Next     int64    `json:"next"`
		Oldest   int64    `json:"oldest"`
		Pending  int      `json:"pending"`
		Webhooks []posted `json:"webhooks"`
	}
	s.w.control(t, http.MethodGet, "/_sim/webhooks?since="+strconv.FormatInt(s.hooks, 10), nil, &all)
	if all.Oldest > s.hooks+1 && all.Next > s.hooks {
		t.Fatalf("the simulator forgot webhooks %d to %d before they were looked at", s.hooks, all.Oldest)
	}
	s.hooks, s.pending = all.Next, all.Pending
	for _, p := range all.Webhooks {
		if p.Status == http.StatusOK {
			s.acknowledged(t, p.Body)
		}
	}
}

// acknowledged takes a webhook apart that was answered 200.
func (s *witness) acknowledged(t testing.TB, body []byte) {
	t.Helper()
	var all any
	check(t, json.Unmarshal(body, &all))
	walk(all, func(o map[string]any) {
		if st, ok := statusOf(o); ok {
			s.statuses = append(s.statuses, st)
		}
		list, _ := o["messages"].([]any)
		for _, m := range list {
			if m, ok := m.(map[string]any); ok {
				id, _ := m["id"].(string)
				s.inbound = append(s.inbound, id)
				s.delivered[id] = true
			}
		}
	})
}
