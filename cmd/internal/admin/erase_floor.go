package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/person"
	"postern/retention"
)

// contentKinds are the records that can hold something a person said or was
// told; a floor on others keeps no erasure waiting.
var contentKinds = []audit.Kind{
	audit.KindAdmission, audit.KindInbound, audit.KindMedia, audit.KindRead, audit.KindUnmatchedSend, audit.KindUndecodable, audit.KindEvent,
	audit.KindDelivery, audit.KindConsent, audit.KindRevision,
}

// floors is what clauses of the retention policy keep of a person, and what they
// do not.
type floors struct {
	at    time.Time         // that the trail vouches for
	free  []uint64          // records that nothing keeps; consents are not among them
	files []audit.ID        // files that nothing keeps
	dead  []journal.Outcome // webhooks given up that nothing keeps
	until int64             // when the last of the others is free, microseconds; 0: nothing is kept
	why   map[string]int64  // by clause, until when
	count map[string]int    // by clause, how many records, files and webhooks
}

// floorsOf looks at every record about a person, and at what rests beside the
// trail. What clauses keep stays readable, so the person's row and index entries stay with it.
// No floor is over before the trail says so: the clock may have been set ahead.
func (s *Service) floorsOf(ctx context.Context, subjects []audit.SubjectID) (floors, error) {
	p, f := s.cfg.Retention(), floors{why: map[string]int64{}, count: map[string]int{}}
	var err error
	if f.at, _, err = retention.Believed(ctx, s.cfg.Journal, s.cfg.Now()); err != nil {
		return f, err
	}
	for _, id := range subjects {
		err := s.cfg.Journal.About(ctx, id, func(r *audit.Record) error {
			if r.Purged || !slices.Contains(contentKinds, r.Kind) {
				return nil
			}
			k, kept := p.Floor(retention.ItemOf(r), f.at)
			switch {
			case kept:
				f.bind(k)
			case r.Kind != audit.KindConsent:
				f.free = append(f.free, r.Seq)
			}
			return nil
		})
		if err != nil {
			return f, err
		}
		if err := s.besideFloor(ctx, id, &f); err != nil {
			return f, err
		}
	}
	return f, nil
}

// besideFloor looks at what rests beside the trail: files, and webhooks that were
// given up.
func (s *Service) besideFloor(ctx context.Context, id audit.SubjectID, f *floors) error {
	p := s.cfg.Retention()
	files, err := s.cfg.Journal.MediaOf(ctx, id)
	if err != nil {
		return err
	}
	for _, m := range files {
		if k, kept := p.Floor(retention.Item{Class: audit.ClassMedia, Time: m.Created}, f.at); kept && (m.Stored || m.FetchAt != 0) {
			f.bind(k) // also one that is still to be fetched
		} else if m.Upstream != nil {
			f.files = append(f.files, m.ID)
		}
	}
	dead, err := s.cfg.Journal.DeadOf(ctx, id)
	for _, d := range dead {
		if k, kept := p.Floor(retention.Item{Class: audit.ClassDeliveries, Time: d.Created}, f.at); kept {
			f.bind(k)
		} else {
			f.dead = append(f.dead, journal.Outcome{ID: d.ID, App: d.App})
		}
	}
	return err
}

// bind counts what a clause keeps.
func (f *floors) bind(k retention.Keeper) {
	f.count[k.Name]++
	f.why[k.Name], f.until = max(f.why[k.Name], k.Until), max(f.until, k.Until)
}

// kept says what stays, for the answer.
func (f *floors) kept() []Kept {
	out := []Kept{}
	for name, until := range f.why {
		out = append(out, Kept{
			What: "records, files and webhooks with their content, the person's identifiers and consents", Count: f.count[name],
			Why: fmt.Sprintf("%s keeps them, the last until %s; they then go by themselves", name, instant(until)),
		})
	}
	slices.SortFunc(out, func(a, b Kept) int { return strings.Compare(a.Why, b.Why) })
	return out
}

// erasePart erases what no clause keeps, restricts processing of the rest, and
// has the rest erased once the last clause lets it go. It is called under Guard,
// for a person whom no hold covers.
func (s *Service) erasePart(ctx context.Context, a Actor, tenant string, id audit.SubjectID, in SubjectErase, f floors) (Erasure, error) {
	r := s.record(audit.KindRequest, a, "erase")
	r.Tenant, r.Subject, r.Result = tenant, id, "queued"
	r.Labels = append([]string{"reason:" + in.Reason, "floor_until:" + instant(f.until)}, provedLabels(in.ProvedBy, in.Reference)...)
	q := HeldErasure{Tenant: tenant, Subject: id, Record: r.ID, Reason: in.Reason, Actor: a.Name, Asked: r.Time, Until: f.until}
	row, err := q.row(r.Time)
	if err != nil {
		return Erasure{}, err
	}
	b := journal.Batch{Records: []audit.Record{r}, Settings: []journal.Setting{row}}
	// The person gets an answer now: what stays, why and until when.
	if _, err := s.answerOpen(ctx, &b, a, id, retention.RequestErasure); err != nil {
		return Erasure{}, err
	}
	proxy.AddFacts(&b, s.cfg.Facts, r.ID, facts.Restricted(facts.Person{Tenant: tenant, Subject: facts.Subject(id)}, "erasure", s.cfg.Now()))
	if err := s.cfg.Journal.Append(ctx, b); err != nil {
		return Erasure{}, err
	}
	gone, err := s.partly(context.WithoutCancel(ctx), q, f)
	if err != nil {
		return Erasure{}, refuse(Unavailable, "the erasure is on record and not finished: %v; it goes on by itself", err)
	}
	out := queued(q, nil, f)
	out.Destroyed = gone
	return out, nil
}

