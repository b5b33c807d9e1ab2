package journal

import (
	"context"
	"slices"

	"postern/audit"
)

// revisionContexts are the contexts of revisions.
const revisionContexts = "SELECT id FROM contexts WHERE kind = 'revision'"

// Revisions are the revisions of a record, oldest first, those without a body any
// more too. All of them name the first record, whose body was revised first.
func (j *Journal) Revisions(ctx context.Context, first audit.ID) ([]audit.Record, error) {
	// Asked for record by record: the context is looked up, not found among all of them.
	return selectRecords(ctx, j.view, "ref = ? AND seq >= 0 AND (SELECT kind FROM contexts WHERE id = context) = 'revision' ORDER BY seq", first[:])
}

// Newest is the revision that holds the body of a record now, nil where no
// revision does. It takes what Revisions gave.
func Newest(revisions []audit.Record) *audit.Record {
	for i := range slices.Backward(revisions) {
		if slices.ContainsFunc(revisions[i].Parts, func(p audit.Part) bool { return p.Name == audit.PartBody && !p.Erased }) {
			return &revisions[i]
		}
	}
	return nil
}
