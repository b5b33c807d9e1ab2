package admin

import (
	"context"
	"errors"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// redactLook is one look at what packs would change.
type redactLook struct {
	packed
	s     *Service
	in    *Redact
	since int64 // microseconds
	until int64
	same  []audit.SubjectID // of the person asked for
	open  map[audit.SubjectID]string
	now   time.Time
	vouch time.Time // up to when the trail vouches for now: floors are judged by it

	out   Redacting
	found map[RedactCount]int64
	kept  map[RedactKept]int64
}

func (s *Service) redactLook(ctx context.Context, in *Redact) (*redactLook, error) {
	l := &redactLook{s: s, in: in, now: s.cfg.Now(), found: map[RedactCount]int64{}, kept: map[RedactKept]int64{}}
	var err error
	if in.Tenant, err = s.tenant(in.Tenant); err != nil {
		return nil, err
	}
	if err := l.conditions(); err != nil {
		return nil, err
	}
	if l.packed, err = in.load(s.cfg.Config().Countries()); err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	if l.out.Revision, err = in.revision(); err != nil {
		return nil, err
	}
	if err := s.cfg.Holds.Known(); err != nil {
		return nil, holdError(err)
	}
	if l.vouch, _, err = retention.Believed(ctx, s.cfg.Journal, l.now); err != nil {
		return nil, err
	}
	l.open, err = leftAlone(ctx, s.cfg.Journal)
	return l, err
}

// conditions reads those of the request.
func (l *redactLook) conditions() (err error) {
	if l.since, err = moment("since", l.in.Since); err != nil {
		return err
	}
	if l.until, err = moment("until", l.in.Until); err != nil {
		return err
	}
	if l.until == 0 {
		l.until = l.now.UnixMicro()
	}
	if l.since == 0 || l.since >= l.until {
		return refuse(Invalid, "say from when on with --since, before --until")
	}
	if l.in.Person != "" {
		id, err := audit.ParseID(l.in.Person) // a subject has the same form
		if err != nil {
			return refuse(Invalid, "the person is named by subject id, 32 lower-case hex digits; see: postern subject find")
		}
		l.same = l.s.cfg.People.Same(audit.SubjectID(id))
	}
	return nil
}

// run looks at records from a place on until the time of one answer is over.
func (l *redactLook) run(ctx context.Context, from uint64) error {
	l.out.Size = l.s.cfg.Journal.Head().Size
	if from == 0 {
		var err error
		if from, err = l.begin(ctx); err != nil {
			return err
		}
	}
	l.out.Original = string(l.original)
	end := l.s.cfg.Now().Add(redactTime)
	for first := from; from < l.out.Size && (from == first || l.s.cfg.Now().Before(end)); {
		page, next, err := l.page(ctx, from)
		if err != nil {
			return err
		}
		for i := range page {
			if err := l.look(ctx, &page[i]); err != nil {
				return err
			}
		}
		from = next
	}
	if from < l.out.Size {
		l.out.Next = from
	}
	return nil
}

var errPageFull = errors.New("the page is full")

// page reads the records from a place on that are asked for, and where the next
// page begins. What it holds at once is bounded, however large bodies are.
func (l *redactLook) page(ctx context.Context, from uint64) (page []audit.Record, next uint64, err error) {
	next = min(from+redactPage, l.out.Size)
	size := 0
	err = l.s.cfg.Journal.Reader().Records(ctx, from, next, func(r *audit.Record) error {
		if !l.asked(r) {
			return nil
		}
		page = append(page, withBody(r))
		if size += len(bodyOf(r)); size < redactBytes {
			return nil
		}
		next = r.Seq + 1
		return errPageFull
	})
	if errors.Is(err, errPageFull) {
		err = nil
	}
	return page, next, err
}

// begin is the first record as young as asked for, or the size.
func (l *redactLook) begin(ctx context.Context) (uint64, error) {
	t, err := l.s.cfg.Journal.Reader().Query(ctx, "SELECT seq FROM audit WHERE time >= :since ORDER BY seq LIMIT 1",
		journal.QueryOptions{Timeout: affectedTime, Named: map[string]any{"since": l.since}})
	if err != nil || len(t.Rows) == 0 {
		return l.out.Size, err
	}
	first, _ := t.Rows[0][0].(int64)
	return uint64(max(first, 0)), nil //nolint:gosec // not negative
}
