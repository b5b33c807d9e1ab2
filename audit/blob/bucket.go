package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// Bucket keeps objects under keys such as "a/b/c": backups, exports, notes. An
// object is there whole or not at all; a key that is written again has the new
// content. Safe for concurrent use. Errors name neither keys nor addresses.
type Bucket interface {
	// Put stores what the object's content gives. It is durable when Put
	// returns nil; after an error nothing new is there.
	Put(ctx context.Context, o Written) error
	// Get reads an object; one that is not there is ErrNotFound.
	Get(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// List gives the objects whose keys begin with prefix, in no order.
	List(ctx context.Context, prefix string) iter.Seq2[Listed, error]
	// Remove takes an object away for good, with every version that the place
	// keeps of it; one that is not there is no error. One that the place must
	// keep is *LockedError.
	Remove(ctx context.Context, key string) error
}

// Written is an object to be stored.
type Written struct {
	Key     string
	Size    int64 // exactly what Content gives; another length is ErrSize
	Content io.Reader
	Brief   bool // has to be removable at any time: no Object Lock is set on it
}

// Listed is an object that is there.
type Listed struct {
	Key   string
	Size  int64
	Since time.Time
}

// LockedError says that an object cannot be removed yet.
type LockedError struct{ Until time.Time }

func (e *LockedError) Error() string {
	return "Object Lock keeps an object until " + e.Until.UTC().Format(time.RFC3339) + "; it is removed after that"
}

// ErrKey: an object cannot have this key.
var ErrKey = errors.New("object has an unusable key")

const maxKey = 512

// checkKey takes letters, digits and "._=-" between slashes. No step begins
// with a point, so that none leads out of a folder or is hidden there.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("%w: it has 1 to %d characters", ErrKey, maxKey)
	}
	for _, step := range strings.Split(key, "/") {
		if step == "" || step[0] == '.' || strings.HasSuffix(step, unfinished) || strings.ContainsFunc(step, strange) {
			return fmt.Errorf("%w: it is letters, digits and ._=- between slashes", ErrKey)
		}
	}
	return nil
}

func strange(c rune) bool {
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	return !letter && !strings.ContainsRune("._=-", c)
}

// exactly reads size bytes of r and no other number.
func exactly(r io.Reader, size int64) io.Reader { return &exact{from: r, left: size} }

type exact struct {
	from io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	e.left -= int64(n)
	if e.left < 0 || errors.Is(err, io.EOF) && e.left > 0 {
		return 0, ErrSize
	}
	return n, err
}
