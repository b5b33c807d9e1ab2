package journal

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// This file is where SQLite and logFile meet. SQLite's memory is not Go's: it
// does not move, and Go's collector does not look into it.

// logVFS is the name under which a connection asks for it.
const logVFS = "postern-log"

// system is SQLite's own way to files, logs the same with another xOpen. SQLite
// keeps the address of logs.
var system, logs sqlite3.Tsqlite3_vfs

// registerLogs makes the name known, once in a process.
var registerLogs = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	found := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if found == 0 {
		return errors.New("SQLite knows no way to files")
	}
	name, err := libc.CString(logVFS)
	if err != nil {
		return fmt.Errorf("name a way to files: %w", err)
	}
	system = *at[sqlite3.Tsqlite3_vfs](found)
	logs = system
	logs.FpNext, logs.FzName = 0, name
	logs.FszOsFile = max(system.FszOsFile, int32(unsafe.Sizeof(logFile{}))) //nolint:gosec // some hundred bytes
	set(&logs.FxOpen, openLog)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, uintptr(unsafe.Pointer(&logs)), 0); rc != sqlite3.SQLITE_OK { //nolint:gosec // a variable of the package stays where it is
		return fmt.Errorf("SQLite does not take another way to files: code %d", rc)
	}
	return nil
})

// logFiles holds what a logFile points to, by the address of that.
var logFiles = struct {
	sync.Mutex
	open map[uintptr]*pending
}{open: map[uintptr]*pending{}}

// Functions as SQLite calls them.
type (
	openFunc  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	closeFunc = func(tls *libc.TLS, file uintptr) int32
	moveFunc  = func(tls *libc.TLS, file, content uintptr, n int32, offset int64) int32
	cutFunc   = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc  = func(tls *libc.TLS, file uintptr, flags int32) int32
	sizeFunc  = func(tls *libc.TLS, file, size uintptr) int32
)

// at is what SQLite has at an address.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) } //nolint:gosec // see above

// set gives SQLite a function of the package, call calls one of SQLite's.
func set[F any](slot *uintptr, f F) { *(*F)(unsafe.Pointer(slot)) = f } //nolint:gosec // see above

func call[F any](f uintptr) F { return *(*F)(unsafe.Pointer(&f)) } //nolint:gosec // see above

func (f *logFile) methods() *sqlite3.Tsqlite3_io_methods {
	return at[sqlite3.Tsqlite3_io_methods](f.system)
}

// opened is a log and what waits for it.
func opened(file uintptr) (*logFile, *pending) {
	f := at[logFile](file)
	return f, at[pending](f.pending)
}

// openLog opens a file as SQLite does, and stands between if it is a log.
func openLog(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	rc := call[openFunc](system.FxOpen)(tls, vfs, name, file, flags, out)
	if rc != sqlite3.SQLITE_OK || flags&sqlite3.SQLITE_OPEN_WAL == 0 {
		return rc
	}
	f, p := at[logFile](file), &pending{}
	f.system, f.ours = f.FpMethod, *at[sqlite3.Tsqlite3_io_methods](f.FpMethod)
	set(&f.ours.FxClose, closeLog)
	set(&f.ours.FxRead, readLog)
	set(&f.ours.FxWrite, writeLog)
	set(&f.ours.FxTruncate, cutLog)
	set(&f.ours.FxSync, syncLog)
	set(&f.ours.FxFileSize, sizeLog)
	f.FpMethod, f.pending = uintptr(unsafe.Pointer(&f.ours)), uintptr(unsafe.Pointer(p)) //nolint:gosec // see above
	logFiles.Lock()
	defer logFiles.Unlock()
	logFiles.open[file] = p
	return rc
}

// closeLog drops what was written and not synced: no transaction stands on it.
func closeLog(tls *libc.TLS, file uintptr) int32 {
	logFiles.Lock()
	delete(logFiles.open, file)
	logFiles.Unlock()
	return call[closeFunc](at[logFile](file).methods().FxClose)(tls, file)
}

func writeLog(_ *libc.TLS, file, content uintptr, n int32, offset int64) int32 {
	f, p := opened(file)
	return p.write(f, unsafe.Slice(at[byte](content), n), offset)
}

func syncLog(tls *libc.TLS, file uintptr, flags int32) int32 {
	f, p := opened(file)
	return p.sync(tls, file, f, flags)
}

func readLog(tls *libc.TLS, file, content uintptr, n int32, offset int64) int32 {
	f, p := opened(file)
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return call[moveFunc](f.methods().FxRead)(tls, file, content, n, offset)
}

func cutLog(tls *libc.TLS, file uintptr, size int64) int32 {
	f, p := opened(file)
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return call[cutFunc](f.methods().FxTruncate)(tls, file, size)
}

func sizeLog(tls *libc.TLS, file, size uintptr) int32 {
	f, p := opened(file)
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return call[sizeFunc](f.methods().FxFileSize)(tls, file, size)
}
