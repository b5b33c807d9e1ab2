package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// Lost is what is here of a chain beyond what the store has of it: records that
// were shipped after the backup from which the store was restored. They may be
// the only copy, so they stay and the views show them under their chain's name;
// what ends other rows ends them, too.
type Lost struct {
	Chain   string `json:"chain"`
	First   uint64 `json:"first"`
	Last    uint64 `json:"last"`
	Records uint64 `json:"records"` // still there
	Content uint64 `json:"content"` // of these with a part in the clear
	Purged  uint64 `json:"purged"`  // of which place and hashes are left
	From    int64  `json:"from"`    // time of the oldest that is there, microseconds; 0: none is
	Until   int64  `json:"until"`   // of the newest
}

// Lost lists them by chain; nil where nothing was lost, or nothing of a restored
// trail is here yet but what it had before.
func (s *Store) Lost(ctx context.Context, chain string) ([]Lost, error) {
	all, err := s.family(ctx, chain)
	if err != nil {
		return nil, err
	}
	var out []Lost
	for _, c := range all {
		if c.name == chain {
			continue
		}
		one, err := s.lostOf(ctx, c)
		if err != nil {
			return nil, err
		}
		if one.Records+one.Purged > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// beyond is the condition that a row of the chain was lost.
func (m member) beyond() string {
	return fmt.Sprintf("(chain = %s AND seq >= %d)", text(m.name), m.end)
}

const inTheClear = "(body_salt != '' OR detail_salt != '' OR input_salt != '')"

func (s *Store) lostOf(ctx context.Context, m member) (Lost, error) {
	out := Lost{Chain: m.name}
	rows := "SELECT seq, time, " + inTheClear + " AS clear, 0 AS gone FROM "
	err := s.one(ctx, "look for lost records", "SELECT toUInt64(ifNull(min(seq), 0)), toUInt64(ifNull(max(seq), 0)), countIf(NOT gone), countIf(clear AND NOT gone), countIf(gone),"+
		" if(countIf(NOT gone) = 0, 0, minIf(time, NOT gone)), if(countIf(NOT gone) = 0, 0, maxIf(time, NOT gone)) FROM ("+
		rows+s.table("records")+" WHERE "+m.beyond()+" UNION ALL "+rows+s.table("held")+" WHERE "+m.beyond()+
		" UNION ALL SELECT seq, 0, 0, 1 FROM "+s.table("purged")+" WHERE "+m.beyond()+")",
		ask{settings: s.consistent()}, &out.First, &out.Last, &out.Records, &out.Content, &out.Purged, &out.From, &out.Until)
	return out, err
}

// lostCondition is that a row is one of those that Lost lists; of is ofStore's.
func (s *Store) lostCondition(ctx context.Context, chain string) (string, error) {
	all, err := s.family(ctx, chain)
	if err != nil {
		return "", err
	}
	parts := []string{"0"}
	for _, c := range all {
		if c.name != chain {
			parts = append(parts, c.beyond())
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// lostPage bounds the lost records in memory at once.
const lostPage = 2000

// EachLost calls fn for each lost record of the store with a time before the
// given one (microseconds), in the order of chains and numbers; of those of some
// persons alone where any are named. Record has its chain, and no parts.
func (s *Store) EachLost(ctx context.Context, chain string, before int64, of []audit.SubjectID, fn func(*journal.Aged) error) error {
	where, err := s.lostCondition(ctx, chain)
	if err != nil || where == "(0)" {
		return err
	}
	where += fmt.Sprintf(" AND time < %d", before)
	if len(of) > 0 {
		where += s.about(where, of)
	}
	for after := ""; ; {
		page, err := s.lostPage(ctx, where+after)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
		last := &page[len(page)-1].Record
		after = fmt.Sprintf(" AND (chain, seq) > (%s, %d)", text(last.Chain), last.Seq)
	}
}

// about is the condition that a lost row is about one of some persons, or says
// what became of one that is.
func (s *Store) about(lost string, of []audit.SubjectID) string {
	names := make([]string, len(of))
	for i, id := range of {
		names[i] = "toFixedString(unhex('" + id.String() + "'), 16)"
	}
	theirs := "subject IN (" + strings.Join(names, ", ") + ")"
	ids := func(table string) string {
		return "SELECT id FROM " + s.table(table) + " WHERE " + lost + " AND " + theirs
	}
	return " AND (" + theirs + " OR ref IN (" + ids("records") + " UNION ALL " + ids("held") + "))"
}

func (s *Store) lostPage(ctx context.Context, where string) ([]journal.Aged, error) {
	var out []journal.Aged
	refs := map[audit.ID]bool{}
	rows := func(table string) string {
		return "SELECT chain, seq, leaf_input, body_salt != '' OR input_salt != '', detail_salt != '' FROM " + s.table(table) + " WHERE " + where
	}
	err := s.query(ctx, "read lost records", "SELECT * FROM ("+rows("records")+" UNION ALL "+rows("held")+") ORDER BY chain, seq LIMIT "+fmt.Sprint(lostPage),
		ask{settings: s.joined()}, func(scan func(...any) error) error {
			var a journal.Aged
			var name, leaf string
			var seq int64
			var content, detail uint8
			if err := scan(&name, &seq, &leaf, &content, &detail); err != nil {
				return err
			}
			r, err := audit.DecodeLeaf([]byte(leaf))
			if err != nil || r.Chain != name || r.Seq != uint64(seq) { //nolint:gosec // not negative
				return fmt.Errorf("row %d of chain %s is not what its leaf says", seq, name)
			}
			if !r.Ref.IsZero() {
				refs[r.Ref] = true
			}
			r.Parts = nil
			a.Record, a.Seq, a.Row, a.Content, a.Detail = r, r.Seq, r.ID, content == 1, detail == 1
			out = append(out, a)
			return nil
		})
	if err != nil || len(refs) == 0 {
		return out, err
	}
	parents, err := s.byID(ctx, slices.Collect(maps.Keys(refs)))
	for i := range out {
		if r := &out[i]; !r.Record.Ref.IsZero() {
			r.Parent = parents[r.Record.Ref]
		}
	}
	return out, err
}

// byID are records without parts. One that was purged, or is not here, is none
// but for that.
func (s *Store) byID(ctx context.Context, ids []audit.ID) (map[audit.ID]audit.Record, error) {
	out := make(map[audit.ID]audit.Record, len(ids))
	names := make([]string, len(ids))
	for i, id := range ids {
		out[id] = audit.Record{Version: audit.Version, Kind: audit.KindPurged, Purged: true}
		names[i] = "unhex('" + id.String() + "')"
	}
	from := func(table string) string {
		return "SELECT leaf_input FROM " + s.table(table) + " WHERE id IN (" + strings.Join(names, ",") + ")"
	}
	err := s.query(ctx, "read what records belong to", from("records")+" UNION ALL "+from("held"), ask{settings: s.joined()}, func(scan func(...any) error) error {
		var leaf string
		if err := scan(&leaf); err != nil {
			return err
		}
		r, err := audit.DecodeLeaf([]byte(leaf))
		if err == nil {
			r.Parts = nil
			out[r.ID] = r
		}
		return err
	})
	return out, err
}

// joined lets a statement look into a table again within.
func (s *Store) joined() map[string]any {
	out := map[string]any{"distributed_product_mode": "global", "max_query_size": 1 << 22}
	maps.Copy(out, s.consistent())
	return out
}

// TakeLost takes parts of lost records away, or with audit.PartRecord the
// records themselves: place and hashes stay. It touches nothing that the store
// has. The caller has put on record what goes.
func (s *Store) TakeLost(ctx context.Context, chain, lost string, parts []string, seqs []uint64) error {
	all, err := s.family(ctx, chain)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m member) bool { return m.name == lost })
	if i < 0 || lost == chain || len(seqs) == 0 || slices.Min(seqs) < all[i].end {
		return fmt.Errorf("take lost records away: some of chain %s are none", lost)
	}
	return s.carryOutIn(ctx, all[i].beyond(), []audit.Erasure{audit.NewErasure("lost", parts, seqs)})
}

// Unnamed counts lost rows with content about persons whom no row names that
// the store has: it may not know that they are somebody it knows by another id.
func (s *Store) Unnamed(ctx context.Context, chain string) (uint64, error) {
	lost, err := s.lostCondition(ctx, chain)
	if err != nil || lost == "(0)" {
		return 0, err
	}
	of, err := s.ofStore(ctx, chain)
	if err != nil {
		return 0, err
	}
	known := func(table string) string { return "SELECT subject FROM " + s.table(table) + " WHERE " + of }
	rows := func(table string) string {
		return "SELECT subject FROM " + s.table(table) + " WHERE " + lost + " AND " + inTheClear + " AND subject != toFixedString('', 16)"
	}
	var n uint64
	err = s.one(ctx, "count persons whom the store lost", "SELECT count() FROM ("+rows("records")+" UNION ALL "+rows("held")+") WHERE subject NOT IN ("+
		known("records")+" UNION ALL "+known("held")+")", ask{settings: s.joined()}, &n)
	return n, err
}
