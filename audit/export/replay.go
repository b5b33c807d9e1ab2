package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// ErrAhead means that a replay would leave records out.
var ErrAhead = errors.New("the receiver does not have the records up to there yet; name an earlier one")

// Replay sends everything from one record on again, and records who asked for
// it. It waits for the batch under way to be given up.
func (x *Export) Replay(ctx context.Context, from uint64, actor string) error {
	m := move{ctx: ctx, next: from, why: note(x.cfg.Now(), actor, "replayed", x.cfg.Name, from), done: make(chan error, 1)}
	select {
	case x.moves <- m:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case x.wake <- struct{}{}:
	default: // it wakes already
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// move goes back while nothing is sent.
func (x *Export) move(m move) error {
	if m.next > x.follower.Cursor() {
		return ErrAhead
	}
	if err := x.cfg.Journal.Rewind(m.ctx, Follower(x.cfg.Name), m.next, m.why); err != nil {
		return fmt.Errorf("export %s: %w", x.cfg.Name, err)
	}
	return x.follow(m.ctx)
}

// Rewind is Replay for an export that does not run, in a journal that was just
// opened.
func Rewind(ctx context.Context, j *journal.Journal, name string, next uint64, actor string, now time.Time) error {
	cursors, err := j.Followers(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		if c.Name == Follower(name) && next > c.Next {
			return ErrAhead
		}
	}
	if err := j.Rewind(ctx, Follower(name), next, note(now, actor, "replayed", name, next)); err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	return nil
}

// Forget ends an export that is configured no more, and records that: nothing
// waits for it, and one of its name begins with the first record.
func Forget(ctx context.Context, j *journal.Journal, name, actor string, next uint64, now time.Time) error {
	err := j.Append(ctx, journal.Batch{
		Records:  []audit.Record{note(now, actor, "removed", name, next)},
		Settings: []journal.Setting{{Scope: scopeExport, Key: name}},
	})
	if err != nil {
		return fmt.Errorf("forget export %s: %w", name, err)
	}
	return j.Unfollow(ctx, Follower(name))
}

// note is the record of what was done about an export.
func note(now time.Time, actor, what, name string, next uint64) audit.Record {
	detail := fmt.Appendf(nil, `{"name":%q,"seq":%d}`, name, next)
	return audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor, Type: "export",
		Result: what, Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}
}
