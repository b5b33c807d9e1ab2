package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// TileWidth is the number of hashes in a full tile; a tile spans TileHeight
// levels of the tree.
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
)

// ErrTile is wrapped where stored tiles cannot be used.
var ErrTile = errors.New("stored tiles do not fit the tree")

// Tree is the right edge of an RFC 6962 tree: all that is needed to append and
// to name the root. The zero value is the empty tree. Not safe for concurrent use.
type Tree struct {
	size uint64
	edge []tlog.Hash // roots of the complete subtrees, largest first: one per bit of size
}

// Node is a hash of a tile above the leaves: number N of tile level Level
// (1 is over 256 leaves, 2 over 65,536, ...).
type Node struct {
	Level int
	N     uint64
	Hash  [32]byte
}

// Size is the number of leaves.
func (t *Tree) Size() uint64 { return t.size }

// Append adds one leaf hash.
func (t *Tree) Append(leaf [32]byte) { t.push(0, leaf, nil) }

// AppendNodes adds one leaf hash and appends to dst the nodes that it
// completes on tile levels above 0. Storing them makes LoadTree and proofs quick.
func (t *Tree) AppendNodes(leaf [32]byte, dst []Node) []Node { return t.push(0, leaf, dst) }

// push adds a complete subtree of 1<<level leaves; size must be a multiple of that.
func (t *Tree) push(level int, h tlog.Hash, dst []Node) []Node {
	n := t.size >> level
	t.size += 1 << level
	for ; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		h = tlog.NodeHash(t.edge[last], h)
		t.edge = t.edge[:last]
		level++
		if level%TileHeight == 0 {
			dst = append(dst, Node{Level: level / TileHeight, N: n >> 1, Hash: h})
		}
	}
	t.edge = append(t.edge, h)
	return dst
}

// join appends all leaves of o; t.size must be a multiple of o's largest subtree.
func (t *Tree) join(o *Tree) {
	rest := o.size
	for _, h := range o.edge {
		level := bits.Len64(rest) - 1
		t.push(level, h, nil)
		rest &^= 1 << level
	}
}

// Root is the RFC 6962 tree hash; of no leaves it is SHA-256 of nothing.
func (t *Tree) Root() [32]byte { return fold(nil, t.edge) }

// fold is the root over the subtrees of left, then those of right.
func fold(left, right []tlog.Hash) [32]byte {
	n := len(left) + len(right)
	if n == 0 {
		return sha256.Sum256(nil)
	}
	at := func(i int) tlog.Hash {
		if i < len(left) {
			return left[i]
		}
		return right[i-len(left)]
	}
	h := at(n - 1)
	for i := n - 2; i >= 0; i-- {
		h = tlog.NodeHash(at(i), h)
	}
	return h
}

// Tiles reads the first width hashes of tile n of a tile level, 32 bytes each:
// level 0 holds leaf hashes, level L the nodes of that level. It returns
// exactly width*32 bytes or an error.
type Tiles func(level int, n uint64, width int) ([]byte, error)

// LoadTree rebuilds the tree of the given size from at most one tile per level.
func LoadTree(size uint64, tiles Tiles) (*Tree, error) {
	t := new(Tree)
	for level := (bits.Len64(size) - 1) / TileHeight; size > 0 && level >= 0; level-- {
		width := int(size >> (level * TileHeight) & (TileWidth - 1))
		if width == 0 {
			continue
		}
		data, err := readTile(tiles, level, size>>((level+1)*TileHeight), width)
		if err != nil {
			return nil, err
		}
		for i := range width {
			t.push(level*TileHeight, tlog.Hash(data[32*i:]), nil)
		}
	}
	return t, nil
}

func readTile(tiles Tiles, level int, n uint64, width int) ([]byte, error) {
	data, err := tiles(level, n, width)
	if err != nil {
		return nil, fmt.Errorf("read tile %d of level %d: %w", n, level, err)
	}
	if len(data) != width*tlog.HashSize {
		return nil, fmt.Errorf("read tile %d of level %d: %w", n, level, ErrTile)
	}
	return data, nil
}
