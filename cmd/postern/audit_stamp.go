package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"postern/audit"
	"postern/audit/stamp"
)

// stamped is what time stamps prove, beside the report.
type stamped struct {
	Holds int      `json:"holds"`
	Size  uint64   `json:"size"` // records of the newest stamped checkpoint
	Time  string   `json:"time"` // when it existed at the latest, RFC 3339
	Bad   []string `json:"bad"`  // those that do not hold, and why
}

// stampsFor reads the stamps to check and gives their checkpoints, which are
// held against the trail like any kept outside.
func (p *program) stampsFor(v *proof) ([]stamp.Stamped, *x509.CertPool, error) {
	if v.stampCA == "" {
		if v.stamps != "" {
			return nil, nil, usageError{errors.New("--stamps needs --stamp-ca")}
		}
		return nil, nil, nil
	}
	roots, err := stamp.Roots(v.stampCA)
	if err != nil {
		return nil, nil, err
	}
	if v.stamps == "" {
		c, err := p.config()
		if err != nil {
			return nil, nil, err
		}
		v.stamps = filepath.Join(c.Checkpoints.Dir, stamp.Folder)
	}
	all, err := stamp.Read(v.stamps)
	if err == nil && len(all) == 0 {
		err = errors.New("the folder of --stamps holds no time stamp")
	}
	return all, roots, err
}

// asOutside are the stamped checkpoints as kept outside the store.
func asOutside(all []stamp.Stamped) []audit.OutsideCheckpoint {
	var out []audit.OutsideCheckpoint
	for _, s := range all {
		out = append(out, audit.OutsideCheckpoint{From: fmt.Sprintf("stamped:%d", s.Size), Note: s.Note})
	}
	return out
}

// checkStamps checks them with the roots alone, and against the keys.
func checkStamps(all []stamp.Stamped, roots *x509.CertPool, keys []audit.Verifier) *stamped {
	if roots == nil {
		return nil
	}
	out := &stamped{Bad: []string{}}
	for _, s := range all {
		at, err := stamp.Check(s.Note, s.Answer, roots)
		if err == nil {
			_, err = audit.OpenCheckpoint(s.Note, keys...)
		}
		if err != nil {
			out.Bad = append(out.Bad, fmt.Sprintf("%d: %v", s.Size, err))
			continue
		}
		out.Holds++
		out.Size, out.Time = s.Size, at.UTC().Format(time.RFC3339)
	}
	return out
}

func (p *program) stampsText(s *stamped) error {
	if s == nil {
		return nil
	}
	var errs []error
	for _, bad := range s.Bad {
		errs = append(errs, p.say("time stamp of checkpoint %s", bad))
	}
	if s.Holds > 0 {
		errs = append(errs, p.say("%d time stamps hold; the first %d records existed by %s.", s.Holds, s.Size, s.Time))
	}
	return errors.Join(errs...)
}
