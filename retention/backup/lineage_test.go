package backup_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/retention/backup"
)

// TestErasuresOfAnotherChain restores an older backup and goes on with it, then
// restores a newer one: what was erased meanwhile is erased where both have it,
// and a place that only the other chain has touches nothing.
func TestErasuresOfAnotherChain(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 10)
	s.checkpoint(t)
	older := s.create(t)
	s.now = s.now.Add(time.Hour)
	s.send(t, 10, 10) // records 12 to 21: two are of the backup
	newer := s.create(t)
	_, data, err := s.restore(t, func(r *backup.Restore) { r.Name = older.Name })
	check(t, err)
	for range 2 { // the log says once where the chain began
		check(t, s.journal.Close())
		s.journal, err = journal.Open(t.Context(), journal.Config{Path: data, Chain: s.keys.Name(), Now: s.clock, MinFree: -1, Erased: s.append})
		check(t, err)
		s.log, err = backup.OpenLog(s.path("checkpoints"), s.keys.ID(), 1)
		check(t, err)
		check(t, s.log.GoOn(t.Context(), s.journal, 2))
	}
	if n := s.log.Mark().N; n != 1 {
		t.Errorf("the log has %d lines", n)
	}
	s.send(t, 30, 10)
	s.erase(t, 3, 3)
	s.erase(t, 15, 33)
	out, data, err := s.restore(t, func(r *backup.Restore) { r.Name = newer.Name })
	check(t, err)
	raw, err := os.ReadFile(filepath.Join(data, "journal.db"))
	check(t, err)
	if bytes.Contains(raw, []byte("redacted text 000003")) || out.Erasures != 2 {
		t.Errorf("what both chains have is there again: %+v", out)
	}
	for _, text := range []string{"redacted text 000010", "redacted text 000013", "redacted text 000014", "redacted text 000019"} {
		if !bytes.Contains(raw, []byte(text)) {
			t.Errorf("%q is gone, which nobody erased", text)
		}
	}
}

// TestAKilledRestoration leaves its folder, and the next one takes it away.
func TestAKilledRestoration(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 3)
	s.checkpoint(t)
	s.create(t)
	_, data, err := s.restore(t, func(r *backup.Restore) {
		check(t, os.Mkdir(r.Data+".restore-123", 0o700))
		check(t, os.WriteFile(r.Data+".restore-123/journal.db", []byte("redacted text"), 0o600))
	})
	check(t, err)
	if _, err := os.Stat(data + ".restore-123"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed one left is there: %v", err)
	}
}

// TestAnotherSchema: a backup of a newer program is refused with what to do, as
// are tables that are not of the version they say.
func TestAnotherSchema(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 3)
	s.checkpoint(t)
	db, err := sql.Open("sqlite", s.path("data/journal.db"))
	check(t, err)
	defer func() { check(t, db.Close()) }()
	for version, want := range map[int]struct {
		is   error
		says string
	}{99: {journal.ErrNewer, "its schema is 99"}, 2: {nil, "bring the copy's tables up to date"}} {
		_, err = db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version=%d", version))
		check(t, err)
		s.now = s.now.Add(time.Hour)
		s.create(t)
		for what, err := range map[string]error{"verified": second(s.verify(t, "")), "restored": third(s.restore(t, nil))} {
			if err == nil || want.is != nil && !errors.Is(err, want.is) || !strings.Contains(err.Error(), want.says) {
				t.Errorf("schema %d %s: %v", version, what, err)
			}
		}
	}
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }
