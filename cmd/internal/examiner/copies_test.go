package examiner

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/rig"
)

// evidence is what an auditor takes along: a copy of the store, the public
// keys and the checkpoints that were kept outside. No configuration.
type evidence struct {
	dir     string
	records uint64
	body    seen // a record with a body, covered by checkpoints
}

type seen struct {
	seq uint64
	id  string
}

func collect(t *testing.T, r *rig.Rig) *evidence {
	t.Helper()
	e := &evidence{dir: t.TempDir()}
	copyStore(t, r, filepath.Join(e.dir, "journal.db"))
	if err := os.CopyFS(filepath.Join(e.dir, "checkpoints"), os.DirFS(r.Env["POSTERN_CHECKPOINTS"])); err != nil {
		t.Fatal(err)
	}
	keys, errs, code := shell(t, r, "postern audit keys --json")
	var out []struct{ Key string }
	if err := json.Unmarshal([]byte(keys), &out); err != nil || len(out) != 1 {
		t.Fatalf("keys: exit code %d %s", code, errs)
	}
	if err := os.WriteFile(filepath.Join(e.dir, "key"), []byte(out[0].Key), 0o600); err != nil {
		t.Fatal(err)
	}
	e.sql(t, "journal.db", func(db *sql.DB) error {
		if err := db.QueryRow("SELECT seq, lower(hex(id)) FROM records WHERE body IS NOT NULL LIMIT 1").Scan(&e.body.seq, &e.body.id); err != nil {
			return err
		}
		return db.QueryRow("SELECT max(seq) + 1 FROM records").Scan(&e.records)
	})
	return e
}

// sql opens a store as somebody with write access to the file would.
func (e *evidence) sql(t *testing.T, name string, do func(db *sql.DB) error) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(e.dir, name)+"?_pragma=journal_mode(DELETE)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if err := do(db); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// verdict is what a program reads of audit verify --json.
type verdict struct {
	OK       bool            `json:"ok"`
	Records  uint64          `json:"records"`
	Findings []audit.Finding `json:"findings"`
	ProvenTo audit.Reach     `json:"proven_to"`
	SignedTo audit.Reach     `json:"signed_to"`
}

// verify asks for the verdict of a copy, with no configuration at hand.
func (e *evidence) verify(t *testing.T, r *rig.Rig, name, more string) (verdict, int) {
	t.Helper()
	out, errs, code := shell(t, r, fmt.Sprintf("cd %s && POSTERN_CONFIG= postern audit verify --json --file %s --key $(cat key) %s", e.dir, name, more))
	var v verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("exit code %d, no verdict: %s%s", code, out, errs)
	}
	return v, code
}

// deed is one way to tamper with a copy and what verification must say of it.
type deed struct {
	name  string
	do    func(e *evidence, db *sql.DB) error
	fault audit.Fault
	// The records that the finding must name, first and last.
	first, last func(e *evidence) uint64
	id          bool // it names the record of e.body by its id
}

func script(text string) func(*evidence, *sql.DB) error {
	return func(e *evidence, db *sql.DB) error {
		_, err := db.Exec(strings.ReplaceAll(text, "$SEQ", fmt.Sprint(e.body.seq)))
		return err
	}
}

func theBody(e *evidence) uint64 { return e.body.seq }

var deeds = []deed{
	{"a byte of a body", script("UPDATE records SET body = CAST(substr(body, 1, length(body) - 1) || x'58' AS BLOB) WHERE seq = $SEQ"), audit.FaultPart, theBody, theBody, true},
	{"a body put in anew with its own hash", forge, audit.FaultLeaf, theBody, theBody, true},
	{"a leaf", script("UPDATE records SET leaf = zeroblob(32) WHERE seq = $SEQ"), audit.FaultLeaf, theBody, theBody, true},
	{"a field", script("UPDATE records SET country = 'FR' WHERE seq = $SEQ"), audit.FaultLeaf, theBody, theBody, true},
	{"a body that nobody erased", script("UPDATE records SET body = CAST(x'02' || substr(body, 2, 32) AS BLOB) WHERE seq = $SEQ"), audit.FaultErased, theBody, theBody, true},
	{"a record gone", script("DELETE FROM records WHERE seq = $SEQ"), audit.FaultMissing, theBody, theBody, false},
	{"the end cut off", script("DELETE FROM records WHERE seq >= $SEQ; DELETE FROM checkpoints WHERE size >= $SEQ; DELETE FROM nodes"),
		audit.FaultTruncated, theBody, func(e *evidence) uint64 { return e.records - 1 }, false},
	{"everything from one record on", rewrite, audit.FaultRewritten, nil, nil, false},
}

// forge stores another body with a salt and hash that fit it.
func forge(e *evidence, db *sql.DB) error {
	p := audit.NewPart(audit.PartBody, []byte("something else"))
	sum := audit.PartHash(p.Salt, p.Body)
	stored := append(append(append([]byte{1}, sum[:]...), p.Salt[:]...), p.Body...)
	_, err := db.Exec("UPDATE records SET body = ? WHERE seq = ?", stored, e.body.seq)
	return err
}

