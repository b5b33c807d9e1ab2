package person

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/message"
)

// Identifiers are what a subject's sealed row holds.
type Identifiers struct {
	Numbers []string `json:"numbers,omitempty"`
	UserIDs []string `json:"user_ids,omitempty"`

	// Former are those that were found not to be the person's any more, or never to
	// have been: the row's ended index entries are of them.
	Former *Identifiers `json:"former,omitempty"`
}

func (i *Identifiers) add(p message.Party) {
	if p.Number != "" && !slices.Contains(i.Numbers, p.Number) {
		i.Numbers = append(i.Numbers, p.Number)
	}
	if p.UserID != "" && !slices.Contains(i.UserIDs, p.UserID) {
		i.UserIDs = append(i.UserIDs, p.UserID)
	}
}

func (d *Directory) sealRow(ctx context.Context, row *journal.Subject, ids Identifiers, rows *Rows) error {
	sealer, err := d.keys.sealer(ctx, row.ID, ClassSubject, Month(time.UnixMicro(row.Created)), rows)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("encode identifiers: %w", err)
	}
	if row.Identifiers, err = sealer.Seal(row.ID[:], plain); err != nil {
		return fmt.Errorf("seal identifiers: %w", err)
	}
	return nil
}

func (d *Directory) openRow(ctx context.Context, row journal.Subject) (Identifiers, error) {
	sealer, err := d.Opener(ctx, row.ID, ClassSubject, Month(time.UnixMicro(row.Created)))
	if err != nil {
		return Identifiers{}, err
	}
	return unsealIdentifiers(sealer, row)
}

func unsealIdentifiers(sealer *keyring.Sealer, row journal.Subject) (ids Identifiers, err error) {
	plain, err := sealer.Unseal(row.ID[:], row.Identifiers)
	if err != nil {
		return ids, fmt.Errorf("open identifiers: %w", err)
	}
	if err := json.Unmarshal(plain, &ids); err != nil {
		return ids, fmt.Errorf("read identifiers: %w", err)
	}
	return ids, nil
}

// Identifiers returns the numbers and user ids of a subject.
func (d *Directory) Identifiers(ctx context.Context, id audit.SubjectID) (Identifiers, error) {
	d.mu.RLock()
	row, err := d.row(ctx, id)
	d.mu.RUnlock()
	if err != nil {
		return Identifiers{}, err
	}
	return d.openRow(ctx, row)
}
