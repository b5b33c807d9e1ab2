package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"slices"
)

// Renew brings a file that Snapshot of an older program wrote to the tables of
// this one, so that it can be read and completed; one of a newer program is
// ErrNewer. Nobody else may have the file open; after an error it is of no use.
func Renew(ctx context.Context, path string) error {
	c, err := dial(ctx, copyDSN(path))
	if err != nil {
		return err
	}
	if err := errors.Join(renew(ctx, c), c.close()); err != nil {
		return fmt.Errorf("bring the copy's tables up to date: %w", err)
	}
	return nil
}

func renew(ctx context.Context, c *conn) error {
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	files, err := steps()
	if err != nil || version == int64(len(files)) {
		return err
	}
	if err := errors.Join(CheckSchema(version), checkOwner(c, version, false)); err != nil {
		return err
	}
	// A step may change what the store had and the copy left out.
	if err := fillIn(ctx, c, files[:version]); err != nil {
		return err
	}
	return raise(c, files, version, "")
}

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
	files, err := steps()
	if err != nil {
		return err
	}
	if err := fillIn(ctx, c, files); err != nil {
		return err
	}
	return c.script("COMMIT")
}

// fillIn makes the indexes and views that a store of these steps has.
func fillIn(ctx context.Context, c *conn, files []string) error {
	have, err := statements(c, "index", "view")
	if err != nil {
		return err
	}
	all, err := indexes(ctx, files)
	if err != nil {
		return err
	}
	for _, text := range all {
		if slices.Contains(have, text) {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := c.script(text); err != nil {
			return err
		}
	}
	return nil
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

// indexes are the statements of a new store of these steps that a copy lacks.
func indexes(ctx context.Context, files []string) ([]string, error) {
	c, err := dial(ctx, "file:complete?mode=memory")
	if err != nil {
		return nil, err
	}
	err = raise(c, files, 0, "none")
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

// copyDSN names a copy while it becomes a store: nobody reads it, and after a
// crash it is made anew.
func copyDSN(path string) string {
	q := url.Values{"mode": {"rw"}, "_pragma": {
		fmt.Sprintf("page_size(%d)", pageSize), "journal_mode(MEMORY)", "synchronous(OFF)", "cache_size(-8192)", "trusted_schema(OFF)", "temp_store(FILE)",
	}, "_dqs": {"0"}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}
