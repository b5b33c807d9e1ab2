package audit

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof is wrapped where a proof does not show what it should.
var ErrProof = errors.New("proof does not hold")

// ProveInclusion returns the RFC 6962 audit path of leaf seq in the tree of
// the given size and root. The tiles read are checked against root, so a
// damaged tile gives an error and never a proof that fails elsewhere.
func ProveInclusion(tiles Tiles, size uint64, root [32]byte, seq uint64) ([][32]byte, error) {
	if size > math.MaxInt64 || seq >= size {
		return nil, fmt.Errorf("prove record: %w: it is not in the tree", ErrProof)
	}
	reader := hashReader(tiles, size, root)
	proof, err := tlog.ProveRecord(int64(size), int64(seq), reader) //nolint:gosec // bounded above
	if err != nil {
		return nil, fmt.Errorf("prove record: %w", err)
	}
	return fromHashes(proof), nil
}

// CheckInclusion reports nil if proof shows that leaf is number seq of the
// tree of the given size and root.
func CheckInclusion(proof [][32]byte, size uint64, root [32]byte, seq uint64, leaf [32]byte) error {
	if size > math.MaxInt64 || seq >= size {
		return fmt.Errorf("check record: %w: it is not in the tree", ErrProof)
	}
	if err := tlog.CheckRecord(toHashes(proof), int64(size), root, int64(seq), leaf); err != nil { //nolint:gosec // bounded above
		return fmt.Errorf("check record: %w", ErrProof)
	}
	return nil
}

// ProveConsistency returns the RFC 6962 proof that the tree of size old is a
// prefix of the tree of the given size and root.
func ProveConsistency(tiles Tiles, size uint64, root [32]byte, old uint64) ([][32]byte, error) {
	if size > math.MaxInt64 || old == 0 || old > size {
		return nil, fmt.Errorf("prove growth: %w: no older tree of that size", ErrProof)
	}
	proof, err := tlog.ProveTree(int64(size), int64(old), hashReader(tiles, size, root)) //nolint:gosec // bounded above
	if err != nil {
		return nil, fmt.Errorf("prove growth: %w", err)
	}
	return fromHashes(proof), nil
}

// CheckConsistency reports nil if proof shows that the tree of size old and
// root oldRoot is a prefix of the tree of the given size and root.
func CheckConsistency(proof [][32]byte, size uint64, root [32]byte, old uint64, oldRoot [32]byte) error {
	if size > math.MaxInt64 || old == 0 || old > size {
		return fmt.Errorf("check growth: %w: no older tree of that size", ErrProof)
	}
	if err := tlog.CheckTree(toHashes(proof), int64(size), root, int64(old), oldRoot); err != nil { //nolint:gosec // bounded above
		return fmt.Errorf("check growth: %w", ErrProof)
	}
	return nil
}

func toHashes(in [][32]byte) []tlog.Hash {
	out := make([]tlog.Hash, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

func fromHashes(in []tlog.Hash) [][32]byte {
	out := make([][32]byte, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

func hashReader(tiles Tiles, size uint64, root [32]byte) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: int64(size), Hash: root}, tileReader{tiles}) //nolint:gosec // callers bound it
}

// tileReader gives tlog our tiles; tlog checks them against the root.
type tileReader struct{ tiles Tiles }

func (t tileReader) Height() int { return TileHeight }

func (t tileReader) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(want))
	for i, w := range want {
		data, err := readTile(t.tiles, w.L, uint64(w.N), w.W) //nolint:gosec // tile numbers are not negative
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

func (t tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
