package clickhouse

import (
	"embed"
	"errors"
	"fmt"
	"slices"
)

//go:embed access/*.sql
var accessFiles embed.FS

// Access are the statements by which an administrator lets user ask the trail:
// the views and what is under them, read only, within limits; of one tenant
// alone where it is named. Nothing is sent: whoever ships may make no users.
func (s *Store) Access(user, tenant string) ([]string, error) {
	if user == "" || user == s.cfg.User {
		return nil, errors.New("name a user of their own who asks: one who ships may write")
	}
	names := []string{"access/0001_reader.sql"}
	if tenant != "" {
		names = append(names, "access/0002_tenant.sql")
	}
	var out []string
	for _, name := range names {
		b, err := accessFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		statements, err := s.fill(string(b), access{dialect{s}, user, tenant})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, statements...)
	}
	return out, nil
}

// access is what the files of access leave open.
type access struct {
	dialect
	user, tenant string
}

// Tables are those that the views read, on a cluster also those of each server.
func (a access) Tables() []string {
	return a.both("records", "held", "purged", "counts")
}

// Leaves is the table of leaves, of which the chains and their numbers are read.
func (a access) Leaves() []string { return a.both("leaves") }

// both are tables by the name that is asked and, on a cluster, the one of each server.
func (a access) both(names ...string) (out []string) {
	for _, name := range names {
		out = append(out, a.Name(name), a.Local(name))
	}
	return slices.Compact(out)
}

// User is who asks.
func (a access) User() string { return quote(a.user) }

// Tenant is whose rows the user sees.
func (a access) Tenant() string { return text(a.tenant) }

// Policy is the name of a policy for this user and tenant.
func (a access) Policy(what string) string {
	return quote("postern_" + what + "_" + a.tenant + "_" + a.user)
}
