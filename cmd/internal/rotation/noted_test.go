package rotation_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
)

// TestAnswerComesAfterTheNote: when an operator hears that a key was rotated or
// destroyed, the journal knows already, so an older keystore would be refused
// after a crash at this moment.
func TestAnswerComesAfterTheNote(t *testing.T) {
	o := openOffice(t, rig.Options{})
	for range 20 {
		var k admin.KeyRotated
		o.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.Webhook}, &k)
		if known := o.noted(t); !strings.Contains(known, fmt.Sprintf(`{"purpose":"webhook","number":%d,`, k.Version)) {
			t.Fatalf("version %d is answered, and the journal knows %s", k.Version, known)
		}
		o.Admin(t, "keys.destroy", admin.KeyDestroy{Purpose: keyring.Webhook, Version: k.Before, Confirm: fmt.Sprintf("webhook/%d", k.Before)}, nil)
		if n := strings.Count(o.noted(t), `"destroyed":true`); n != int(k.Before) {
			t.Fatalf("%d versions are destroyed, and the journal knows of %d", k.Before, n)
		}
	}
	o.Admin(t, "keys.backup", admin.None{}, nil)
	if rows := o.SQL(t, "SELECT actor FROM audit WHERE type = 'keystore_backup'"); len(rows) != 1 || rows[0][0] == "system" {
		t.Errorf("the records of a backup: %v", rows)
	}
}

// noted is what the store knows of the keystore, read beside the gateway.
func (o *office) noted(t *testing.T) (known string) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := boot.Load(o.Env["POSTERN_CONFIG"])
	check(err)
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(cfg.JournalPath())+"?mode=ro")
	check(err)
	defer func() { check(db.Close()) }()
	check(db.QueryRowContext(context.WithoutCancel(t.Context()), "SELECT value FROM settings WHERE scope = 'keystore' AND key = 'seen'").Scan(&known))
	return known
}
