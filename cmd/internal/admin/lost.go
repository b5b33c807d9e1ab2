package admin

import (
	"context"
	"errors"

	"postern/audit/clickhouse"
	"postern/retention"
)

// LostPurge asks for clickhouse.lost: what ClickHouse has of records that this
// store lost when it was restored goes. Confirm repeats that it is for good: it
// is the word "purge".
type LostPurge struct {
	Reason  string `json:"reason"` // short token, such as duplicate
	Confirm string `json:"confirm"`
}

func (s *Service) lostPurge(ctx context.Context, a Actor, in LostPurge) (retention.LostTaken, error) {
	switch {
	case in.Confirm != purgeWord:
		return retention.LostTaken{}, refuse(Invalid, "lost records may be the only copy, and are gone for good; confirm it with the word %q", purgeWord)
	case !eraseReason.MatchString(in.Reason):
		return retention.LostTaken{}, refuse(Invalid, "say why in a short word: a letter, then letters, digits and _, at most 32; such as imported")
	case s.cfg.PurgeLost == nil:
		return retention.LostTaken{}, refuse(Unavailable, "lost records go with the running gateway, where it ships to ClickHouse; start it with: postern serve")
	}
	if err := s.cfg.Holds.Known(); err != nil {
		return retention.LostTaken{}, holdError(err)
	}
	out, err := s.cfg.PurgeLost(context.WithoutCancel(ctx), a.Name, in.Reason)
	switch {
	case errors.Is(err, retention.ErrRunning):
		return out, refuse(Conflict, "%v; see: postern retention status", err)
	case errors.Is(err, retention.ErrUnreached), errors.Is(err, clickhouse.ErrNotBegun):
		return out, refuse(Unavailable, "%v; %d records are gone so far; ask again", err, out.Taken)
	}
	return out, err
}
