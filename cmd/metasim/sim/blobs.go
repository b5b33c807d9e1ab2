package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// maxMemory bounds media kept without a state folder, in bytes; the oldest go.
const maxMemory = 256 << 20

// blobs keeps the bytes of media: in files of the state folder, or in memory.
type blobs struct {
	dir string // empty for memory

	mu    *sync.Mutex
	bytes map[string][]byte
	order []string
	size  int
}

func newBlobs(stateDir string) blobs {
	b := blobs{mu: new(sync.Mutex), bytes: make(map[string][]byte)}
	if stateDir != "" {
		b.dir = filepath.Join(stateDir, "media")
	}
	return b
}

func (b *blobs) put(id string, data []byte) error {
	if b.dir != "" {
		if err := os.MkdirAll(b.dir, 0o700); err != nil {
			return fmt.Errorf("make media folder: %w", err)
		}
		if err := os.WriteFile(filepath.Join(b.dir, id), data, 0o600); err != nil {
			return fmt.Errorf("write media: %w", err)
		}
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes[id] = data
	b.order = append(b.order, id)
	for b.size += len(data); b.size > maxMemory && len(b.order) > 1; b.order = b.order[1:] {
		b.size -= len(b.bytes[b.order[0]])
		delete(b.bytes, b.order[0])
	}
	return nil
}

func (b *blobs) get(id string) ([]byte, bool) {
	if b.dir != "" {
		data, err := os.ReadFile(filepath.Join(b.dir, id)) //nolint:gosec // ids are our own digits
		return data, err == nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.bytes[id]
	return data, ok
}

func (b *blobs) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.bytes)
	b.order, b.size = nil, 0
}
