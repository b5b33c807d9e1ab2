package admin

import (
	"context"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy/message"
)

// Who names a person: by number, business-scoped user id or subject id. The
// number is looked up through the blind index and stored nowhere.
type Who struct {
	Tenant  string `json:"tenant,omitempty"` // may be left out while there is one
	Number  string `json:"number,omitempty"`
	UserID  string `json:"user_id,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// tenant is the one named, or the only one.
func (s *Service) tenant(name string) (string, error) {
	all := s.cfg.Config().Tenants
	if name == "" && len(all) == 1 {
		return all[0].Name, nil
	}
	for _, t := range all {
		if t.Name == name {
			return name, nil
		}
	}
	return "", refuse(Invalid, "name the tenant with --tenant: one of those in the configuration")
}

// party is the person named by number or user id.
func (w Who) party() (message.Party, error) {
	number := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "", ".", "").Replace(w.Number)
	if strings.Trim(number, "0123456789") != "" || number != "" && (len(number) < 7 || len(number) > 15) {
		return message.Party{}, refuse(Invalid, "write the number with country code: 7 to 15 digits, + and blanks allowed; else a user id such as US.13491208655302741918, or a subject id of 32 hex digits")
	}
	if strings.HasPrefix(number, "0") || strings.Contains(w.Number, "(0)") || facts.TrunkPrefix(number) {
		return message.Party{}, refuse(Invalid, "write the number with country code, without 00 before that and without the 0 that is dialled only inside the country, such as +49 151 12345678")
	}
	if number == "" && w.UserID == "" {
		return message.Party{}, refuse(Invalid, "name a person: a number or a user id")
	}
	return message.Party{Number: number, UserID: w.UserID}, nil
}

// find looks a person up; it makes no new one.
func (s *Service) find(w Who) (string, audit.SubjectID, error) {
	tenant, err := s.tenant(w.Tenant)
	if err != nil {
		return "", audit.SubjectID{}, err
	}
	if w.Subject != "" {
		id, err := audit.ParseID(w.Subject) // a subject has the same form
		if err != nil {
			return "", audit.SubjectID{}, refuse(Invalid, "a subject is 32 lower-case hex digits")
		}
		return tenant, audit.SubjectID(id), nil
	}
	p, err := w.party()
	if err != nil {
		return "", audit.SubjectID{}, err
	}
	found, ok := s.cfg.People.Find(tenant, p)
	if !ok {
		return "", audit.SubjectID{}, refuse(NotFound, "nothing is known of this person")
	}
	return tenant, found.Subject, nil
}

// Found answers subject.find.
type Found struct {
	Tenant  string `json:"tenant"`
	Subject string `json:"subject"`
}

// subjectFind is a reading like any other: it says which pseudonym a number has.
func (s *Service) subjectFind(ctx context.Context, a Actor, in Who) (Found, error) {
	tenant, id, err := s.find(in)
	if err != nil {
		return Found{}, err
	}
	out := Found{Tenant: tenant, Subject: id.String()}
	_, err = s.trailRead(ctx, a, TrailRead{What: "find", Rows: 1, Subject: out.Subject})
	return out, err
}

// Fact is one thing known of a person. Times are RFC 3339, empty for none.
type Fact struct {
	Kind   string         `json:"kind"`
	Key    string         `json:"key"`
	Value  jsontext.Value `json:"value"`
	Time   string         `json:"time"`
	Until  string         `json:"until,omitempty"`
	Record string         `json:"record"` // the record that proves it
}

// Known answers consent.show and subject.show.
type Known struct {
	Tenant  string  `json:"tenant"`
	Subject string  `json:"subject"`
	Facts   []Fact  `json:"facts"`
	Records []Entry `json:"records,omitempty"` // newest first
}

// Entry is a record in one line.
type Entry struct {
	ID      audit.ID `json:"id"`
	Seq     uint64   `json:"seq"`
	Time    string   `json:"time"`
	Kind    string   `json:"kind"`
	Type    string   `json:"type"`
	Effect  string   `json:"effect,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Result  string   `json:"result,omitempty"`
	Actor   string   `json:"actor,omitempty"`
}

// newest is how many records of a person subject.show answers.
const newest = 20

func (s *Service) consentShow(ctx context.Context, a Actor, in Who) (Known, error) {
	out, _, err := s.known(ctx, in, func(f journal.Fact) bool { return f.Kind == facts.KindConsent || f.Kind == facts.KindOptOut })
	if err != nil {
		return Known{}, err
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "consent", Rows: int64(len(out.Facts)), Subject: out.Subject})
	return out, err
}

func (s *Service) subjectShow(ctx context.Context, a Actor, in Who) (Known, error) {
	out, id, err := s.known(ctx, in, func(journal.Fact) bool { return true })
	if err != nil {
		return Known{}, err
	}
	records, err := s.cfg.Journal.RecordsOf(ctx, id, newest)
	if err != nil {
		return Known{}, err
	}
	for _, r := range records {
		out.Records = append(out.Records, entry(r))
	}
	_, err = s.trailRead(ctx, a, TrailRead{What: "subject", Rows: int64(len(out.Facts) + len(out.Records)), Subject: out.Subject})
	return out, err
}

func (s *Service) known(ctx context.Context, w Who, keep func(journal.Fact) bool) (Known, audit.SubjectID, error) {
	tenant, id, err := s.find(w)
	if err != nil {
		return Known{}, id, err
	}
	out := Known{Tenant: tenant, Subject: id.String(), Facts: []Fact{}}
	err = s.cfg.Journal.Facts(ctx, func(f journal.Fact) error {
		if f.Tenant == tenant && f.Subject == id && keep(f) {
			out.Facts = append(out.Facts, fact(f))
		}
		return nil
	})
	return out, id, err
}

func fact(f journal.Fact) Fact {
	return Fact{
		Kind: f.Kind, Key: f.Key, Value: jsontext.Value(f.Value).Clone(), Time: instant(f.Time), Until: instant(f.Until), Record: f.Record.String(),
	}
}

func entry(r audit.Record) Entry {
	return Entry{
		ID: r.ID, Seq: r.Seq, Time: instant(r.Time), Kind: string(r.Kind), Type: r.Type, Effect: string(r.Effect),
		Reasons: r.Reasons, Result: r.Result, Actor: r.Actor,
	}
}

// instant shows microseconds as RFC 3339; 0 is empty.
func instant(micro int64) string {
	if micro == 0 {
		return ""
	}
	return time.UnixMicro(micro).UTC().Format(time.RFC3339)
}
