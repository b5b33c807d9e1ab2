package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/retention"
	"postern/retention/backup"
)

// backUp makes a backup and waits until it is there.
func (k *Keeping) backUp(ctx context.Context, store operations, g *gateway) error {
	before, err := ask[backup.Status](ctx, store, g.operator, "backup.status", admin.None{})
	if err != nil {
		return err
	}
	now, err := ask[backup.Status](ctx, store, g.operator, "backup.create", admin.BackupCreate{})
	for err == nil && now.Running {
		time.Sleep(20 * time.Millisecond)
		now, err = ask[backup.Status](ctx, store, g.operator, "backup.status", admin.None{})
	}
	switch {
	case err != nil:
		return err
	case now.Failed != "":
		return errors.New("backup: " + now.Failed)
	case now.Made == nil || before.Made != nil && now.Made.Name == before.Made.Name:
		return errors.New("backup: none was made")
	}
	k.BackupMB = float64(now.Made.Journal.Bytes+now.Made.DataKeys.Bytes) / (1 << 20)
	return nil
}

// verify reads the newest backup back, as postern backup verify does.
func (k *Keeping) verify(ctx context.Context, g *gateway) error {
	keys, err := boot.OpenKeys(g.config, time.Now)
	if err != nil {
		return err
	}
	defer keys.Close()
	place, err := g.config.Backup.Open(time.Now, func() boot.Backup { return g.config.Backup })
	if err != nil {
		return err
	}
	begin := time.Now()
	got, err := backup.Verify(ctx, backup.Source{From: place, Keys: keys, Temp: g.config.VerifyTemp()})
	k.Verify = time.Since(begin).Seconds()
	if err == nil && float64(got.Records) < k.Records {
		err = fmt.Errorf("the backup holds %d records, the store had %.0f when it began", got.Records, k.Records)
	}
	return err
}

// purge runs retention and waits for its certificate.
func (g *gateway) purge(ctx context.Context) error {
	c := g.client()
	now, err := ask[admin.RetentionState](ctx, c, g.operator, "retention.run", admin.RetentionRun{Confirm: "purge"})
	for err == nil && len(now.Certificates) == 0 && now.Failed == "" {
		time.Sleep(20 * time.Millisecond)
		now, err = ask[admin.RetentionState](ctx, c, g.operator, "retention.status", admin.None{})
	}
	if now.Failed != "" {
		err = errors.New("purge: " + now.Failed)
	}
	return err
}

// eraseOne erases a person. Its certificate is made once all is overwritten, and
// says when that was.
func (k *Keeping) eraseOne(ctx context.Context, g *gateway) error {
	begin := time.Now()
	got, err := ask[admin.Erasure](ctx, g.client(), g.operator, "subject.erase", admin.SubjectErase{
		Who: admin.Who{Number: number(0)}, Reason: "request", Confirm: "erase",
	})
	k.Absent = time.Since(begin).Seconds()
	if err != nil {
		return err
	}
	if got.Signed == nil {
		return errors.New("erase a person: no certificate was made")
	}
	c, err := got.Signed.Unchecked()
	if err != nil {
		return err
	}
	here := slices.IndexFunc(c.Place, func(p retention.Place) bool { return p.Name == "journal" && p.State == retention.StateGone })
	if here < 0 {
		return errors.New("erase a person: the certificate does not say that it is gone from the journal")
	}
	k.Erase = time.UnixMicro(c.Moment).Sub(begin).Seconds()
	return nil
}
