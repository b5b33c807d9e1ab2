package retention

import (
	"context"
	"errors"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// persons calls fn for each person of whom nothing is left but records without
// content, and that what they are found by.
func (s JournalSource) persons(ctx context.Context, before int64, fn func(Item) error) error {
	asking := map[audit.SubjectID]bool{} // also for an erasure, which then takes them
	open, err := Requests(ctx, s.Journal)
	if err != nil {
		return err
	}
	for _, q := range open {
		asking[s.same(q.Subject)[0]] = true
	}
	return s.Journal.Reader().AgedPersons(ctx, before, func(id audit.SubjectID) error {
		same := s.same(id)
		if asking[same[0]] || id != firstFound(ctx, s.Journal, same) {
			return nil
		}
		it, some, err := bareItem(ctx, s.Journal, same)
		if err != nil || !some || it.Time >= before {
			return err
		}
		return fn(it)
	})
}

// firstFound stands for a person among all subjects that are this one: the first
// that is found by something.
func firstFound(ctx context.Context, j *journal.Journal, same []audit.SubjectID) audit.SubjectID {
	for _, id := range same {
		if _, _, found, err := j.Reader().Bare(ctx, id); err == nil && found {
			return id
		}
	}
	return audit.SubjectID{}
}

// bareItem is a person with nothing but records without content; its time is that
// of the newest.
func bareItem(ctx context.Context, j *journal.Journal, same []audit.SubjectID) (it Item, some bool, err error) {
	for _, id := range same {
		s, records, found, err := j.Reader().Bare(ctx, id)
		if err != nil {
			return it, false, err
		}
		if !found {
			row, err := j.Subject(ctx, id)
			if err != nil && !errors.Is(err, journal.ErrNotFound) || len(row.Index) > 0 {
				return it, false, err
			}
			continue
		}
		if !some {
			it, some = Item{Store: StorePersons, Begun: s.Created, Class: audit.ClassConsent, Kind: audit.KindConsent, Tenant: s.Tenant, Subject: same[0], same: same}, true
		}
		it.Begun, it.Time = min(it.Begun, s.Created), max(it.Time, s.Created)
		for i := range records {
			of := recordItem(&records[i])
			it.Time, it.rests = max(it.Time, of.Time), append(it.rests, of)
		}
	}
	return it, some, nil
}

// keepsRest reports whether the policy keeps some of the records that are left of a
// person longer, and so whom they are about.
func (j *judge) keepsRest(it Item) bool {
	return slices.ContainsFunc(it.rests, func(of Item) bool { return !j.over(of, j.p.Classes[of.Class]) })
}

// vacate takes what persons are found by, as far as nothing has come to be of
// them since, and nobody uses them meanwhile.
func (s *steps) vacate(ctx context.Context, k batchKey, items []Item, held func(Item) []Hold) error {
	if s.r.cfg.Vacate == nil {
		return nil
	}
	look := func() (all []audit.SubjectID, err error) {
		for _, was := range items {
			it, some, err := bareItem(ctx, s.r.cfg.Journal, was.same)
			if err != nil {
				return nil, err
			}
			holds := func(of Item) bool { return len(held(of)) > 0 }
			if !some || it.Time != was.Time || s.keep(holds(it) || slices.ContainsFunc(it.rests, holds), KeptByHold) {
				continue
			}
			all = append(all, it.same...)
		}
		return all, nil
	}
	return s.r.cfg.Vacate(ctx, look, func(all []audit.SubjectID) error { return s.forget(ctx, k, all) })
}

// forget records that persons go, and destroys identifiers and index entries.
func (s *steps) forget(ctx context.Context, k batchKey, all []audit.SubjectID) error {
	e := journal.Erase{Record: s.note(audit.KindRetention, typeBeside, k), Reason: "retention", Subjects: all, Later: true}
	e.Tally = s.run.tally(labelsOf(e.Record))
	for _, id := range all {
		own, err := s.r.cfg.Journal.KeysOf(ctx, id)
		if err != nil {
			return err
		}
		e.Keys = append(e.Keys, own...)
	}
	e.Record.Code = int64(len(all))
	return s.r.cfg.Journal.Erase(ctx, e)
}
