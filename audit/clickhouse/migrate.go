package clickhouse

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

//go:embed migrations/*.sql
var files embed.FS

// Migration is one numbered file of the schema. A released file never changes.
type Migration struct {
	Number     int      `json:"number"`
	Name       string   `json:"name"`
	Hash       string   `json:"hash"` // SHA-256 of the file, hex
	Applied    bool     `json:"applied"`
	Statements []string `json:"statements,omitempty"` // as they are sent to this server
}

// Errors of a schema that this program must not touch.
var (
	ErrNewer   = errors.New("the schema in ClickHouse is newer than this program: use the program that made it")
	ErrChanged = errors.New("a migration in ClickHouse is not the one this program has: use the program that made it")
)

// Migrations lists the files and which of them are applied.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	all, err := s.files()
	if err != nil {
		return nil, err
	}
	done, err := s.ledger(ctx)
	if err != nil {
		return nil, err
	}
	if len(done) > len(all) {
		return nil, ErrNewer
	}
	for i, hash := range done {
		if all[i].Hash != hash {
			return nil, fmt.Errorf("%w: %s", ErrChanged, all[i].Name)
		}
		all[i].Applied = true
	}
	return all, nil
}

// Migrate applies what is not applied yet and tells what that was. A run that
// broke off is taken up where it was: every statement may be sent again.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	all, err := s.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range s.foundation() {
		if err := s.exec(ctx, "make database", text, ask{}); err != nil {
			return nil, err
		}
	}
	var done []Migration
	for _, m := range all {
		if m.Applied {
			continue
		}
		for _, text := range m.Statements {
			if err := s.exec(ctx, "apply "+m.Name, text, ask{}); err != nil {
				return done, err
			}
		}
		err := s.exec(ctx, "note "+m.Name, "INSERT INTO "+s.table("migrations")+" VALUES ({number:UInt32}, {name:String}, {hash:String}, {at:Int64})",
			ask{params: map[string]string{
				"number": strconv.Itoa(m.Number), "name": m.Name, "hash": m.Hash, "at": strconv.FormatInt(s.cfg.Now().UnixMicro(), 10),
			}})
		if err != nil {
			return done, err
		}
		m.Applied = true
		done = append(done, m)
	}
	return done, nil
}

// Ready refuses a schema that is not exactly this program's.
func (s *Store) Ready(ctx context.Context) error {
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Applied {
			return fmt.Errorf("migration %s is not applied: run postern clickhouse migrate", m.Name)
		}
	}
	return nil
}

// foundation is what the ledger needs.
func (s *Store) foundation() []string {
	engine := "MergeTree"
	if s.cfg.Cluster != "" {
		engine = "ReplicatedMergeTree('/clickhouse/tables/" + s.cfg.Database + "/migrations', '{shard}-{replica}')" // the same on every server
	}
	return []string{
		"CREATE DATABASE IF NOT EXISTS " + quote(s.cfg.Database) + s.onCluster(),
		"CREATE TABLE IF NOT EXISTS " + s.table("migrations") + s.onCluster() +
			" (number UInt32, name String, hash String, applied Int64) ENGINE = " + engine + " ORDER BY number",
	}
}

// ledger gives the hashes of the applied migrations, by number from 1.
func (s *Store) ledger(ctx context.Context) ([]string, error) {
	var there uint64
	err := s.one(ctx, "look for schema", "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'migrations'",
		ask{params: map[string]string{"database": s.cfg.Database}}, &there)
	if err != nil || there == 0 {
		return nil, err
	}
	var out []string
	err = s.query(ctx, "read schema", "SELECT number, any(hash) FROM "+s.table("migrations")+" GROUP BY number ORDER BY number", ask{},
		func(scan func(...any) error) error {
			var number uint32
			var hash string
			if err := scan(&number, &hash); err != nil {
				return err
			}
			if int(number) != len(out)+1 {
				return ErrChanged
			}
			out = append(out, hash)
			return nil
		})
	return out, err
}

var fileName = regexp.MustCompile(`^([0-9]{4})_[a-z_]+\.sql$`)

// files reads the migrations and writes their statements for this server.
func (s *Store) files() ([]Migration, error) {
	list, err := files.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []Migration
	for i, f := range list {
		b, err := files.ReadFile(path.Join("migrations", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		m := fileName.FindStringSubmatch(f.Name())
		if m == nil || m[1] != fmt.Sprintf("%04d", i+1) {
			return nil, fmt.Errorf("migration %s is out of line", f.Name())
		}
		statements, err := s.statements(string(b))
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		sum := sha256.Sum256(b)
		out = append(out, Migration{Number: i + 1, Name: f.Name(), Hash: hex.EncodeToString(sum[:]), Statements: statements})
	}
	return out, nil
}

// statements fills in a file's template and cuts it.
func (s *Store) statements(file string) ([]string, error) { return s.fill(file, dialect{s}) }

// fill is statements with what else a file leaves open.
func (s *Store) fill(file string, with any) ([]string, error) {
	t, err := template.New("").Parse(file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, with); err != nil {
		return nil, err
	}
	var out []string
	for _, statement := range strings.Split(b.String(), ";\n") {
		if statement = strings.TrimSpace(comments.ReplaceAllString(statement, "")); statement != "" {
			out = append(out, statement)
		}
	}
	return out, nil
}

var comments = regexp.MustCompile(`(?m)^--.*\n`)

// dialect is what the files leave open: one server or a cluster.
type dialect struct{ s *Store }

// Name is the full name of a table or view.
func (d dialect) Name(name string) string { return d.s.table(name) }

// Local is the table that holds the rows on each server.
func (d dialect) Local(name string) string { return d.s.local(name) }

// OnCluster is the clause that sends a statement to every server.
func (d dialect) OnCluster() string { return d.s.onCluster() }

// Engine is that of a table with rows.
func (d dialect) Engine(name string) string {
	if d.s.cfg.Cluster == "" {
		return "MergeTree"
	}
	return "ReplicatedMergeTree('/clickhouse/tables/{shard}/" + d.s.cfg.Database + "/" + name + "', '{replica}')"
}

// Settings are those of a table with rows. What is confirmed is on the disk;
// what a mutation replaced goes soon; the window lets a repeated insert be seen.
func (d dialect) Settings() string {
	window := "non_replicated_deduplication_window"
	if d.s.cfg.Cluster != "" {
		window = "replicated_deduplication_window"
	}
	return window + " = 1000, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = " + strconv.Itoa(int(oldPartsLifetime/time.Second))
}

// Distributed is the table over those of all shards.
func (d dialect) Distributed(name, key string) string {
	if d.s.cfg.Cluster == "" {
		return ""
	}
	return "CREATE TABLE IF NOT EXISTS " + d.s.table(name) + d.s.onCluster() + " AS " + d.s.local(name) +
		" ENGINE = Distributed(" + quote(d.s.cfg.Cluster) + ", " + quote(d.s.cfg.Database) + ", " + quote(name+"_local") + ", " + key + ");\n"
}
