package journal

import (
	"errors"

	"golang.org/x/sys/unix"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The writer's log, as SQLite writes it, costs two calls of the kernel a page
// and a commit an fsync, which also brings to the disk when the file was last
// changed. Here what a transaction adds is gathered, written when SQLite wants it
// on the disk, a page of the kernel at a time, and brought there by fdatasync:
// SQLite's own choice, which the driver is compiled without.
//
// Order and meaning stay SQLite's. Others look at a transaction only after it
// was synced, which holds for synchronous=FULL alone: no connection with less
// may use this. Whatever else SQLite asks of the file, what was gathered is
// written first.

const (
	// gathered bounds what waits in memory.
	gathered = 256 << 10
	// piece is what is written with one call, and ends where a page of the kernel
	// does. Of larger ones ext4 makes units as large, and all of a unit counts as
	// written when a byte of it was.
	piece = 4096
)

// logFile is what SQLite holds of an open log, in its memory, with ours behind.
type logFile struct {
	sqlite3.TunixFile
	system  uintptr                     // SQLite's methods
	ours    sqlite3.Tsqlite3_io_methods // in their place
	pending uintptr                     // see logFiles
}

// pending is what SQLite has written to a log and the file does not have yet. It
// belongs to the goroutine that uses the connection.
type pending struct {
	at     int64
	bytes  []byte
	synced bool // the file has been, and with it the folder that names it
}

// write takes what SQLite writes. What does not follow the rest goes after it.
func (p *pending) write(f *logFile, content []byte, offset int64) int32 {
	if end := p.at + int64(len(p.bytes)); offset != end || len(p.bytes)+len(content) > gathered {
		if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
			return rc
		}
		p.at = offset
	}
	p.bytes = append(p.bytes, content...)
	return sqlite3.SQLITE_OK
}

// flush writes what waits. What can not be written is not tried again: SQLite
// hears of it and gives the transaction up.
func (p *pending) flush(f *logFile) int32 {
	rest, offset := p.bytes, p.at
	p.at, p.bytes = offset+int64(len(rest)), p.bytes[:0]
	for len(rest) > 0 {
		n, err := unix.Pwrite(int(f.Fh), rest[:min(int64(len(rest)), piece-offset%piece)], offset)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOSPC) || err == nil && n == 0:
			return sqlite3.SQLITE_FULL
		case err != nil:
			return sqlite3.SQLITE_IOERR_WRITE
		}
		rest, offset = rest[n:], offset+int64(n)
	}
	return sqlite3.SQLITE_OK
}

// sync brings the file to the disk. The first time SQLite does, which brings the
// folder there, too.
func (p *pending) sync(tls *libc.TLS, file uintptr, f *logFile, flags int32) int32 {
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
		return rc
	}
	if !p.synced {
		rc := call[syncFunc](f.methods().FxSync)(tls, file, flags)
		p.synced = rc == sqlite3.SQLITE_OK
		return rc
	}
	for {
		err := unix.Fdatasync(int(f.Fh))
		if err == nil {
			return sqlite3.SQLITE_OK
		}
		if !errors.Is(err, unix.EINTR) {
			return sqlite3.SQLITE_IOERR_FSYNC
		}
	}
}
