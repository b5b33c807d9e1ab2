package numbers

import (
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
	head := r.cfg.Journal.Head().Size
	from := r.m.Cut - min(r.m.Cut, looked)
	before, err := r.cfg.Journal.Traffic(ctx, r.m.Source, from, r.m.Cut)
	if err != nil {
		return err
	}
	since, err := r.cfg.Journal.Traffic(ctx, r.m.Target, r.m.Cut, head)
	if err != nil {
		return err
	}
	s := &admin.NumberSilence{Unmatched: since.Unmatched, Strays: since.Strays, Open: before.Open}
	if !r.m.again() {
		old, err := r.cfg.Journal.Traffic(ctx, r.m.Source, r.m.Cut, head)
		if err != nil {
			return err
		}
		s.Unmatched, s.Strays = s.Unmatched+old.Unmatched, s.Strays+old.Strays
	}
	last := max(before.LastHook, before.LastOut)
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
