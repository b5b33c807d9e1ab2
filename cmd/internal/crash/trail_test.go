package crash

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// trail is what was read of the trail so far, record by record. It checks what
// must hold for each as it comes.
type trail struct {
	path string
	next uint64
	leaf [32]byte
	buf  []byte

	admissions map[audit.ID]*admission
	open       map[audit.ID]bool // allowed and not settled
	left       map[audit.ID]bool // open when the gateway started last, and still
	byMark     map[string][]audit.ID
	reads      int            // allowed
	inbound    map[string]int // by keyed hash of the message id
	statuses   map[string]int // by admission and state
	heard      map[audit.ID]bool
	accepted   []audit.ID // recorded so since the last look
	recoveries int
	started    uint64 // record of the last start
	unmatched  int
	faults     []string
}

// admission is an outbound decision with what became of it.
type admission struct {
	allowed bool
	read    bool // mark as read
	mark    string
	settled string
	expired bool
}

func newTrail(w *world) *trail {
	return &trail{
		path: filepath.Join(w.dir, "data", "journal.db"), admissions: map[audit.ID]*admission{}, open: map[audit.ID]bool{},
		byMark: map[string][]audit.ID{}, inbound: map[string]int{}, statuses: map[string]int{}, heard: map[audit.ID]bool{},
	}
}

func (tr *trail) fault(format string, args ...any) {
	tr.faults = append(tr.faults, fmt.Sprintf(format, args...))
}

// read goes on to the end of the chain as it is now.
func (tr *trail) read(t testing.TB) {
	t.Helper()
	r, err := journal.OpenReader(t.Context(), tr.path)
	check(t, err)
	defer r.Close()
	check(t, r.Records(context.Background(), tr.next, 1<<62, func(r *audit.Record) error {
		tr.chain(r)
		tr.take(r)
		return nil
	}))
}

// chain checks that the record is the next one of the chain.
func (tr *trail) chain(r *audit.Record) {
	var err error
	if tr.buf, err = audit.AppendLeaf(tr.buf[:0], r); err != nil {
		tr.fault("record %d: %v", r.Seq, err)
	}
	if r.Seq != tr.next || r.Prev != tr.leaf || audit.LeafHash(tr.buf) != r.Leaf {
		tr.fault("record %d does not follow record %d", r.Seq, tr.next-1)
	}
	tr.next, tr.leaf = r.Seq+1, r.Leaf
}

func (tr *trail) take(r *audit.Record) {
	switch r.Kind {
	case audit.KindAdmission, audit.KindRead:
		tr.admit(r)
	case audit.KindSettle:
		tr.settle(r)
	case audit.KindInbound:
		if tr.inbound[string(r.MessageID)]++; tr.inbound[string(r.MessageID)] > 1 {
			tr.fault("record %d: an inbound message is recorded twice", r.Seq)
		}
	case audit.KindStatus:
		tr.heard[r.Ref] = true
		key := r.Ref.String() + " " + r.Type
		if tr.statuses[key]++; tr.statuses[key] > 1 {
			tr.fault("record %d: a status is recorded twice", r.Seq)
		}
	case audit.KindUnmatchedSend:
		tr.unmatched++
		tr.fault("record %d: a status of a message without admission", r.Seq)
	case audit.KindLife:
		switch r.Type {
		case "start":
			tr.left, tr.started = maps.Clone(tr.open), r.Seq
		case "recovery":
			tr.recoveries++
		}
	}
}

func (tr *trail) admit(r *audit.Record) {
	a := &admission{allowed: r.Effect == audit.EffectAllow, read: r.Kind == audit.KindRead}
	for _, p := range r.Parts {
		if p.Name == audit.PartBody {
			a.mark = markOf(p.Body)
		}
	}
	tr.admissions[r.ID] = a
	if !a.allowed {
		return
	}
	tr.open[r.ID] = true
	if a.read {
		tr.reads++
		return
	}
	for _, id := range tr.byMark[a.mark] {
		if tr.admissions[id].settled != "not_sent" { // else its key is free again
			tr.fault("record %d: a send is admitted twice", r.Seq)
		}
	}
	tr.byMark[a.mark] = append(tr.byMark[a.mark], r.ID)
}

func (tr *trail) settle(r *audit.Record) {
	a := tr.admissions[r.Ref]
	switch {
	case a == nil || !a.allowed:
		tr.fault("record %d: an outcome of no admission", r.Seq)
		return
	case r.Result == "expired":
		if a.settled != "unknown" || a.expired || tr.heard[r.Ref] {
			tr.fault("record %d: a send is given up that was %s (heard of: %v)", r.Seq, a.settled, tr.heard[r.Ref])
		}
		a.expired = true
	case r.Result == "accepted" && a.settled == "unknown" && tr.heard[r.Ref]:
		a.settled = r.Result // its status came before the outcome was called unknown
	case a.settled != "":
		tr.fault("record %d: a second outcome %s of a send that was %s", r.Seq, r.Result, a.settled)
	default:
		a.settled = r.Result
	}
	if r.Result == "accepted" && !a.read {
		tr.accepted = append(tr.accepted, r.Ref)
	}
	delete(tr.open, r.Ref)
	delete(tr.left, r.Ref)
}

// allowed finds an admission that permits a send.
func (tr *trail) allowed(id audit.ID) (*admission, bool) {
	a, ok := tr.admissions[id]
	return a, ok && a.allowed
}