// rewrite changes a record and chains all later ones anew, as somebody would
// who can write to the store and holds no checkpoint key.
func rewrite(e *evidence, db *sql.DB) error {
	if _, err := db.Exec("UPDATE records SET country = 'FR' WHERE seq = ?; DELETE FROM nodes; DELETE FROM checkpoints", e.body.seq); err != nil {
		return err
	}
	var path string
	if err := db.QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path); err != nil {
		return err
	}
	type link struct {
		seq        uint64
		prev, leaf [32]byte
	}
	var links []link
	reader, err := journal.OpenReader(context.Background(), path)
	if err != nil {
		return err
	}
	err = reader.Records(context.Background(), e.body.seq, e.records, func(r *audit.Record) error {
		if n := len(links); n > 0 {
			r.Prev = links[n-1].leaf
		}
		leaf, err := audit.AppendLeaf(nil, r)
		links = append(links, link{r.Seq, r.Prev, audit.LeafHash(leaf)})
		return err
	})
	if err := reader.Close(); err != nil {
		return err
	}
	for _, l := range links {
		if _, err := db.Exec("UPDATE records SET prev = ?, leaf = ? WHERE seq = ?", l.prev[:], l.leaf[:], l.seq); err != nil {
			return err
		}
	}
	return err
}

// TestCopiesTamperedWith verifies copies of a real store offline: what was
// done to them is named, with the record where there is one.
func TestCopiesTamperedWith(t *testing.T) {
	r := converse(t)
	r.Stop()
	e := collect(t, r)
	for _, against := range []string{"--against checkpoints", "--against checkpoints/*.checkpoints"} {
		v, code := e.verify(t, r, "journal.db", against)
		if code != 0 || !v.OK || v.Records != e.records || v.ProvenTo.Size != e.records {
			t.Fatalf("untouched: exit code %d, %+v", code, v)
		}
	}
	whole, err := os.ReadFile(filepath.Join(e.dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range deeds {
		t.Run(d.name, func(t *testing.T) {
			name := fmt.Sprintf("copy%d.db", i)
			if err := os.WriteFile(filepath.Join(e.dir, name), whole, 0o600); err != nil {
				t.Fatal(err)
			}
			e.sql(t, name, func(db *sql.DB) error { return d.do(e, db) })
			v, code := e.verify(t, r, name, "--against checkpoints")
			if code != 3 || v.OK || !d.found(e, v.Findings) {
				t.Errorf("exit code %d: %+v", code, v.Findings)
			}
		})
	}
	t.Run("reach", func(t *testing.T) { reach(t, r, e, whole) })
}

func (d deed) found(e *evidence, all []audit.Finding) bool {
	for _, f := range all {
		if f.Fault != d.fault {
			continue
		}
		places := d.first == nil || f.Seq == d.first(e) && f.Last == d.last(e)
		if places && (!d.id || f.ID.String() == e.body.id) {
			return true
		}
	}
	return false
}

// reach looks at what verification says where it cannot know.
func reach(t *testing.T, r *rig.Rig, e *evidence, whole []byte) {
	// Without a checkpoint from outside a whole rewriting fits itself; the
	// verdict says that nothing is proved.
	if v, code := e.verify(t, r, fmt.Sprintf("copy%d.db", len(deeds)-1), ""); code != 0 || v.ProvenTo.Size != 0 || v.SignedTo.Size != 0 {
		t.Errorf("rewritten, nothing outside: exit code %d, %+v", code, v)
	}
	// The tables beside the records are the gateway's memory, not evidence.
	if err := os.WriteFile(filepath.Join(e.dir, "ids.db"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	e.sql(t, "ids.db", func(db *sql.DB) error {
		_, err := db.Exec("UPDATE message_ids SET hash = zeroblob(32)")
		return err
	})
	if v, code := e.verify(t, r, "ids.db", "--against checkpoints"); code != 0 || !v.OK {
		t.Errorf("id map: exit code %d, %+v", code, v)
	}
	if help, _, _ := shell(t, r, "postern audit verify --help"); !strings.Contains(help, "message ids") {
		t.Error("the help does not say what is not proved")
	}
	other := "127.0.0.1/other+0fd8a1f2+AeZCeGJLHVUFa0b4yfDQPmnnZlKkCAd6hXJ0NqhXbYbK"
	if _, errs, code := shell(t, r, "cd "+e.dir+" && POSTERN_CONFIG= postern audit verify --file journal.db --key "+other); code != 2 || errs == "" {
		t.Errorf("a key that is none: exit code %d %s", code, errs)
	}
	if _, errs, code := shell(t, r, "cd "+e.dir+" && POSTERN_CONFIG= postern audit verify --file journal.db --key $(cat key) --against none"); code != 1 || errs == "" {
		t.Errorf("no such checkpoints: exit code %d %s", code, errs)
	}
}
