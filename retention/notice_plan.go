package retention

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Why a notice keeps a row.
const (
	noticeNotGiven = "not_given" // the person was not told yet
	noticeRunning  = "running"   // the person was told a shorter time ago than the class says
)

// Untold are persons who have to be told before their data of a class goes, as
// subject ids. At most maxUntold persons are told apart in each.
type Untold struct {
	Tenant  string `json:"tenant"`
	Class   string `json:"class"`
	Hours   int    `json:"hours"`   // how long before
	Until   int64  `json:"until"`   // looked at is what comes to its end before, microseconds
	Persons int    `json:"persons"` // who have to be told
	Overdue int    `json:"overdue"` // of them: whose days are over, so that their data stays longer than the class says
	Rows    int    `json:"rows"`    // of theirs
	More    bool   `json:"more"`    // there are more persons than were counted

	Subjects []audit.SubjectID `json:"subjects,omitempty"` // ascending
}

// maxUntold bounds the persons of one class that are named at once.
const maxUntold = 100_000

// maxTold bounds what a judge remembers of who was told.
const maxTold = 50_000

// noticeAhead is how long before the last moment the plan names who has to be
// told: a day in which an operator can do it.
const noticeAhead = aDay

// Ahead is until when a class's rows are looked at for persons to be told:
// until the time given, or as long as the class needs. Nobody is told of what
// does not exist yet, so it is at most the class's days from now.
func (c Class) Ahead(now, until time.Time) time.Time {
	if c.NoticeHours == 0 {
		return now
	}
	if until.IsZero() {
		until = now.Add(time.Duration(c.NoticeHours)*time.Hour + noticeAhead)
	}
	if last := now.Add(time.Duration(c.Days) * aDay); until.After(last) {
		return last
	}
	return until
}

// announced is what is to become of a row that may go as soon as the person was
// told long enough ago. due is when its days end.
func (j *judge) announced(ctx context.Context, it Item, c Class, f Fate) (Fate, error) {
	if it.Orphan { // with what it belongs to the person's data went
		return f, nil
	}
	due := it.Start + days(c.Days)
	soon := due >= j.now
	n, err := j.notice(ctx, it)
	if err != nil {
		return Fate{}, err
	}
	told, covered := n.covers(it.Start, due)
	ends := told + (time.Duration(c.NoticeHours) * time.Hour).Microseconds()
	switch {
	case n.Person.IsZero() && soon:
		return Fate{}, nil
	case n.Person.IsZero():
		return f, nil
	case !covered && soon:
		return Fate{tell: n.Person}, nil
	case !covered:
		return Fate{tell: n.Person, Kept: []Keeper{{By: KeptByNotice, Name: noticeNotGiven}}}, nil
	case soon:
		return Fate{}, nil
	case ends > j.now:
		return Fate{Kept: []Keeper{{By: KeptByNotice, Name: noticeRunning, Until: ends}}}, nil
	}
	return f, nil
}

// notice asks the source what a person was told, and remembers it.
func (j *judge) notice(ctx context.Context, it Item) (Notice, error) {
	if it.Subject.IsZero() {
		return Notice{}, nil
	}
	key := toldKey{it.Subject, it.Class}
	if n, known := j.told[key]; known {
		return n, nil
	}
	n, err := j.src.Told(ctx, it)
	if len(j.told) >= maxTold {
		clear(j.told)
	}
	j.told[key] = n
	return n, err
}

type toldKey struct {
	subject audit.SubjectID
	class   string
}

// untold collects who has to be told, within bounds.
type untold map[[2]string]*toTell

type toTell struct {
	Untold
	persons map[audit.SubjectID]bool // true: overdue
}

func (u untold) add(it Item, c Class, f Fate, until time.Time) {
	if f.tell.IsZero() {
		return
	}
	key := [2]string{it.Tenant, it.Class}
	t := u[key]
	if t == nil {
		t = &toTell{Untold{Tenant: it.Tenant, Class: it.Class, Hours: c.NoticeHours, Until: until.UnixMicro()}, map[audit.SubjectID]bool{}}
		u[key] = t
	}
	t.Rows++
	if overdue, known := t.persons[f.tell]; known || len(t.persons) < maxUntold {
		t.persons[f.tell] = overdue || len(f.Kept) > 0
		return
	}
	t.More = true
}

func (u untold) list() []Untold {
	out := make([]Untold, 0, len(u))
	for _, t := range u {
		for id, overdue := range t.persons {
			t.Subjects = append(t.Subjects, id)
			if overdue {
				t.Overdue++
			}
		}
		t.Persons = len(t.Subjects)
		slices.SortFunc(t.Subjects, func(a, b audit.SubjectID) int { return bytes.Compare(a[:], b[:]) })
		out = append(out, t.Untold)
	}
	slices.SortFunc(out, func(a, b Untold) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Class, b.Class))
	})
	return out
}

// Announces reports whether any class has people told before their data goes.
func (p Policy) Announces() bool {
	for _, c := range p.Classes {
		if c.announces() {
			return true
		}
	}
	return false
}

func (c Class) announces() bool { return c.NoticeHours > 0 && c.Days > 0 }

// Awaits reports whether a person has to be told before something of a class
// goes that is about them; who is found by nothing can not be.
func (p Policy) Awaits(ctx context.Context, j *journal.Journal, class string, of audit.SubjectID) (bool, error) {
	if !p.Classes[class].announces() || of.IsZero() {
		return false, nil
	}
	row, err := j.Subject(ctx, of)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return len(row.Identifiers) > 0, err
}

// Untold are the persons whose data comes to its end before a time and who have
// to be told; a zero time looks as far as each class needs. Where refused is not
// empty the clock can not be believed and nobody is named. With ErrUnreached the
// list is without those whom only the source that could not be reached knows.
func (p Policy) Untold(ctx context.Context, holds *Holds, now, until time.Time, src Source, also ...Source) (list []Untold, refused string, err error) {
	only := Policy{Classes: map[string]Class{}}
	for name, c := range p.Classes {
		if c.NoticeHours > 0 {
			only.Classes[name] = c
		}
	}
	found := untold{}
	ahead := func(c Class) time.Time { return c.Ahead(now, until) }
	refused, err = only.eachOf(ctx, holds, now, ahead, append([]Source{src}, also...), func(it Item, f Fate) error {
		c := only.Classes[it.Class]
		found.add(it, c, f, ahead(c))
		return nil
	})
	if err != nil {
		err = fmt.Errorf("look who has to be told: %w", err)
	}
	return found.list(), refused, err
}
