package disk

import (
	"context"
	"errors"
	"os"
	"time"
)

// freed is given back at a time. A file system that tells its disk what is free
// (ext4 with discard, thin volumes) holds up every commit until the disk has
// heard all of it: of a file of 2 GB, unlinked at once, for 0.1 to 0.28 s.
const freed = 32 << 20

// rest is what commits have for themselves after each piece, which takes some
// milliseconds itself.
const rest = 10 * time.Millisecond

// Remove takes away a file that may be long: from its end, a piece after the
// other, with pauses, so that commits beside it wait for one piece at most. Whoever reads the file meanwhile finds it shorter.
// Once ctx is over the rest goes at once. Errors are those of [os.Remove].
func Remove(ctx context.Context, path string) error {
	shorten(ctx, path)
	return os.Remove(path)
}

// shorten is no condition of the file's end: what it leaves goes with the name.
func shorten(ctx context.Context, path string) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() <= freed {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the caller names the file
	if err != nil {
		return
	}
	defer f.Close() //nolint:errcheck // it goes
	for left := info.Size() - freed; left > 0 && err == nil; left -= freed {
		err = errors.Join(f.Truncate(left), f.Sync())
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}
