package audit_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"postern/audit"
)

// tileStore keeps leaf hashes and nodes as a journal does.
type tileStore struct {
	levels [4][][32]byte
	reads  int
}

func (s *tileStore) tile(level int, n uint64, width int) ([]byte, error) {
	s.reads++
	var out []byte
	for _, h := range s.levels[level][n*audit.TileWidth:][:width] {
		out = append(out, h[:]...)
	}
	return out, nil
}

func leaf(i int) (h [32]byte) {
	binary.BigEndian.PutUint64(h[:], uint64(i)+1) //nolint:gosec // small
	return h
}

// grow builds a tree of n leaves with its tiles and, independently, tlog's hashes.
func grow(t *testing.T, n int) (*audit.Tree, *tileStore, tlog.HashReaderFunc) {
	t.Helper()
	tree, store := new(audit.Tree), new(tileStore)
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range idx {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	for i := range n {
		store.levels[0] = append(store.levels[0], leaf(i))
		for _, node := range tree.AppendNodes(leaf(i), nil) {
			if uint64(len(store.levels[node.Level])) != node.N {
				t.Fatalf("node %d of level %d after %d", node.N, node.Level, len(store.levels[node.Level]))
			}
			store.levels[node.Level] = append(store.levels[node.Level], node.Hash)
		}
		more, err := tlog.StoredHashesForRecordHash(int64(i), leaf(i), reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	return tree, store, reader
}

func TestTreeAgainstTlog(t *testing.T) {
	tree, store, reader := grow(t, 70_000)
	for _, n := range []uint64{0, 1, 2, 3, 255, 256, 257, 511, 512, 4097, 65_535, 65_536, 65_537, 69_999, 70_000} {
		want, err := tlog.TreeHash(int64(n), reader) //nolint:gosec // small
		if err != nil {
			t.Fatal(err)
		}
		store.reads = 0
		loaded, err := audit.LoadTree(n, store.tile)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && loaded.Root() != want || loaded.Size() != n || store.reads > 3 {
			t.Errorf("size %d: other root, size %d or %d tiles read", n, loaded.Size(), store.reads)
		}
		for i := n; i < min(n+300, 70_000); i++ {
			loaded.Append(leaf(int(i))) //nolint:gosec // small
		}
		if want, err = tlog.TreeHash(int64(loaded.Size()), reader); err != nil || loaded.Size() > 0 && loaded.Root() != want { //nolint:gosec // small
			t.Errorf("size %d grown on from the loaded edge: other root (%v)", loaded.Size(), err)
		}
	}
	if tree.Size() != 70_000 {
		t.Errorf("size %d", tree.Size())
	}
}

func TestLoadTreeRefusesShortTiles(t *testing.T) {
	short := func(int, uint64, int) ([]byte, error) { return make([]byte, 31), nil }
	if _, err := audit.LoadTree(5, short); !errors.Is(err, audit.ErrTile) {
		t.Errorf("short tile: %v", err)
	}
	if _, err := audit.LoadTree(5, func(int, uint64, int) ([]byte, error) { return nil, errDisk }); !errors.Is(err, errDisk) {
		t.Errorf("failing tile: %v", err)
	}
}

func TestProofs(t *testing.T) {
	tree, store, _ := grow(t, 66_000)
	for _, size := range []uint64{1, 2, 255, 256, 300, 65_536, 66_000} {
		at, err := audit.LoadTree(size, store.tile)
		if err != nil {
			t.Fatal(err)
		}
		root := at.Root()
		for _, seq := range []uint64{0, size / 2, size - 1} {
			proof, err := audit.ProveInclusion(store.tile, size, root, seq)
			if err != nil {
				t.Fatalf("size %d, record %d: %v", size, seq, err)
			}
			own := leaf(int(seq)) //nolint:gosec // small
			if err := audit.CheckInclusion(proof, size, root, seq, own); err != nil {
				t.Errorf("size %d, record %d: %v", size, seq, err)
			}
			own[31] ^= 1
			if err := audit.CheckInclusion(proof, size, root, seq, own); !errors.Is(err, audit.ErrProof) {
				t.Errorf("size %d, record %d: another leaf is accepted", size, seq)
			}
		}
		growth, err := audit.ProveConsistency(store.tile, 66_000, tree.Root(), size)
		if err != nil {
			t.Fatalf("growth from %d: %v", size, err)
		}
		if err := audit.CheckConsistency(growth, 66_000, tree.Root(), size, root); err != nil {
			t.Errorf("growth from %d: %v", size, err)
		}
		root[0] ^= 1
		if err := audit.CheckConsistency(growth, 66_000, tree.Root(), size, root); !errors.Is(err, audit.ErrProof) {
			t.Errorf("growth from %d: another root is accepted", size)
		}
	}
}

func TestProofsRefuse(t *testing.T) {
	tree, store, _ := grow(t, 1000)
	if _, err := audit.ProveInclusion(store.tile, 1000, tree.Root(), 1000); !errors.Is(err, audit.ErrProof) {
		t.Errorf("record beyond the end: %v", err)
	}
	if _, err := audit.ProveConsistency(store.tile, 1000, tree.Root(), 1001); !errors.Is(err, audit.ErrProof) {
		t.Errorf("older tree larger than the tree: %v", err)
	}
	if err := audit.CheckInclusion(nil, 5, tree.Root(), 5, leaf(5)); !errors.Is(err, audit.ErrProof) {
		t.Errorf("check beyond the end: %v", err)
	}
	if err := audit.CheckConsistency(nil, 5, tree.Root(), 0, leaf(5)); !errors.Is(err, audit.ErrProof) {
		t.Errorf("check of growth from nothing: %v", err)
	}
	store.levels[0][700][3] ^= 1
	if _, err := audit.ProveInclusion(store.tile, 1000, tree.Root(), 701); err == nil {
		t.Error("a damaged tile gives a proof")
	}
}
