package admin

import (
	"context"
	"encoding/json"
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
	audit.KindDelivery, audit.KindConsent,
}

// floors is what clauses of the retention policy keep of a person, and what they
// do not.
type floors struct {
	free   []uint64         // records that nothing keeps; consents are not among them
	months map[string]bool  // whose data keys are needed by records that are kept
	until  int64            // when the last of them is free, microseconds; 0: nothing is kept
	why    map[string]int64 // by clause, until when
	count  map[string]int   // by clause, how many records and files
}

// floorsOf looks at every record about a person, and every file. What clauses
// keep stays readable, so the person's row and index entries stay with it.
func (s *Service) floorsOf(ctx context.Context, subjects []audit.SubjectID) (floors, error) {
	p, now := s.cfg.Retention(), s.cfg.Now()
	f := floors{months: map[string]bool{}, why: map[string]int64{}, count: map[string]int{}}
	for _, id := range subjects {
		err := s.cfg.Journal.About(ctx, id, func(r *audit.Record) error {
			if r.Purged || !slices.Contains(contentKinds, r.Kind) {
				return nil
			}
			k, kept := p.Floor(retention.ItemOf(r), now)
			switch {
			case kept:
				f.keep(k, time.UnixMicro(r.Time))
			case r.Kind != audit.KindConsent:
				f.free = append(f.free, r.Seq)
			}
			return nil
		})
		if err != nil {
			return f, err
		}
		if err := s.filesFloor(ctx, id, &f); err != nil {
			return f, err
		}
	}
	return f, nil
}

// filesFloor adds files of a person whose content a clause keeps.
func (s *Service) filesFloor(ctx context.Context, id audit.SubjectID, f *floors) error {
	p, now := s.cfg.Retention(), s.cfg.Now()
	files, err := s.cfg.Journal.MediaOf(ctx, id)
	for _, m := range files {
		if k, kept := p.Floor(retention.Item{Class: audit.ClassMedia, Time: m.Created}, now); kept && m.Stored {
			f.bind(k)
		}
	}
	return err
}

// bind counts what a clause keeps.
func (f *floors) bind(k retention.Keeper) {
	f.count[k.Name]++
	f.why[k.Name], f.until = max(f.why[k.Name], k.Until), max(f.until, k.Until)
}

// keep is bind for a record sealed at a time.
func (f *floors) keep(k retention.Keeper, at time.Time) {
	f.bind(k)
	for _, t := range []time.Time{at, at.Add(time.Minute)} { // sealed at the end of a month
		f.months[person.Month(t)] = true
	}
}

// kept says what stays, for the answer.
func (f *floors) kept() []Kept {
	out := []Kept{}
	for name, until := range f.why {
		out = append(out, Kept{
			What: "records and files with their content, the person's identifiers and consents", Count: f.count[name],
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
	value, err := json.Marshal(q)
	if err != nil {
		return journal.Setting{}, fmt.Errorf("encode erasure: %w", err)
	}
	return journal.Setting{Scope: scopeHeldErasure, Key: q.Subject.String(), Value: value, Time: at}, nil
}

// partly erases what is free of an erasure that waits, and notes under which
// policy that was judged. Interrupted, it is done again.
func (s *Service) partly(ctx context.Context, q HeldErasure, f floors) (person.Destroyed, error) {
	out := person.Destroyed{Records: len(f.free)}
	keys, err := s.freeKeys(ctx, q.Subject, f)
	if err != nil {
		return out, err
	}
	out.Keys = len(keys)
	if len(f.free) > 0 {
		slices.Sort(f.free)
		f.free = slices.Compact(f.free)
		r := s.record(audit.KindErasure, Actor{Name: q.Actor}, "")
		r.Tenant, r.Subject, r.Ref = q.Tenant, q.Subject, q.Record
		if err := s.noteFree(ctx, q.Record, f.free); err != nil {
			return out, err
		}
		e := journal.Erase{Record: r, Reason: q.Reason, Parts: person.ContentParts(), Seqs: f.free, Keys: keys}
		if err := s.cfg.Journal.Erase(ctx, e); err != nil {
			return out, fmt.Errorf("erase a part of a person: %w", err)
		}
	}
	q.Until, q.Judged = f.until, s.cfg.Retention().Revision
	row, err := q.row(q.Asked)
	if err != nil {
		return out, err
	}
	b := journal.Batch{Settings: []journal.Setting{row}}
	if len(f.free) > 0 {
		e := retention.SubjectErasure{
			Record: q.Record, Actor: q.Actor, Reason: q.Reason, Subjects: s.cfg.People.Same(q.Subject), Keys: int64(len(keys)), Partly: true, Stay: f.stays(),
		}
		owes, err := owed(&e, q.Asked)
		if err != nil {
			return out, err
		}
		b.Settings = append(b.Settings, owes)
	}
	return out, s.cfg.Journal.Append(ctx, b)
}

// stays counts what clauses keep, for the certificate.
func (f *floors) stays() []retention.Stays {
	out := make([]retention.Stays, 0, len(f.count))
	for _, name := range slices.Sorted(maps.Keys(f.count)) {
		out = append(out, retention.Stays{Why: name + " until " + instant(f.why[name]), Count: int64(f.count[name])})
	}
	return out
}

// freeKeys are the data keys of messages that no kept record needs. Those of
// these two days stay, since answers to repeated sends rest under them.
func (s *Service) freeKeys(ctx context.Context, id audit.SubjectID, f floors) ([]journal.DataKey, error) {
	now := s.cfg.Now()
	var out []journal.DataKey
	for _, one := range s.cfg.People.Same(id) {
		all, err := s.cfg.Journal.KeysOf(ctx, one)
		if err != nil {
			return nil, err
		}
		for _, k := range all {
			recent := k.Month == person.Month(now) || k.Month == person.Month(now.Add(-24*time.Hour))
			if k.Class == audit.ClassMessages && !recent && !f.months[k.Month] {
				out = append(out, k)
			}
		}
	}
	return out, nil
}

// rests reports whether floors keep an erasure waiting, as was judged before
// under the same policy.
func (q *HeldErasure) rests(now time.Time, revision string) bool {
	return q.Until > now.UnixMicro() && q.Judged == revision && revision != ""
}
