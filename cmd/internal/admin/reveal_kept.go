package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/pii"
	"postern/proxy"
)

// SealedPart is something that is or was kept sealed about a record.
type SealedPart struct {
	Name  string `json:"name"`
	State string `json:"state"` // "sealed", "erased", or "none"
	Note  string `json:"note,omitempty"`
}

// Sealed answers record.sealed. Nothing is opened for it.
type Sealed struct {
	ID    audit.ID     `json:"id"`
	Parts []SealedPart `json:"parts"`
}

func (s *Service) recordSealed(ctx context.Context, a Actor, in Record) (Sealed, error) {
	who, err := s.revealer(ctx, a)
	if err != nil {
		return Sealed{}, err
	}
	r, err := s.recordFor(ctx, who, in.ID)
	if err != nil {
		return Sealed{}, err
	}
	out := Sealed{ID: r.ID}
	for _, name := range proxy.SealedNames() {
		p, err := s.state(ctx, &r, name)
		if err != nil {
			return Sealed{}, err
		}
		out.Parts = append(out.Parts, p)
	}
	read := TrailRead{What: "sealed", Rows: 1}
	if !r.Subject.IsZero() {
		read.Subject = r.Subject.String()
	}
	_, err = s.trailRead(ctx, a, read)
	return out, err
}

func (s *Service) state(ctx context.Context, r *audit.Record, name string) (SealedPart, error) {
	err := s.sealed().Holds(ctx, r, name)
	switch {
	case err == nil:
		return SealedPart{Name: name, State: "sealed"}, nil
	case errors.Is(err, proxy.ErrNotKept):
		return SealedPart{Name: name, State: "none", Note: notKept(r, name)}, nil
	case errors.Is(err, proxy.ErrErased):
		note, err := s.erasedBy(ctx, r, name)
		return SealedPart{Name: name, State: "erased", Note: note}, err
	}
	return SealedPart{}, fmt.Errorf("look for %s: %w", name, err)
}

// originalOf are the kinds of records that can hold what was received.
var originalOf = []audit.Kind{audit.KindAdmission, audit.KindMedia, audit.KindRead, audit.KindInbound, audit.KindDelivery, audit.KindUndecodable}

// notKept says why there is nothing of that name.
func notKept(r *audit.Record, name string) string {
	switch name {
	case audit.PartOriginal:
		switch {
		case !slices.Contains(originalOf, r.Kind):
			return "records of kind " + string(r.Kind) + " have none"
		case neverStored(r.Findings):
			return "card security codes, PINs or track data were found in it, which are never stored in any form"
		case r.Subject.IsZero():
			return "the record is about nobody, so it could never be erased"
		}
		return "the policy in force did not keep it (retention.keep_original, or its class in retention.yaml), or nothing was received"
	case audit.PartAnswer:
		return "the app sent no value of its own to be given back"
	case proxy.SealedPerson:
		return "the record is about nobody whose number or user id is known"
	case proxy.SealedMessageID:
		return "upstream named none, or it is older than 60 days, or the person was erased"
	case proxy.SealedDelivery:
		return "nothing was queued for the app, or it was dropped a day after its end, or the person was erased"
	}
	return "the record keeps no value of this token, or it was erased"
}

// neverStored reads a record's summary of findings, "CREDIT_CARD:1,EMAIL:2".
func neverStored(findings string) bool {
	for f := range strings.SplitSeq(findings, ",") {
		if kind, _, _ := strings.Cut(f, ":"); pii.NeverStored(pii.Type(kind)) {
			return true
		}
	}
	return false
}

// erasedBy names the record that says why something of r is gone.
func (s *Service) erasedBy(ctx context.Context, r *audit.Record, name string) (string, error) {
	const question = `SELECT id, subject, detail FROM audit WHERE kind = 'erasure' AND seq > :seq ORDER BY seq`
	t, err := s.cfg.Journal.Reader().Query(ctx, question, journal.QueryOptions{Named: map[string]any{"seq": int64(r.Seq)}}) //nolint:gosec // far below 2^63
	if err != nil {
		return "", fmt.Errorf("look for the erasure: %w", err)
	}
	of := func(row []any) bool { return covers(fmt.Sprint(row[2]), r.Seq, name) }
	if !slices.ContainsFunc(t.Rows, of) { // not the part, but the key or row of its person
		of = func(row []any) bool { return !r.Subject.IsZero() && fmt.Sprint(row[1]) == r.Subject.String() }
	}
	for _, row := range slices.Backward(t.Rows) {
		if of(row) {
			return fmt.Sprintf("erased: record %s says when and why", row[0]), nil
		}
	}
	return "erased: its key was destroyed, and no record of kind erasure is about it", nil
}

// covers reports whether an erasure's detail names the part of the record.
func covers(detail string, seq uint64, part string) bool {
	e, err := audit.DecodeErasure([]byte(detail))
	if err != nil || !slices.Contains(e.Parts, part) {
		return false
	}
	return slices.ContainsFunc(e.Ranges, func(r audit.SeqRange) bool { return r.First <= seq && seq <= r.Last })
}
