package admin

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/person"
	"postern/retention"
)

// scopeUncertified is the settings scope of erasures that no certificate says
// yet: key is the record that says it was asked for, value the
// retention.SubjectErasure.
const scopeUncertified = "erasure_uncertified"

// owed is the row by which a certificate is made, now or after a restart. It is
// committed before anything goes.
func owed(e *retention.SubjectErasure, at int64) (journal.Setting, error) {
	return setting(scopeUncertified, e.Record.String(), e, at)
}

// owe puts aside what the certificate of an erasure is made of, before anything
// goes. Of one that goes on after an interruption what was put aside stays.
func (s *Service) owe(ctx context.Context, f person.Forgotten) error {
	rows, err := s.cfg.Journal.Settings(ctx, scopeUncertified)
	if err != nil || slices.ContainsFunc(rows, func(r journal.Setting) bool { return r.Key == f.Record.String() }) {
		return err
	}
	e := retention.SubjectErasure{Record: f.Record, Actor: f.Actor, Reason: f.Reason, Subjects: f.Subjects}
	for _, one := range f.Subjects {
		keys, err := s.cfg.Journal.KeysOf(ctx, one)
		if err != nil {
			return err
		}
		e.Keys += int64(len(keys))
	}
	if f.Kept > 0 {
		e.Stay = []retention.Stays{{Why: "suppression list: the person refused messages; keyed hashes under a key of their own", Count: int64(f.Kept)}}
	}
	row, err := owed(&e, s.cfg.Now().UnixMicro())
	if err != nil {
		return err
	}
	if err := s.note(ctx, f.Record, f.Subjects); err != nil {
		return err
	}
	return s.cfg.Journal.Append(ctx, journal.Batch{Settings: []journal.Setting{row}})
}

// note remembers, in memory alone, what is to be looked for once a person is erased. It is called
// with erasing held, before anything goes.
func (s *Service) note(ctx context.Context, record audit.ID, subjects []audit.SubjectID) error {
	traces := [][]byte{}
	for _, id := range subjects {
		own, err := retention.TracesOfPerson(ctx, s.cfg.Journal, id)
		if err != nil {
			return err
		}
		seqs, err := s.cfg.Journal.SeqsOf(ctx, id)
		if err != nil {
			return err
		}
		said, err := retention.TracesOf(ctx, s.cfg.Journal, seqs, person.ContentParts())
		if err != nil {
			return err
		}
		traces = slices.Concat(traces, own, said)
	}
	s.traces[record] = traces
	return nil
}

// noteFree is note for the records of which an erasure takes a part.
func (s *Service) noteFree(ctx context.Context, record audit.ID, free []uint64) error {
	traces, err := retention.TracesOf(ctx, s.cfg.Journal, free, person.ContentParts())
	if err == nil {
		s.traces[record] = append(append([][]byte{}, s.traces[record]...), traces...)
	}
	return err
}

// certifyErasures makes the certificates that are owed. One that can not be made
// now is made by the gateway's clock or after the next start. It is called with
// erasing held.
func (s *Service) certifyErasures(ctx context.Context) (made map[audit.ID]audit.ID, err error) {
	rows, err := s.cfg.Journal.Settings(ctx, scopeUncertified)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	open, err := s.cfg.People.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	made = map[audit.ID]audit.ID{}
	for _, row := range rows {
		var e retention.SubjectErasure
		if err := json.Unmarshal(row.Value, &e); err != nil {
			return made, fmt.Errorf("the erasure to certify of record %s can not be read: verify the journal", row.Key)
		}
		if slices.ContainsFunc(open, func(f person.Forgotten) bool { return f.Record == e.Record }) {
			continue
		}
		e.Traces = s.traces[e.Record]
		over := journal.Setting{Scope: scopeUncertified, Key: row.Key, Time: s.cfg.Now().UnixMicro()}
		id, err := s.cfg.Certify(ctx, e, over)
		if err != nil {
			return made, fmt.Errorf("certify an erasure: %w", err)
		}
		made[e.Record] = id
		delete(s.traces, e.Record)
	}
	return made, nil
}

// withCertificate adds the certificate to what an erasure is answered with. The
// erasure stands without it.
func (s *Service) withCertificate(ctx context.Context, out Erasure) Erasure {
	made, err := s.certifyErasures(context.WithoutCancel(ctx))
	id, ok := made[out.Record]
	if err != nil || !ok {
		return out
	}
	f, err := retention.ExportCertificate(ctx, s.cfg.Journal, id)
	if err != nil {
		return out
	}
	out.Certificate, out.Signed = id, &f
	return out
}
