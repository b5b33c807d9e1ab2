package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// scopeAwaited holds, by run, what its last certificate could not yet say gone.
const scopeAwaited = "retention-awaited"

// askLater is how long a place that names no moment is left alone, or one whose
// moment went by.
const askLater = 10 * time.Minute

// awaited is a certificate that a later one is to complete.
type awaited struct {
	Certificate audit.ID `json:"certificate"`
	Places      []Place  `json:"places"` // as they stood when they were asked last
	Again       []string `json:"again"`  // names of those to be asked again
	Looked      int64    `json:"looked"` // microseconds
	// Persons are whose files are awaited, where the certificate is of an erasure:
	// it does not name them.
	Persons []audit.SubjectID `json:"persons,omitempty"`
}

// setting is the row; where nothing is awaited it goes.
func (a *awaited) setting(run audit.ID) (journal.Setting, error) {
	row := journal.Setting{Scope: scopeAwaited, Key: run.String(), Time: a.Looked}
	if len(a.Again) == 0 {
		return row, nil
	}
	var err error
	if row.Value, err = json.Marshal(a); err != nil {
		return row, fmt.Errorf("encode what is awaited: %w", err)
	}
	return row, nil
}

// due reports whether some place may have more to say by now.
func (a *awaited) due(now time.Time) bool {
	late := now.UnixMicro() >= a.Looked+askLater.Microseconds()
	return slices.ContainsFunc(a.Places, func(p Place) bool {
		return slices.Contains(a.Again, p.Name) && (late && p.By <= now.UnixMicro() || p.By > a.Looked && p.By <= now.UnixMicro())
	})
}

// Complete asks the places again that earlier certificates name as pending, once
// their time has come, and certifies each run of which one says something else
// now. It does nothing while a run is under way.
func (r *Runner) Complete(ctx context.Context) (certificates int, err error) {
	if !r.busy.TryLock() {
		return 0, nil
	}
	defer r.busy.Unlock()
	rows, err := r.cfg.Journal.Settings(ctx, scopeAwaited)
	if err != nil {
		return 0, fmt.Errorf("look what certificates await: %w", err)
	}
	for _, row := range rows {
		var a awaited
		if err := json.Unmarshal(row.Value, &a); err != nil {
			return certificates, fmt.Errorf("what certificate of run %s awaits cannot be read: verify the journal", row.Key)
		}
		if !a.due(r.cfg.Now()) {
			continue
		}
		written, err := r.complete(ctx, &a)
		if err != nil {
			return certificates, err
		}
		if written {
			certificates++
		}
	}
	return certificates, nil
}

// complete certifies a run anew where a place stands otherwise than before.
func (r *Runner) complete(ctx context.Context, a *awaited) (written bool, err error) {
	f, err := ExportCertificate(ctx, r.cfg.Journal, a.Certificate)
	if err != nil {
		return false, fmt.Errorf("read the certificate to complete: %w", err)
	}
	c, err := f.Unchecked()
	if err != nil {
		return false, err
	}
	before := c
	gone, err := r.count(ctx, &Certificate{Run: c.Run, Ended: c.Ended}, nil)
	if err != nil {
		return false, err
	}
	gone.Before, gone.Keys = a.Places, c.Keys
	now, again := r.elsewhere(ctx, gone)
	if slices.Contains(a.Again, placeMedia) {
		files, err := r.filesAgain(ctx, a, &c)
		if err != nil {
			return false, err
		}
		if now = append(now, files); files.State == StatePending {
			again = append(again, files.Name)
		}
	}
	c.Place = replaced(c.Place, now, a.Again)
	again = slices.DeleteFunc(again, func(name string) bool { return !slices.Contains(a.Again, name) })
	if sameStates(c.Place, before.Place) {
		a.Places, a.Looked = c.Place, r.cfg.Now().UnixMicro()
		row, err := a.setting(c.Run)
		if err != nil {
			return false, err
		}
		return false, r.cfg.Journal.Append(ctx, journal.Batch{Settings: []journal.Setting{row}})
	}
	c.Completes, c.Looked = a.Certificate, r.cfg.Now().UnixMicro()
	_, err = r.write(ctx, &c, awaited{Again: again, Persons: a.Persons})
	return err == nil, err
}

// filesAgain says how the files stand by now: a run's, or a person's.
func (r *Runner) filesAgain(ctx context.Context, a *awaited, c *Certificate) (Place, error) {
	if c.Of == ofSubject {
		return r.filesOf(ctx, a.Persons, false)
	}
	return r.files(ctx, c)
}

// replaced are the places with those asked again as they stand now. One that the
// gateway has no more stays as it was.
func replaced(was, now []Place, again []string) []Place {
	out := slices.Clone(was)
	for i := range out {
		at := slices.IndexFunc(now, func(p Place) bool { return p.Name == out[i].Name })
		if at >= 0 && slices.Contains(again, out[i].Name) {
			out[i] = now[at]
		}
	}
	return out
}

func sameStates(a, b []Place) bool {
	return slices.EqualFunc(a, b, func(x, y Place) bool { return x.Name == y.Name && x.State == y.State })
}
