package journal

import (
	"errors"
	"fmt"
)

// Errors of Open; each says what to do in its text.
var (
	// ErrInUse: another process holds the journal.
	ErrInUse = errors.New("journal is in use by another process")
	// ErrForeign: the file is not a journal of this program, or of another chain.
	ErrForeign = errors.New("file is not this journal")
	// ErrNewer: a newer version of this program wrote the file.
	ErrNewer = errors.New("journal was written by a newer version")
	// ErrDamaged: the file cannot be read as it was written.
	ErrDamaged = errors.New("journal is damaged")
	// ErrMissing: a journal was here and is gone.
	ErrMissing = errors.New("journal is missing")
	// ErrNetwork: the folder is on a network file system.
	ErrNetwork = errors.New("journal is on a network file system")
)

// Errors of Append beside those of batch.go.
var (
	// ErrUnresolved (an ErrDown): the store failed while it committed, and
	// whether the batch is stored shows only when it works again. Recovery
	// settles it and, if it is stored, runs Batch.Committed. Whoever hears
	// this must not act on the batch.
	ErrUnresolved = fmt.Errorf("%w: outcome not known yet", ErrDown)
	// ErrNoSpace (an ErrDown): the limit of the file or of the free disk
	// space is reached. Lazy batches are still taken.
	ErrNoSpace = fmt.Errorf("%w: no space left for records: free disk space or raise the journal's limit", ErrDown)
	// ErrInvalid: the batch holds something that cannot be stored.
	ErrInvalid = errors.New("batch cannot be stored")
	// ErrNotFound: there is no such row.
	ErrNotFound = errors.New("not found")
)

// damaged marks what SQLite found broken.
func damaged(err error) error {
	if isDamage(err) {
		return fmt.Errorf("%w: restore the newest backup, or keep the file for examination and start with an empty folder: %w", ErrDamaged, err)
	}
	return err
}
