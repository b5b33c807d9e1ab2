package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Notice is that a person was told, by the operator's own channel, that what is
// kept of them in a class goes. The zero value is that nobody was told.
type Notice struct {
	Told   int64    `json:"told"`   // when, microseconds
	Until  int64    `json:"until"`  // of what comes to its end up to then, microseconds
	Record audit.ID `json:"record"` // that says so

	// Earlier are notices from before, oldest first: who is told day after day was
	// told of the older rows long enough ago. Theirs are empty.
	Earlier []Notice `json:"earlier,omitempty"`

	// Person is the subject that stands for who is to be told; zero: the row names
	// nobody who could be, such as somebody who was erased.
	Person audit.SubjectID `json:"-"`
}

// covers reports whether a row whose clock began at start and whose days end at
// due was announced, and when first. What came after somebody was told they can
// not have been told of, and a clock that began anew takes the notice away.
func (n Notice) covers(start, due int64) (told int64, ok bool) {
	for _, one := range append(n.Earlier[:len(n.Earlier):len(n.Earlier)], n) {
		if one.Told != 0 && start <= one.Told && due <= one.Until && (!ok || one.Told < told) {
			told, ok = one.Told, true
		}
	}
	return told, ok
}

// maxEarlier bounds the notices before the last one.
const maxEarlier = 32

// With is the notice after another one of the same person and class, with hours
// as the class has them. What somebody was told before stays as long as it ends
// sooner for any row.
func (n Notice) With(was Notice, hours int, now time.Time) Notice {
	all := slices.Clone(was.Earlier)
	if was.Earlier = nil; was.Told != 0 {
		all = append(all, was)
	}
	over := now.Add(-time.Duration(hours) * time.Hour).UnixMicro()
	n.Earlier = nil
	for i, one := range all {
		better := func(x Notice) bool { return x.Told <= over && x.Told >= one.Told && x.Until >= one.Until }
		if !slices.ContainsFunc(all[i+1:], better) && !better(n) {
			n.Earlier = append(n.Earlier, one)
		}
	}
	if len(n.Earlier) > maxEarlier { // the oldest stay: their hours are over first
		n.Earlier = n.Earlier[:maxEarlier]
	}
	return n
}

// Reaches is up to when the notice covers rows of a class of count days that
// were there, microseconds: no longer than the days after it, should they have
// become fewer since.
func (n Notice) Reaches(count int) int64 {
	if n.Told == 0 {
		return 0
	}
	return min(n.Until, n.Told+days(count))
}

// scopeNotice is the settings scope of notices: key is the subject and the
// class, time the day until which it counts.
const scopeNotice = "notice"

// Row stores the notice for one subject of a person in one class.
func (n Notice) Row(id audit.SubjectID, class string) (journal.Setting, error) {
	value, err := json.Marshal(n)
	if err != nil {
		return journal.Setting{}, fmt.Errorf("encode notice: %w", err)
	}
	return journal.Setting{Scope: scopeNotice, Key: noticeKey(id, class), Value: value, Time: n.Until}, nil
}

func noticeKey(id audit.SubjectID, class string) string { return id.String() + "/" + class }

// NoticeOf is what a subject was told of a class.
func NoticeOf(ctx context.Context, j *journal.Journal, id audit.SubjectID, class string) (n Notice, err error) {
	row, err := j.Setting(ctx, scopeNotice, noticeKey(id, class))
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return n, nil
	case err != nil:
		return n, fmt.Errorf("look whether a person was told: %w", err)
	}
	if err := json.Unmarshal(row.Value, &n); err != nil {
		return n, errors.New("look whether a person was told: a stored notice is damaged; verify the journal")
	}
	return n, nil
}

// Told implements Source.
func (s JournalSource) Told(ctx context.Context, it Item) (Notice, error) {
	n, err := NoticeOf(ctx, s.Journal, it.Subject, it.Class)
	if err != nil {
		return n, err
	}
	all := s.same(it.Subject)
	for _, id := range all {
		row, err := s.Journal.Subject(ctx, id)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return n, fmt.Errorf("look whether a person can be told: %w", err)
		}
		if len(row.Identifiers) > 0 {
			n.Person = all[0]
			break
		}
	}
	return n, nil
}

// noticeKept is how long a notice stays after its last day, for rows that a
// hold or a request keeps meanwhile.
const noticeKept = 366 * aDay

// DropNotices takes those away that nothing needs any more.
func DropNotices(ctx context.Context, j *journal.Journal, now time.Time) error {
	for {
		old, err := j.SettingsBefore(ctx, scopeNotice, now.Add(-noticeKept).UnixMicro(), stepRows)
		if err != nil || len(old) == 0 {
			return err
		}
		for i := range old {
			old[i].Value = nil
		}
		if err := j.Append(ctx, journal.Batch{Settings: old}); err != nil {
			return fmt.Errorf("drop notices that are over: %w", err)
		}
	}
}
