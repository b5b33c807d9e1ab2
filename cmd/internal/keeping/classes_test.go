package keeping

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
)

// last is the newest message of somebody: its record and the person.
func (a archive) last(t *testing.T) (record audit.ID, subject audit.SubjectID) {
	t.Helper()
	row := a.SQL(t, "SELECT id, subject FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")[0]
	record, err := audit.ParseID(row[0])
	who, bad := audit.ParseID(row[1])
	if err != nil || bad != nil {
		t.Fatal(err, bad)
	}
	return record, audit.SubjectID(who)
}

// opens wants the original of a record to be shown, with words in it.
func (a archive) opens(t *testing.T, key string, id audit.ID, words string) {
	t.Helper()
	raw, err := json.Marshal(admin.Reveal{ID: id, Parts: []string{audit.PartOriginal}, Reason: "CASE-1"})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := admin.NewClient(strings.TrimPrefix(a.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), key, "record.reveal", raw)
	var out admin.Revealed
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	if err != nil || len(out.Parts) != 1 || !strings.Contains(string(out.Parts[0].Body), words) {
		t.Errorf("%q does not open: %v", words, err)
	}
}

// stopped ends the gateway and gives its store to fn.
func (a archive) stopped(t *testing.T, fn func(*boot.Store)) {
	t.Helper()
	a.Halt()
	cfg, err := boot.Load(a.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	store, err := boot.OpenStore(t.Context(), cfg, boot.StoreConfig{Now: a.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	fn(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKeysOfClasses: of one person's two classes one is purged. Its data key goes,
// unless a hold keeps what lies under it; the other class opens as before.
func TestKeysOfClasses(t *testing.T) {
	t.Parallel()
	const kept = "  statutory: {days: 900, keep: original, clock: record, action: purge}\n"
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"settings.yaml": "version: 1\n", "retention.yaml": purgedMessages + kept},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" },
	})}
	var rita admin.OperatorKey
	a.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	const free, held = "4917139200811", "4917139200812"
	a.write(t, held, "amsel bleibt")
	spoken, ofHeld := a.last(t)
	a.write(t, free, "amsel geht")
	a.Write(t, "policies/settings.yaml", "version: 1\nretention: {class: statutory}\n")
	a.Admin(t, "config.reload", admin.None{}, nil)
	a.write(t, held, "drossel bleibt auch")
	a.write(t, free, "drossel bleibt")
	law, ofFree := a.last(t)
	a.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Number: held}}, Matter: "CASE-2026-0044", Why: "litigation"}, nil)
	for i := range 5 {
		a.Clock.Forward(8 * 24 * time.Hour)
		a.write(t, "4917139200798", fmt.Sprintf("nun %c", 'a'+i))
	}
	if _, c := a.purge(t); c.Keys == 0 {
		t.Errorf("no key went: %+v", c)
	}
	a.opens(t, rita.Key, law, "drossel bleibt")
	a.opens(t, rita.Key, spoken, "amsel bleibt")
	var old audit.Record
	a.stopped(t, func(s *boot.Store) {
		for _, c := range []struct {
			who  audit.SubjectID
			want bool
		}{{ofFree, false}, {ofHeld, true}} {
			keys, err := s.Journal.KeysOf(t.Context(), c.who)
			of := func(class string) bool {
				return slices.ContainsFunc(keys, func(k journal.DataKey) bool { return k.Class == class })
			}
			if err != nil || of(audit.ClassMessages) != c.want || !of("statutory") {
				t.Errorf("keys %+v (%v), want one of messages: %v", keys, err, c.want)
			}
		}
		old = sealedBefore(t, s, ofFree, a.Clock.Now())
	})
	before(t, a.Dir, old.Seq)
	a.Resume(t)
	a.opens(t, rita.Key, old.ID, "of an older version")
}

// sealedBefore is a record of class statutory as it was sealed before keys had
// classes: under a key of messages.
func sealedBefore(t *testing.T, s *boot.Store, who audit.SubjectID, now time.Time) audit.Record {
	t.Helper()
	scope := keyring.Scope{Subject: who, Class: audit.ClassMessages, Month: now.UTC().Format("2006-01")}
	r := audit.Record{ID: audit.NewID(now), Kind: audit.KindInbound, Time: now.UnixMicro(), Tenant: "demo", Subject: who, Retention: "statutory"}
	wrapped, err := s.Keys.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Keys.Seal(wrapped, scope, append(r.ID[:], audit.PartOriginal...), []byte("of an older version"))
	if err != nil {
		t.Fatal(err)
	}
	r.Parts = []audit.Part{audit.NewPart(audit.PartOriginal, sealed)}
	b := journal.Batch{Records: []audit.Record{r}, DataKeys: []journal.DataKey{{Subject: who, Class: scope.Class, Month: scope.Month, Wrapped: wrapped}}}
	if err := s.Journal.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b.Records[0]
}

// before says of all records up to one that they are older than keys of classes.
func before(t *testing.T, dir string, seq uint64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // of a test

	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "UPDATE state SET own_keys = ?", int64(seq)+1); err != nil { //nolint:gosec // small
		t.Fatal(err)
	}
}
