package numbers

import (
	"cmp"
	"context"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
)

// silent is how long a number may be without any traffic around its move before
// that is an alarm by itself.
const silent = time.Minute

// measure holds the last traffic of the old way against the first of the new,
// and counts what may be lost between. Of a number that came from outside the
// silence begins with the registration.
func (r *round) measure(ctx context.Context) error {
	from := r.m.Cut - min(r.m.Cut, looked)
	before, err := r.cfg.Journal.Traffic(ctx, r.m.Source, from, r.m.Cut)
	if err != nil {
		return err
	}
	since, err := r.since(ctx, r.m.Target)
	if err != nil {
		return err
	}
	s := &admin.NumberSilence{Unmatched: since.Unmatched, Strays: since.Strays}
	last := max(before.LastHook, before.LastOut)
	if !r.m.again() {
		old, err := r.since(ctx, r.m.Source)
		if err != nil {
			return err
		}
		s.Unmatched, s.Strays = s.Unmatched+old.Unmatched, s.Strays+old.Strays
		last = max(last, old.LastIn, old.LastOut) // statuses come later, too
	}
	if s.Open, err = r.cfg.Journal.Unended(ctx, r.m.Source, from, r.m.Cut); err != nil {
		return err
	}
	if last == 0 {
		last = r.m.CutAt
	}
	s.From, s.Until = last/1e6, first(since)/1e6
	if s.Until > 0 {
		s.Seconds = max(first(since)-last, 0) / 1e6
	}
	r.m.Silence = s
	return nil
}

// since is what passed a number after the registration was first tried: soon
// after, and where that lies back, lately.
func (r *round) since(ctx context.Context, number string) (journal.Traffic, error) {
	head := r.cfg.Journal.Head().Size
	soon := min(head, r.m.Cut+looked)
	t, err := r.cfg.Journal.Traffic(ctx, number, r.m.Cut, soon)
	if err != nil || t.FirstHook != 0 && t.FirstOut != 0 || soon == head {
		return t, err
	}
	late, err := r.cfg.Journal.Traffic(ctx, number, max(soon, head-min(head, looked)), head)
	t.FirstHook, t.FirstOut = cmp.Or(t.FirstHook, late.FirstHook), cmp.Or(t.FirstOut, late.FirstOut)
	t.LastIn, t.LastOut = max(t.LastIn, late.LastIn), max(t.LastOut, late.LastOut)
	t.Unmatched, t.Strays = t.Unmatched+late.Unmatched, t.Strays+late.Strays
	return t, err
}

// first is when traffic began, 0 where there was none.
func first(t journal.Traffic) int64 {
	if t.FirstHook == 0 || t.FirstOut != 0 && t.FirstOut < t.FirstHook {
		return t.FirstOut
	}
	return t.FirstHook
}

// tellSilence records how long the number was silent, and raises the alarm where
// something may be lost.
func (r *round) tellSilence(ctx context.Context) error {
	s, now := r.m.Silence, r.cfg.Now()
	result := "nothing_lost"
	if s.Unmatched+s.Strays+s.Open > 0 || time.Duration(s.Seconds)*time.Second > silent {
		result = "may_have_lost"
		r.cfg.Alarm("number_silence")
		r.cfg.Log.Warn().Str("number", r.m.Target).Int64("seconds", s.Seconds).Int64("unmatched", s.Unmatched).Int64("strays", s.Strays).
			Int64("open", s.Open).Msg("around the number's move something may be lost")
	}
	return r.cfg.Journal.Append(context.WithoutCancel(ctx), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "system",
		Tenant: r.m.To, Number: r.m.Target, Ref: r.m.Record, Type: "number_silence", Result: result, Code: s.Seconds,
	}}})
}
