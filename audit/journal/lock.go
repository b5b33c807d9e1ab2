package journal

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// fileLock keeps other processes out. The kernel drops it when the process
// ends, however it ends.
type fileLock struct{ f *os.File }

func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w: stop the one that serves it, or ask it over its admin listener", ErrInUse)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock journal: %w", err), f.Close())
	}
	return &fileLock{f: f}, nil
}

func (l *fileLock) unlock() error {
	if err := l.f.Close(); err != nil {
		return fmt.Errorf("unlock journal: %w", err)
	}
	return nil
}

// Magic numbers of statfs(2) where flock or fsync may not hold.
var networkFS = map[int64]string{
	0x6969:     "NFS",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB",
	0x517b:     "SMB",
	0x01021997: "9p",
	0x65735546: "FUSE",
	0x564c:     "NCP",
	0x73757245: "Coda",
	0x5346414f: "AFS",
	0x00c36400: "Ceph",
}

func checkFileSystem(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("look at the file system: %w", err)
	}
	if name, bad := networkFS[int64(uint32(st.Type))]; bad { //nolint:gosec // magic numbers are 32 bits
		return fmt.Errorf("%w (%s): locks and fsync do not hold there; use a local disk", ErrNetwork, name)
	}
	return nil
}

// FreeBytes is what this user may still write to the file system of dir.
func FreeBytes(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("look at the file system: %w", err)
	}
	return int64(st.Bavail) * st.Bsize, nil //nolint:gosec // far below 2^63
}
