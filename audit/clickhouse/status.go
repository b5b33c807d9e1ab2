package clickhouse

import "context"

// Version is the server's.
func (s *Store) Version(ctx context.Context) (string, error) {
	var v string
	err := s.one(ctx, "ask for version", "SELECT version()", ask{}, &v)
	return v, err
}

// Reach is how many records of the chain the tables know, from its beginning.
func (s *Store) Reach(ctx context.Context, chain string) (uint64, error) {
	e, err := s.ends(ctx, chain)
	return e.leaves, err
}

// TableSize is what a table takes, over all replicas.
type TableSize struct {
	Name  string `json:"name"`
	Rows  uint64 `json:"rows"`
	Bytes uint64 `json:"bytes"` // on disk
	Parts uint64 `json:"parts"`
}

// Sizes are those of the tables with rows.
func (s *Store) Sizes(ctx context.Context) ([]TableSize, error) {
	var out []TableSize
	err := s.query(ctx, "ask for sizes", "SELECT table, sum(rows), sum(bytes_on_disk), count() FROM "+s.system("parts")+
		" WHERE database = {database:String} AND active GROUP BY table ORDER BY table", ask{params: map[string]string{"database": s.cfg.Database}},
		func(scan func(...any) error) error {
			var t TableSize
			if err := scan(&t.Name, &t.Rows, &t.Bytes, &t.Parts); err != nil {
				return err
			}
			out = append(out, t)
			return nil
		})
	return out, err
}
