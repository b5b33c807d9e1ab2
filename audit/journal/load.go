package journal

import (
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// state is the row of the same name: how far the tables that lag have come.
type state struct {
	counted uint64 // records below are in counts
	settled uint64 // no admission below is open
	epoch   int64
}

// load reads the end of the chain and what was in memory: the tree's edge, open
// admissions and the counts not yet written. It reads no more than the records
// since the last mark, and runs at start and after every recovery.
func (j *Journal) load() error {
	var st state
	err := j.w.query("SELECT counted, settled, epoch, own_keys FROM state", func(row []driver.Value) error {
		st = state{counted: asUint(row[0]), settled: asUint(row[1]), epoch: asInt(row[2])}
		j.ownKeys.Store(asUint(row[3]))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	head, err := readHead(j.w)
	if err != nil {
		return err
	}
	head.Chain = j.cfg.Chain
	var trees [2]*audit.Tree
	for i := range trees {
		if trees[i], err = audit.LoadTree(head.Size, j.w.tile); err != nil {
			return fmt.Errorf("%w: restore the newest backup: %w", ErrDamaged, err)
		}
	}
	j.contexts.forget()
	j.state, j.work, j.counted = st, *trees[0], j.cfg.Now()
	j.mu.Lock()
	j.head, j.tree = head, *trees[1]
	j.grew()
	j.mu.Unlock()
	return j.loadTail()
}

// readHead reads the last record and holds it against the checkpoints: a chain
// that is shorter than one of them lost its end.
func readHead(c *conn) (Head, error) {
	var h Head
	err := c.query("SELECT seq, leaf FROM records ORDER BY seq DESC LIMIT 1", func(row []driver.Value) error {
		h.Size = asUint(row[0]) + 1
		copy(h.Leaf[:], asBytes(row[1]))
		return nil
	})
	if err != nil {
		return Head{}, fmt.Errorf("read last record: %w", err)
	}
	size, err := c.integer("SELECT max(size) FROM checkpoints")
	if err != nil {
		return Head{}, fmt.Errorf("read checkpoints: %w", err)
	}
	if uint64(size) > h.Size { //nolint:gosec // sizes are not negative
		return Head{}, fmt.Errorf("%w: records are missing at its end (%d, a checkpoint says %d); restore the newest backup",
			ErrDamaged, h.Size, size)
	}
	return h, nil
}

// tile reads hashes of the tree for audit.LoadTree.
func (c *conn) tile(level int, n uint64, width int) ([]byte, error) {
	text := "SELECT hash FROM nodes WHERE level = ?1 AND n >= ?2 AND n < ?3 ORDER BY n"
	if level == 0 {
		text = "SELECT leaf FROM records WHERE ?1 = 0 AND seq >= ?2 AND seq < ?3 ORDER BY seq"
	}
	from := int64(n) << audit.TileHeight //nolint:gosec // far below 2^63
	var out []byte
	err := c.query(text, func(row []driver.Value) error {
		out = append(out, asBytes(row[0])...)
		return nil
	}, int64(level), from, from+int64(width))
	return out, err
}

// loadTail walks the records since the older of the two marks.
func (j *Journal) loadTail() error {
	open := make(map[audit.ID]OpenAdmission)
	counts := counter{}
	from := min(j.state.counted, j.state.settled)
	err := j.w.query(`SELECT r.seq, r.id, r.time, r.ref, c.tenant, c.kind, c.effect, c.reasons
		FROM records r CROSS JOIN contexts c ON c.id = r.context WHERE r.seq >= ? ORDER BY r.seq`,
		func(row []driver.Value) error {
			r := audit.Record{
				Seq: asUint(row[0]), Time: asInt(row[2]), Tenant: asString(row[4]),
				Kind: audit.Kind(asString(row[5])), Effect: audit.Effect(asString(row[6])), Reasons: splitList(asString(row[7])),
			}
			copy(r.ID[:], asBytes(row[1]))
			copy(r.Ref[:], asBytes(row[3]))
			track(open, &r)
			if r.Seq >= j.state.counted {
				counts.add(&r)
			}
			return nil
		}, int64(from)) //nolint:gosec // far below 2^63
	if err != nil {
		return fmt.Errorf("read last records: %w", err)
	}
	j.counts = counts
	j.mu.Lock()
	j.open = open
	j.mu.Unlock()
	return nil
}

// OpenAdmission is an admission that was allowed and has no outcome yet.
type OpenAdmission struct {
	ID   audit.ID
	Seq  uint64
	Time int64
	Kind audit.Kind
}

// track keeps the set of open admissions as records pass.
func track(open map[audit.ID]OpenAdmission, r *audit.Record) {
	switch r.Kind {
	case audit.KindAdmission, audit.KindMedia, audit.KindManage, audit.KindRead:
		if r.Effect == audit.EffectAllow {
			open[r.ID] = OpenAdmission{ID: r.ID, Seq: r.Seq, Time: r.Time, Kind: r.Kind}
		}
	case audit.KindSettle:
		delete(open, r.Ref)
	default:
	}
}
