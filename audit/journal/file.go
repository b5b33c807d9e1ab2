package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"postern/audit"
)

// applicationID marks the file as a journal ("Post"), SQLite header offset 68.
const applicationID = 0x506f7374

func prepare(cfg Config) (*Journal, error) {
	if cfg.Path == "" || cfg.Now == nil || cfg.Chain == "" {
		return nil, errors.New("open journal: Path, Chain and Now are required")
	}
	setDefaults(&cfg)
	path, err := filePath(cfg.Path)
	if err != nil {
		return nil, err
	}
	if !cfg.AnyFileSystem {
		if err := checkFileSystem(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	return &Journal{
		cfg: cfg, path: path, queue: newQueue(cfg.QueueSize),
		stop: make(chan struct{}), done: make(chan struct{}), exclude: make(chan func()), copies: make(chan chan error),
		open: make(map[audit.ID]OpenAdmission), reader: newReaderOf(path), short: make(chan struct{}, shortReads),
	}, nil
}

func setDefaults(cfg *Config) {
	orTime := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	orInt := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	orTime(&cfg.LazyDelay, 5*time.Millisecond)
	orTime(&cfg.Checkpoint, 200*time.Millisecond)
	orTime(&cfg.RecoverWait, time.Second)
	orTime(&cfg.held, maxHeld)
	orInt(&cfg.QueueSize, 4096)
	orInt(&cfg.MaxBatch, 256)
	if cfg.MinFree == 0 {
		cfg.MinFree = 64 << 20
	}
}

// filePath resolves folder or file and makes the folder.
func filePath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("resolve journal path: %w", err)
	}
	if filepath.Ext(abs) != ".db" {
		abs = filepath.Join(abs, fileName)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", fmt.Errorf("make journal folder: %w", err)
	}
	return abs, nil
}

// openFile opens or makes the file and brings its schema up to date.
func (j *Journal) openFile(ctx context.Context) error {
	found, err := inspect(j.path)
	if err != nil {
		return err
	}
	if !found {
		if err := j.create(); err != nil {
			return err
		}
	}
	if j.w, err = dialWriter(ctx, j.path); err != nil {
		return damaged(err)
	}
	if err := migrate(j.w, j.cfg.Chain, !found); err != nil {
		return damaged(err)
	}
	if j.cfg.Chain, err = j.w.chainName(); err != nil {
		return damaged(err)
	}
	if err := j.tidyLog(); err != nil {
		return damaged(err)
	}
	return os.WriteFile(j.markerPath(), []byte("A journal belongs beside this file. Without it the trail would begin anew.\n"), 0o600)
}

// markerPath outlives a lost journal and keeps a new one from taking its place.
func (j *Journal) markerPath() string { return j.path + ".exists" }

func (j *Journal) create() error {
	if _, err := os.Stat(j.markerPath()); err == nil {
		return fmt.Errorf("%w where one existed: restore the newest backup to %s; to begin a new trail on purpose, remove %s",
			ErrMissing, filepath.Base(j.path), filepath.Base(j.markerPath()))
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make journal: %w", err)
	}
	return f.Close()
}

// inspect reads the header without opening the store: a foreign or broken file
// must not be touched. An empty file is one whose creation was interrupted.
func inspect(path string) (found bool, err error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open journal: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var header [100]byte
	n, err := io.ReadFull(f, header[:])
	if n == 0 {
		return true, nil
	}
	if err != nil || string(header[:16]) != "SQLite format 3\x00" {
		return true, fmt.Errorf("%w: it has no SQLite header; restore the newest backup, or name another path", ErrDamaged)
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != applicationID && id != 0 {
		return true, fmt.Errorf("%w: another program made it; name another path", ErrForeign)
	}
	// With a log beside it the file may lag behind its own header.
	if st, err := os.Stat(path + logSuffix); err == nil && st.Size() > 0 {
		return true, nil
	}
	return true, checkLength(f, header[:])
}

// checkLength finds a file that was cut short.
func checkLength(f *os.File, header []byte) error {
	size := int64(binary.BigEndian.Uint16(header[16:]))
	if size == 1 {
		size = 65536
	}
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	if size < 512 || st.Size()%size != 0 || st.Size() < size*int64(binary.BigEndian.Uint32(header[28:])) {
		return fmt.Errorf("%w: it is shorter than its header says; restore the newest backup", ErrDamaged)
	}
	return nil
}
