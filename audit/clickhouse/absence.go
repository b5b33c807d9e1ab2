package clickhouse

import (
	"context"
	"slices"
	"time"

	"postern/audit"
)

// Absence says what is left in ClickHouse of what was erased, on every replica.
// It proves absence where Gone says so.
type Absence struct {
	Passed    bool      `json:"passed"`              // the erasure's record is confirmed, so it was carried out
	Rows      uint64    `json:"rows"`                // that still show what was erased
	Mutations []string  `json:"mutations,omitempty"` // unfinished, by table and number
	Detached  []string  `json:"detached,omitempty"`  // parts put aside, by table and name: nothing looks into them
	Replaced  []OldPart `json:"replaced,omitempty"`  // parts from before, out of use and still on disk
	Until     time.Time `json:"until,omitzero"`      // when the last of Replaced goes, by the table's setting
}

// OldPart is a part that was replaced; its files go by themselves.
type OldPart struct {
	Host  string    `json:"host"`
	Table string    `json:"table"`
	Name  string    `json:"name"`
	Until time.Time `json:"until"`
}

// Gone reports that nothing is left.
func (a *Absence) Gone() bool {
	return a.Passed && a.Rows == 0 && len(a.Mutations) == 0 && len(a.Detached) == 0 && len(a.Replaced) == 0
}

// Absence looks for what an erasure covers. record is its own number and
// confirmed the follower's cursor; before is when it had been carried out at the
// latest: parts made after that are made without it. What other users copied
// elsewhere, and the server's own backups, are not looked at.
func (s *Store) Absence(ctx context.Context, chain string, e audit.Erasure, record, confirmed uint64, before time.Time) (Absence, error) {
	out := Absence{Passed: confirmed > record}
	of, err := s.ofStore(ctx, chain)
	if err != nil {
		return Absence{}, err
	}
	for some := range slices.Chunk(e.Ranges, maxRanges) {
		for _, table := range []string{"records", "held"} {
			n, err := s.count(ctx, table, within(of, some)+" AND ("+shows(e.Parts)+")")
			if err != nil {
				return Absence{}, err
			}
			out.Rows += n
		}
	}
	for _, look := range []func(context.Context, *Absence) error{s.unfinished, s.detached} {
		if err := look(ctx, &out); err != nil {
			return Absence{}, err
		}
	}
	if err := s.replaced(ctx, &out, before); err != nil {
		return Absence{}, err
	}
	return out, nil
}

// shows is the condition that a row has something of the parts.
func shows(parts []string) string {
	if slices.Contains(parts, audit.PartRecord) {
		return "1"
	}
	out := "0"
	for _, p := range parts {
		if slices.Contains(clearParts, p) {
			out += " OR " + p + " != '' OR " + p + "_salt != ''"
		}
	}
	return out
}

const ours = " WHERE database = {database:String} AND table IN ('records', 'held', 'records_local', 'held_local')"

func (s *Store) ours() ask { return ask{params: map[string]string{"database": s.cfg.Database}} }

func (s *Store) unfinished(ctx context.Context, out *Absence) error {
	return s.query(ctx, "look at mutations", "SELECT table || ' ' || mutation_id FROM "+s.system("mutations")+ours+" AND NOT is_done ORDER BY 1",
		s.ours(), appendTo(&out.Mutations))
}

func (s *Store) detached(ctx context.Context, out *Absence) error {
	return s.query(ctx, "look at detached parts", "SELECT table || ' ' || name FROM "+s.system("detached_parts")+ours+" ORDER BY 1",
		s.ours(), appendTo(&out.Detached))
}

func appendTo(list *[]string) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var v string
		err := scan(&v)
		*list = append(*list, v)
		return err
	}
}

// replaced finds parts that are out of use and older than the erasure.
func (s *Store) replaced(ctx context.Context, out *Absence, before time.Time) error {
	a := s.ours()
	a.params["before"] = before.UTC().Format(time.DateTime)
	return s.query(ctx, "look at replaced parts", "SELECT hostName(), table, name, toUnixTimestamp(greatest(remove_time, modification_time)) FROM "+s.system("parts")+ours+
		" AND NOT active AND rows > 0 AND modification_time <= toDateTime({before:String}, 'UTC') ORDER BY 1, 2, 3", a,
		func(scan func(...any) error) error {
			var p OldPart
			var at uint32
			if err := scan(&p.Host, &p.Table, &p.Name, &at); err != nil {
				return err
			}
			p.Until = time.Unix(int64(at), 0).UTC().Add(oldPartsLifetime + cleaning)
			out.Replaced = append(out.Replaced, p)
			if p.Until.After(out.Until) {
				out.Until = p.Until
			}
			return nil
		})
}

// How long a table keeps parts that were replaced (its setting
// old_parts_lifetime), and how often the server looks for them at the latest.
const (
	oldPartsLifetime = 30 * time.Second
	cleaning         = 60 * time.Second
)
