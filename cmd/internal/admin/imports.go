package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/message"
)

// importBatch is how many facts one transaction takes: enough to be quick, few
// enough that sends do not wait for it.
const importBatch = 100

// Import asks for facts.import.
type Import struct {
	Tenant string `json:"tenant,omitempty"`
	Format string `json:"format"` // "csv" or "jsonl"
	Data   string `json:"data"`
	Check  bool   `json:"check"` // read and judge only
}

// Imported answers facts.import. Read is Stored plus the lines with problems.
type Imported struct {
	Read     int           `json:"read"`
	Stored   int           `json:"stored"` // with Check: would be
	Problems []LineProblem `json:"problems"`
}

// LineProblem is a line that was not stored, and why; it quotes nothing of it.
type LineProblem struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"reason"`
}

func (s *Service) factsImport(ctx context.Context, a Actor, in Import) (Imported, error) {
	tenant, err := s.tenant(in.Tenant)
	if err != nil {
		return Imported{}, err
	}
	run := &importRun{s: s, actor: a, tenant: tenant, check: in.Check, out: Imported{Problems: []LineProblem{}}}
	defer run.let()
	for entry, err := range facts.Import(strings.NewReader(in.Data), facts.Format(in.Format), s.cfg.Now()) {
		run.out.Read++
		var bad *facts.LineError
		switch {
		case errors.As(err, &bad) && bad.Line == 1 && in.Format == string(facts.CSV):
			return run.out, refuse(Invalid, "nothing was imported: the header line: %s", strings.TrimPrefix(bad.Error(), "1:"))
		case errors.As(err, &bad):
			run.problem(bad.Line, bad.Column, strings.TrimPrefix(bad.Error(), fmt.Sprintf("%d:%d: ", bad.Line, bad.Column)))
		case err != nil:
			return run.out, refuse(Invalid, "the file ends early: %v; what was stored before it stays", err)
		default:
			if err := run.add(ctx, entry); err != nil {
				return run.out, err
			}
		}
	}
	return run.out, run.flush(ctx)
}

// importRun collects facts into batches.
type importRun struct {
	s      *Service
	actor  Actor
	tenant string
	check  bool
	batch  journal.Batch
	taken  map[place]bool // of the batch: one fact a place, so that order holds
	out    Imported
	used   func() // people are in use until it is called; nil: they are not
}

// use keeps people from being erased until the batch is stored.
func (r *importRun) use() {
	if r.used == nil {
		r.used = r.s.cfg.People.Use()
	}
}

func (r *importRun) let() {
	if r.used != nil {
		r.used()
		r.used = nil
	}
}

type place struct {
	subject   audit.SubjectID
	kind, key string
}

func (r *importRun) problem(line, column int, reason string) {
	r.out.Problems = append(r.out.Problems, LineProblem{line, column, reason})
}

func (r *importRun) add(ctx context.Context, e facts.Entry) error {
	if r.check {
		r.checkOnly(e)
		return nil
	}
	r.use()
	who, people, err := r.s.cfg.People.Resolve(ctx, r.tenant, message.Party{Number: e.Number, UserID: e.UserID})
	if err != nil {
		return err
	}
	row, err := r.complete(e.Row(facts.Person{Tenant: r.tenant, Subject: facts.Subject(who.Subject)}))
	if err != nil {
		return err
	}
	at := place{who.Subject, row.Kind, row.Key}
	if r.taken[at] || len(r.batch.Records) >= importBatch {
		if err := r.flush(ctx); err != nil {
			return err
		}
		return r.add(ctx, e) // looked up again: meanwhile the person may be erased
	}
	if !r.usable(e.Line, row) {
		return nil
	}
	rec := r.s.record(audit.KindConsent, r.actor, "import")
	rec.Tenant, rec.Subject, rec.Country, rec.Result = r.tenant, who.Subject, who.Country, row.Kind
	if row.Kind == facts.KindWindow {
		rec.Number = row.Key
	} else {
		rec.Category = row.Key
	}
	rec.Parts, rec.Labels = ledgerPart(row), optLabels([]facts.Row{row})
	r.batch.Records = append(r.batch.Records, rec)
	proxy.AddFacts(&r.batch, r.s.cfg.Facts, rec.ID, row)
	people.AddTo(&r.batch)
	if r.taken == nil {
		r.taken = map[place]bool{}
	}
	r.taken[at] = true
	return nil
}

// complete fills in who recorded a consent and to which legal entity it was
// given, where the line does not say.
func (r *importRun) complete(row facts.Row) (facts.Row, error) {
	if row.Kind != facts.KindConsent {
		return row, nil
	}
	var l facts.Ledger
	if err := json.Unmarshal(row.Value, &l); err != nil {
		return row, errors.New("read imported consent: its value does not fit")
	}
	l.Actor = cmp.Or(l.Actor, r.actor.Name)
	l.Entity = cmp.Or(l.Entity, r.s.entity(r.tenant))
	var err error
	row.Value, err = json.Marshal(l, json.Deterministic(true))
	return row, err
}

// checkOnly judges an entry without making its person known.
func (r *importRun) checkOnly(e facts.Entry) {
	p := facts.Person{Tenant: r.tenant}
	if known, ok := r.s.cfg.People.Find(r.tenant, message.Party{Number: e.Number, UserID: e.UserID}); ok {
		p.Subject = facts.Subject(known.Subject)
	}
	if r.usable(e.Line, e.Row(p)) {
		r.out.Stored++
	}
}

// ReasonKnown is the problem of a line that is good and comes too late.
const ReasonKnown = "a newer fact of this kind is known of this person; nothing to do"

// usable reports lines that are well formed but say nothing new, or speak of a
// business number that is not there.
func (r *importRun) usable(line int, row facts.Row) bool {
	if row.Kind == facts.KindWindow {
		if t, _, _, ok := r.s.cfg.Config().Number(row.Key); !ok || t.Name != r.tenant {
			r.problem(line, 1, "business: the tenant has no number with this id; write one of the configuration")
			return false
		}
	}
	if r.s.cfg.Facts.Stale(row) {
		r.problem(line, 1, ReasonKnown)
		return false
	}
	return true
}

func (r *importRun) flush(ctx context.Context) error {
	defer r.let()
	if len(r.batch.Records) == 0 {
		return nil
	}
	n := len(r.batch.Records)
	if err := r.s.cfg.Journal.Append(ctx, r.batch); err != nil {
		return err
	}
	r.out.Stored += n
	r.batch, r.taken = journal.Batch{}, nil
	return nil
}
