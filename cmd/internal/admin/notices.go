package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// Notices asks for subject.notices: who has to be told before their data goes.
type Notices struct {
	// Until is the day or RFC 3339 time up to which is looked at what comes to its
	// end; empty: as far as each class needs.
	Until string `json:"until,omitempty"`
}

// NoticesDue answers subject.notices. Persons appear as subject ids.
type NoticesDue struct {
	At      int64              `json:"at"` // microseconds
	Refused string             `json:"refused,omitempty"`
	Due     []retention.Untold `json:"due"`
	// Unreached: ClickHouse could not be asked for records that this store lost when
	// it was restored; who has to be told of those alone is missing.
	Unreached bool `json:"unreached,omitempty"`
}

// Types of records of kind retention, and the word of the reading.
const (
	typeNoticesTold = "notices_told"
	typeNoticeTold  = "notice_told"
	readNotices     = "notices"
)

func (s *Service) subjectNotices(ctx context.Context, a Actor, in Notices) (NoticesDue, error) {
	now := s.cfg.Now()
	until, err := noticeUntil(in.Until, now)
	if err != nil {
		return NoticesDue{}, err
	}
	out := NoticesDue{At: now.UnixMicro()}
	src := RetentionSource(s.cfg.Journal, s.cfg.People, s.cfg.Config)
	out.Due, out.Refused, err = s.cfg.Retention().Untold(ctx, s.cfg.Holds, now, until, src, s.overLost(src)...)
	if out.Unreached = errors.Is(err, retention.ErrUnreached); err != nil && !out.Unreached {
		return NoticesDue{}, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: readNotices, Rows: named(out.Due)})
	return out, err
}

func noticeUntil(text string, now time.Time) (time.Time, error) {
	at, err := moment("until", text)
	switch {
	case err != nil || at == 0:
		return time.Time{}, err
	case at <= now.UnixMicro():
		return time.Time{}, refuse(Invalid, "until is over; write a time to come")
	}
	return micros(at), nil
}

// named counts the persons that are listed.
func named(due []retention.Untold) (n int64) {
	for _, u := range due {
		n += int64(len(u.Subjects))
	}
	return n
}

// NoticesTold asks for subject.told: that persons were told, by a channel of the
// business, that what is kept of them in a class goes.
type NoticesTold struct {
	Tenant   string            `json:"tenant,omitempty"`
	Class    string            `json:"class"`
	Subjects []audit.SubjectID `json:"subjects"`       // at most maxNoticed
	Until    int64             `json:"until"`          // of what comes to its end up to then, microseconds
	Told     string            `json:"told,omitempty"` // day or RFC 3339; empty: now
}

// Told answers subject.told.
type Told struct {
	Record  audit.ID `json:"record,omitzero"` // that names the operator; those of the persons refer to it
	Persons int      `json:"persons"`
	Before  int      `json:"before"` // of the persons: on record before, and left as it was
	Erased  int      `json:"erased"` // of the persons: erased since, and left out
}

// maxNoticed bounds one call; toldBefore how old a notice may be when it is put
// on record.
const (
	maxNoticed = 200
	toldBefore = 31 * 24 * time.Hour
)

// subjectTold puts notices on record. One that covers as much is left as it is,
// so that a call that was cut off can be repeated.
func (s *Service) subjectTold(ctx context.Context, a Actor, in NoticesTold) (Told, error) {
	n, err := s.checkTold(&in)
	if err != nil {
		return Told{}, err
	}
	defer s.cfg.People.Use()()
	head := s.record(audit.KindRetention, a, typeNoticesTold)
	head.Tenant, head.Labels = in.Tenant, noticeLabels(in.Class, n)
	n.Record = head.ID
	b := journal.Batch{Records: []audit.Record{head}}
	out := Told{Persons: len(in.Subjects)}
	for _, id := range in.Subjects {
		if s.cfg.People.Erased(id) {
			out.Erased++
			continue
		}
		if err := s.erasable(ctx, in.Tenant, id); err != nil {
			return Told{}, err
		}
		rows, err := s.noticeRows(ctx, id, in.Class, n)
		switch {
		case err != nil:
			return Told{}, err
		case len(rows) == 0:
			out.Before++
			continue
		}
		r := s.record(audit.KindRetention, a, typeNoticeTold)
		r.Tenant, r.Subject, r.Ref, r.Labels = in.Tenant, id, head.ID, head.Labels // with a reference it is no contact
		b.Records, b.Settings = append(b.Records, r), append(b.Settings, rows...)
	}
	if len(b.Records) == 1 {
		return out, nil
	}
	out.Record = head.ID
	b.Records[0].Code = int64(len(b.Records) - 1)
	err = s.cfg.Journal.Append(ctx, b)
	if err == nil && s.cfg.Noticed != nil {
		s.cfg.Noticed()
	}
	return out, err
}

// noticeRows store a notice for each subject of a person; none where one that
// covers as much is there.
func (s *Service) noticeRows(ctx context.Context, id audit.SubjectID, class string, n retention.Notice) ([]journal.Setting, error) {
	var out []journal.Setting
	c := s.cfg.Retention().Classes[class]
	for _, one := range s.cfg.People.Same(id) {
		was, err := retention.NoticeOf(ctx, s.cfg.Journal, one, class)
		if err != nil {
			return nil, err
		}
		if was.Reaches(c.Days) >= n.Until {
			continue
		}
		row, err := n.With(was, c.NoticeHours, s.cfg.Now()).Row(one, class)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func (s *Service) checkTold(in *NoticesTold) (n retention.Notice, err error) {
	now := s.cfg.Now()
	if in.Tenant, err = s.tenant(in.Tenant); err != nil {
		return n, err
	}
	n.Told, n.Until = now.UnixMicro(), in.Until
	if in.Told != "" {
		if n.Told, err = moment("told", in.Told); err != nil {
			return n, err
		}
	}
	c, known := s.cfg.Retention().Classes[in.Class]
	switch {
	case !known || c.NoticeHours == 0 || c.Days == 0:
		return n, refuse(Invalid, "nobody has to be told of this class: it has no notice_hours or no days in the retention policy")
	case len(in.Subjects) == 0 || len(in.Subjects) > maxNoticed:
		return n, refuse(Invalid, "name 1 to %d persons in one call", maxNoticed)
	case n.Told > now.UnixMicro() || n.Told < now.Add(-toldBefore).UnixMicro():
		return n, refuse(Invalid, "told is when the persons were told: not to come, and at most 31 days ago")
	case n.Until > micros(n.Told).AddDate(0, 0, c.Days).UnixMicro():
		return n, refuse(Invalid, "until is later than the days of the class (%d) after the persons were told: nobody is told of what was not there", c.Days)
	case n.Until <= n.Told:
		return n, refuse(Invalid, "until is before the persons were told; take it from: postern subject notices --json")
	}
	slices.SortFunc(in.Subjects, func(a, b audit.SubjectID) int { return slices.Compare(a[:], b[:]) })
	in.Subjects = slices.Compact(in.Subjects)
	return n, nil
}

func noticeLabels(class string, n retention.Notice) []string {
	return []string{"class:" + class, "told:" + instant(n.Told), "until:" + instant(n.Until)}
}
