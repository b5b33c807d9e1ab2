package proxy

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"postern/audit"
	"postern/proxy/dialect"
)

// sent is what a status needs to know of the admission it belongs to.
type sent struct {
	subject audit.SubjectID
	tenant  string
	app     string
	number  string
	dialect dialect.Dialect
	class   string      // of the data keys that seal what belongs to the admission
	opaque  string      // the client's own biz_opaque_callback_data
	purged  bool        // retention took the admission: only tenant and number are known, if they are
	read    atomic.Bool // a "read" was seen
	// name is the hash of upstream's id of the message once that is stored.
	name atomic.Pointer[[16]byte]
}

// recentSize bounds each of the two generations.
const recentSize = 32_768

// recent remembers admissions so that their statuses need no look-up. It keeps
// two generations: when the young one is full, the old one is forgotten.
type recent struct {
	mu         sync.Mutex
	young, old map[audit.ID]*sent
}

func newRecent() *recent {
	return &recent{young: map[audit.ID]*sent{}, old: map[audit.ID]*sent{}}
}

func (r *recent) put(id audit.ID, s *sent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.putLocked(id, s)
}

func (r *recent) putLocked(id audit.ID, s *sent) {
	if len(r.young) >= recentSize {
		r.old, r.young = r.young, make(map[audit.ID]*sent, recentSize)
	}
	r.young[id] = s
}

func (r *recent) get(id audit.ID) (*sent, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.young[id]; ok {
		return s, true
	}
	s, ok := r.old[id]
	if ok {
		delete(r.old, id)
		r.putLocked(id, s)
	}
	return s, ok
}

// forget takes the sends to somebody out of memory.
func (r *recent) forget(of func(audit.SubjectID) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sends := range []map[audit.ID]*sent{r.young, r.old} {
		maps.DeleteFunc(sends, func(_ audit.ID, s *sent) bool { return of(s.subject) })
	}
}

// Forget takes what memory holds of a person's sends out of it.
func (g *Gate) Forget(subjects []audit.SubjectID) {
	g.recent.forget(func(id audit.SubjectID) bool { return slices.Contains(subjects, id) })
}
