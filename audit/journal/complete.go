package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
)

// Complete makes a journal of a file that Snapshot wrote: indexes and views,
// the data keys given, and a new name of the chain, under which the next record
// has to say that it was restored. Nobody else may have the file open. The file
// is durable when Complete returns nil, and of no use after an error.
func Complete(ctx context.Context, path, chain string, keys iter.Seq2[DataKey, error]) error {
	if err := complete(ctx, path, chain, keys); err != nil {
		return fmt.Errorf("complete the restored store: %w", err)
	}
	return nil
}

func complete(ctx context.Context, path, chain string, keys iter.Seq2[DataKey, error]) (err error) {
	c, err := dial(ctx, copyDSN(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close(), syncFile(path)) }()
	if err := checkReadable(c); err != nil {
		return err
	}
	if err := c.script("BEGIN"); err != nil {
		return err
	}
	if err := fillKeys(c, keys); err != nil {
		return err
	}
	if _, err := c.exec("UPDATE state SET chain = ?", chain); err != nil {
		return err
	}
	more, err := indexes(ctx)
	if err != nil {
		return err
	}
	for _, text := range more {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := c.script(text); err != nil {
			return err
		}
	}
	return c.script("COMMIT")
}

func fillKeys(c *conn, keys iter.Seq2[DataKey, error]) error {
	for k, err := range keys {
		if err == nil {
			err = putDataKeys(c, &Batch{DataKeys: []DataKey{k}})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// indexes are the statements of a new store that a copy lacks.
func indexes(ctx context.Context) ([]string, error) {
	c, err := dial(ctx, "file:complete?mode=memory")
	if err != nil {
		return nil, err
	}
	err = migrate(c, "none", true)
	var out []string
	if err == nil {
		out, err = statements(c, "index", "view")
	}
	return out, errors.Join(err, c.close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the caller names the file
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
