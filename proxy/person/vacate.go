package person

import (
	"context"
	"errors"

	"postern/audit"
	"postern/audit/journal"
)

// Vacate takes persons out of use of whom nothing is left: look says who, while
// nobody is looked up, and take destroys what they were found by. Whoever comes
// back begins as somebody new. After an error they are found as before, as far as
// the store still has them.
func (d *Directory) Vacate(ctx context.Context, look func() ([]audit.SubjectID, error), take func([]audit.SubjectID) error) error {
	d.using.Lock()
	defer d.using.Unlock()
	all, err := look()
	if err != nil || len(all) == 0 {
		return err
	}
	d.mu.Lock()
	err = d.drop(ctx, all)
	d.mu.Unlock()
	if err == nil {
		err = take(all)
	}
	if err != nil {
		return errors.Join(err, d.found(context.WithoutCancel(ctx), all))
	}
	return nil
}

// found has persons found again whose rows are still there.
func (d *Directory) found(ctx context.Context, all []audit.SubjectID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, id := range all {
		row, err := d.cfg.Journal.Subject(ctx, id)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			errs = append(errs, err)
		}
		if len(row.Index) > 0 {
			delete(d.erased, id)
			d.remember(row)
		}
	}
	return errors.Join(errs...)
}
