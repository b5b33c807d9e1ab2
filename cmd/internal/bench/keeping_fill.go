package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// keep writes down how long what is kept, and where backups go. The first of
// these is made while the store is small: the next is due after the run, so that
// the schedule makes none beside the one that is measured.
func (g *gateway) keep(ctx context.Context, s site) (err error) {
	text, err := os.ReadFile(s.path(configFile))
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if err := os.Mkdir(s.path("policies"), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	err = errors.Join(s.write(filepath.Join("policies", "retention.yaml"), []byte(keepingPolicy)), s.write(configFile, append(text, keepingConfig...)))
	if err != nil {
		return err
	}
	if g.config, err = boot.Load(s.path(configFile)); err != nil {
		return err
	}
	store, err := admin.Open(ctx, g.config, time.Now)
	if err != nil {
		return err
	}
	return errors.Join(new(Keeping).backUp(ctx, store, g), store.Close())
}

// Room for the journal, its copy, and the sealed copy beside it or, opened to be
// verified, after it; and what a journal keeps free.
const (
	copies      = 3.5
	recordBytes = 400
	spare       = 2 << 30
)

// room refuses what the disk cannot take, before anything is filled.
func (k *Keeping) room(o *options, dir string) error {
	need := int64(copies*float64(max(o.Stored<<20, o.Kept*recordBytes))) + spare
	free, err := journal.FreeBytes(dir)
	if err == nil && free < need && !o.Quick {
		err = fmt.Errorf("the backup of so large a store takes %d MB on the disk of -dir, %d are free: lower -stored and -kept, or name another folder", need>>20, free>>20)
	}
	return err
}

func (k *Keeping) fill(ctx context.Context, o *options, c *boot.Config) (err error) {
	if err := k.room(o, filepath.Dir(c.JournalPath())); err != nil {
		return err
	}
	var late firstError
	store, err := boot.OpenStore(ctx, c, boot.StoreConfig{Now: time.Now, OnError: late.keep})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(), late.get()) }()
	past := newPast(o.People)
	past.begin, past.end = time.Now().AddDate(-1, 0, 0), time.Now().AddDate(0, 0, -31)
	if _, err := past.pour(ctx, store.Journal, o.Kept); err != nil {
		return err
	}
	if err := k.today(ctx, store.Journal, past); err != nil {
		return err
	}
	if err := k.measure(store.Journal); err != nil {
		return err
	}
	past.begin, past.end, past.text = time.Now().AddDate(0, 0, -29), time.Now(), o.Text
	for missing := float64(o.Stored) - k.SizeMB; missing > 0; missing = float64(o.Stored) - k.SizeMB {
		past.made.Store(0)
		if _, err := past.pour(ctx, store.Journal, pastBatch+int(missing*(1<<20)/(recordBytes+float64(o.Text)/recordsPerMessage))); err != nil {
			return err
		}
		if err := k.measure(store.Journal); err != nil {
			return err
		}
	}
	return nil
}

// measure looks how much is stored.
func (k *Keeping) measure(j *journal.Journal) error {
	file, err := os.Stat(j.Path())
	if err != nil {
		return fmt.Errorf("look at the journal: %w", err)
	}
	k.Records, k.SizeMB = float64(j.Head().Size), float64(file.Size())/(1<<20)
	return nil
}

// today adds a week of records, since a plan far behind its trail's end takes
// the clock for wrong.
func (k *Keeping) today(ctx context.Context, j *journal.Journal, past *past) error {
	for at := past.end; at.Before(time.Now()); at = at.Add(6 * time.Hour) {
		if err := j.Append(ctx, past.batch(at, 20)); err != nil {
			return fmt.Errorf("fill journal: %w", err)
		}
	}
	return nil
}
