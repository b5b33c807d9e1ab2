package journal

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"postern/audit"
)

// scopeTallies is the settings scope of Erase.Tally.
const scopeTallies = "erased"

// Tallies are the counts whose keys begin with a prefix, by the rest of the key.
func (j *Journal) Tallies(ctx context.Context, prefix string) (map[string]int64, error) {
	all, err := j.Settings(ctx, scopeTallies)
	out := map[string]int64{}
	for _, s := range all {
		rest, ours := strings.CutPrefix(s.Key, prefix)
		if !ours {
			continue
		}
		if out[rest], err = strconv.ParseInt(string(s.Value), 10, 64); err != nil {
			return nil, fmt.Errorf("read what was counted: %w: verify the journal", ErrDamaged)
		}
	}
	return out, err
}

// NoTally is the row that ends a count, at a time in microseconds.
func NoTally(key string, at int64) Setting { return Setting{Scope: scopeTallies, Key: key, Time: at} }

func (e *Erase) tally(of string) string {
	if e.Tally == "" {
		return ""
	}
	return e.Tally + of
}

// overwriteBeside is for what rests beside the trail on its own, and counts it.
func (j *Journal) overwriteBeside(ctx context.Context, e Erase) error {
	const (
		key   = "DELETE FROM data_keys WHERE subject = ? AND class = ? AND month = ?"
		media = "UPDATE media SET upstream = NULL, until = 0, fetch_at = 0 WHERE id = ? AND (until <> 0 OR upstream IS NOT NULL)"
		dead  = "DELETE FROM deliveries WHERE id = ? AND app = ? AND state = 2"
	)
	at := e.Record.Time
	if err := takeEach(ctx, j, e.tally(" keys"), at, e.Keys, key, func(k DataKey) []any { return []any{k.Subject[:], k.Class, k.Month} }); err != nil {
		return fmt.Errorf("destroy keys: %w", err)
	}
	if err := takeEach(ctx, j, e.tally(" media"), at, e.Media, media, func(id audit.ID) []any { return []any{id[:]} }); err != nil {
		return fmt.Errorf("erase media: %w", err)
	}
	if err := takeEach(ctx, j, e.tally(" dead"), at, e.Dead, dead, func(o Outcome) []any { return []any{o.ID[:], o.App} }); err != nil {
		return fmt.Errorf("erase dead letters: %w", err)
	}
	return j.dropFacts(ctx, e)
}

// takeEach runs a statement for every item, in steps, and counts the rows it
// changed.
func takeEach[T any](ctx context.Context, j *Journal, tally string, at int64, items []T, text string, values func(T) []any) error {
	return inSteps(ctx, j, items, func(some []T) error {
		return j.inTransaction(func() error {
			var n int64
			for _, it := range some {
				changed, err := j.w.exec(text, values(it)...)
				if err != nil {
					return err
				}
				n += changed
			}
			return j.addTally(tally, n, at)
		})
	})
}

func (j *Journal) addTally(key string, n, at int64) error {
	if key == "" || n == 0 {
		return nil
	}
	before, err := j.w.integer("SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM settings WHERE scope = ? AND key = ?", scopeTallies, key)
	if err != nil {
		return err
	}
	_, err = j.w.exec("INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)", scopeTallies, key, strconv.AppendInt(nil, before+n, 10), at)
	return err
}
