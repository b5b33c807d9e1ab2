package admin

import (
	"context"
	"errors"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// RetentionState says how retention runs stand.
type RetentionState struct {
	Running      bool               `json:"running"`
	Waiting      bool               `json:"waiting"`          // a run was interrupted and goes on with the next one
	Next         int64              `json:"next,omitempty"`   // when one starts by itself, microseconds; 0: none does
	Failed       string             `json:"failed,omitempty"` // why the last one since the start ended before its end
	Certificates []retention.Issued `json:"certificates"`     // newest first
	// Obstacles stand in the way of the next run.
	Obstacles []retention.Obstacle `json:"obstacles"`
}

// RetentionRun asks for retention.run. Confirm repeats that it is for good: it
// is the word "purge".
type RetentionRun struct {
	Confirm string `json:"confirm"`
}

const purgeWord = "purge"

// retentionRun starts a run and does not wait for its end.
func (s *Service) retentionRun(ctx context.Context, a Actor, in RetentionRun) (RetentionState, error) {
	switch {
	case in.Confirm != purgeWord:
		return RetentionState{}, refuse(Invalid, "what a run takes is gone for good; confirm it with the word %q", purgeWord)
	case s.cfg.Retain == nil:
		return RetentionState{}, refuse(Unavailable, "retention runs in the running gateway; start it with: postern serve")
	}
	if err := s.cfg.Holds.Known(); err != nil {
		return RetentionState{}, holdError(err)
	}
	err := s.cfg.Retain(a.Name)
	if errors.Is(err, retention.ErrRunning) {
		return RetentionState{}, refuse(Conflict, "%v; see: postern retention status", err)
	}
	if err != nil {
		return RetentionState{}, err
	}
	return s.retentionStatus(ctx, a, struct{}{})
}

func (s *Service) retentionStatus(ctx context.Context, _ Actor, _ struct{}) (RetentionState, error) {
	var out RetentionState
	if s.cfg.Retained != nil {
		out = s.cfg.Retained()
	}
	waits, err := retention.Interrupted(ctx, s.cfg.Journal)
	if err != nil {
		return out, err
	}
	out.Waiting = waits && !out.Running
	if out.Obstacles, err = s.obstacles(ctx); err != nil {
		return out, err
	}
	out.Certificates, err = retention.Certificates(ctx, s.cfg.Journal)
	return out, err
}

// RetentionCertificate asks for one by the id of its record.
type RetentionCertificate struct {
	ID audit.ID `json:"id"`
}

func (s *Service) retentionCertificate(ctx context.Context, _ Actor, in RetentionCertificate) (retention.CertificateFile, error) {
	f, err := retention.ExportCertificate(ctx, s.cfg.Journal, in.ID)
	if errors.Is(err, journal.ErrNotFound) {
		return f, refuse(NotFound, "there is no certificate of this id; see: postern retention status")
	}
	return f, err
}
