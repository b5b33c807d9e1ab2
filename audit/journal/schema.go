package journal

import (
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"postern/audit"
)

// migrations are numbered from 1; user_version is the last one applied. One
// that was released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, each step in one transaction.
func migrate(c *conn, chain string, fresh bool) error {
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if err := CheckSchema(version); err != nil {
		return err
	}
	if err := checkOwner(c, version, fresh); err != nil {
		return err
	}
	files, err := steps()
	if err != nil {
		return err
	}
	if err := raise(c, files, version, chain); err != nil {
		return err
	}
	return checkName(c, chain)
}

// steps are the files of all migrations, in order.
func steps() ([]string, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	return files, nil
}

// raise applies the steps behind a version.
func raise(c *conn, files []string, version int64, chain string) error {
	for i := version; i < int64(len(files)); i++ {
		if err := step(c, files[i], i+1, chain); err != nil {
			return err
		}
	}
	return nil
}

// CheckSchema refuses tables of a later version than this program's with ErrNewer.
func CheckSchema(version int64) error {
	files, err := steps()
	if err == nil && version > int64(len(files)) {
		err = fmt.Errorf("%w: its schema is %d, this program knows %d; use the program that wrote it", ErrNewer, version, len(files))
	}
	return err
}

// checkOwner refuses a database that holds tables but is not ours.
func checkOwner(c *conn, version int64, fresh bool) error {
	id, err := c.integer("PRAGMA application_id")
	if err != nil {
		return fmt.Errorf("read application id: %w", err)
	}
	tables, err := c.integer("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	if empty := version == 0 && tables == 0; !empty && id != applicationID || fresh && !empty {
		return fmt.Errorf("%w: another program made it; name another path", ErrForeign)
	}
	return nil
}

func step(c *conn, file string, version int64, chain string) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read migration: %w", err)
	}
	script := fmt.Sprintf("BEGIN IMMEDIATE; %s\nPRAGMA application_id=%d; PRAGMA user_version=%d;", text, applicationID, version)
	if err := c.script(script); err != nil {
		return errors.Join(fmt.Errorf("migrate to schema %d: %w", version, err), c.script("ROLLBACK"))
	}
	if version == 1 {
		if _, err := c.exec("INSERT INTO state VALUES (1, ?, 0, 0, 0, 0)", chain); err != nil {
			return errors.Join(fmt.Errorf("name chain: %w", err), c.script("ROLLBACK"))
		}
	}
	if err := c.script("COMMIT"); err != nil {
		return fmt.Errorf("migrate to schema %d: %w", version, err)
	}
	return nil
}

// checkName takes the chain's own name, and those that restorations gave it.
func checkName(c *conn, chain string) error {
	kept, err := c.chainName()
	if err == nil && !audit.SameStore(kept, chain) {
		err = fmt.Errorf("%w: it holds another chain; correct the chain's name in the configuration", ErrForeign)
	}
	return err
}

// chainName is how the chain is called now.
func (c *conn) chainName() (name string, err error) {
	err = c.query("SELECT chain FROM state", func(row []driver.Value) error {
		name = asString(row[0])
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read chain name: %w", err)
	}
	return name, nil
}