func (q *HeldErasure) row(at int64) (journal.Setting, error) {
	return setting(scopeHeldErasure, q.Subject.String(), q, at)
}

// partly erases what is free of an erasure that waits, and notes under which
// policy that was judged. Interrupted, it is done again.
func (s *Service) partly(ctx context.Context, q HeldErasure, f floors) (person.Destroyed, error) {
	slices.Sort(f.free)
	f.free = slices.Compact(f.free)
	e := journal.Erase{Reason: q.Reason, Seqs: f.free, MessageIDs: true, Media: f.files, Dead: f.dead, Tally: q.Record.String()}
	var err error
	if e.Keys, err = s.freeKeys(ctx, q.Subject, e, f.at); err != nil {
		return person.Destroyed{}, err
	}
	out := person.Destroyed{Records: len(f.free), Keys: len(e.Keys), Deliveries: int64(len(f.dead))}
	some := out.Records+out.Keys+len(f.files)+len(f.dead) > 0
	if some {
		if err := s.eraseFree(ctx, q, e); err != nil {
			return out, err
		}
	}
	q.Until, q.Judged = f.until, s.cfg.Retention().Revision
	row, err := q.row(q.Asked)
	if err != nil {
		return out, err
	}
	b := journal.Batch{Settings: []journal.Setting{row}}
	if some {
		owes, err := s.oweFree(ctx, q, f)
		if err != nil {
			return out, err
		}
		b.Settings = append(b.Settings, owes)
	}
	return out, s.cfg.Journal.Append(ctx, b)
}

// oweFree is the row of the certificate of what partly took, so far and past
// crashes.
func (s *Service) oweFree(ctx context.Context, q HeldErasure, f floors) (journal.Setting, error) {
	told, err := s.cfg.Journal.Tallies(ctx, q.Record.String()+" ")
	if err != nil {
		return journal.Setting{}, err
	}
	return owed(&retention.SubjectErasure{
		Record: q.Record, Actor: q.Actor, Reason: q.Reason, Subjects: s.cfg.People.Same(q.Subject), Keys: told["keys"], Partly: true, Stay: f.stays(),
	}, q.Asked)
}

// stays counts what clauses keep, for the certificate.
func (f *floors) stays() []retention.Stays {
	out := make([]retention.Stays, 0, len(f.count))
	for _, name := range slices.Sorted(maps.Keys(f.count)) {
		out = append(out, retention.Stays{Why: name + " until " + instant(f.why[name]), Count: int64(f.count[name])})
	}
	return out
}

// eraseFree carries out what partly takes.
func (s *Service) eraseFree(ctx context.Context, q HeldErasure, e journal.Erase) error {
	if err := s.noteFree(ctx, q.Record, e.Seqs); err != nil {
		return err
	}
	e.Record = s.record(audit.KindRequest, Actor{Name: q.Actor}, "erase")
	e.Record.Result = "partly"
	if len(e.Seqs) > 0 {
		e.Parts = person.ContentParts()
		e.Record = s.record(audit.KindErasure, Actor{Name: q.Actor}, "")
	}
	e.Record.Tenant, e.Record.Subject, e.Record.Ref = q.Tenant, q.Subject, q.Record
	if err := s.cfg.Journal.Erase(ctx, e); err != nil {
		return fmt.Errorf("erase a part of a person: %w", err)
	}
	s.cfg.People.Destroyed(e.Keys)
	return nil
}

// freeKeys are the data keys that nothing of the person needs once e is carried
// out. Those of a month that has just ended stay, since answers to repeated sends
// rest under them.
func (s *Service) freeKeys(ctx context.Context, id audit.SubjectID, e journal.Erase, at time.Time) ([]journal.DataKey, error) {
	var out []journal.DataKey
	for _, one := range s.cfg.People.Same(id) {
		some, err := s.cfg.Journal.IdleKeysOf(ctx, one, e, at)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// rests reports whether floors keep an erasure waiting, as was judged before
// under the same policy.
func (q *HeldErasure) rests(now time.Time, revision string) bool {
	return q.Until > now.UnixMicro() && q.Judged == revision && revision != ""
}
