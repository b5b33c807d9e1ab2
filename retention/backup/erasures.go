package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"postern/audit"
	"postern/audit/journal"
)

// Erased is one line of the log of erasures: what was erased, by places and
// random ids. It names nobody.
type Erased struct {
	N    uint64 `json:"n"`    // from 1; the line before the first has 0 and the store's name
	Prev string `json:"prev"` // SHA-256 of the line before, hex
	Time int64  `json:"time"` // microseconds

	Store    string            `json:"store,omitempty"` // of line 0 alone
	Record   audit.ID          `json:"record,omitzero"`
	Chain    string            `json:"chain,omitempty"`
	Seq      uint64            `json:"seq,omitempty"` // of the erasure's record
	Reason   string            `json:"reason,omitempty"`
	Parts    []string          `json:"parts,omitempty"`
	Ranges   []audit.SeqRange  `json:"ranges,omitempty"`
	Keys     []Destroyed       `json:"keys,omitempty"`
	Subjects []audit.SubjectID `json:"subjects,omitempty"`

	// Of a line that erases nothing and takes back: what of line Of a crash left, as
	// Ranges, Keys and Subjects. A hold may keep it since; where nothing does, a
	// later line has it again.
	Of uint64 `json:"of,omitempty"`

	// Of a line that erases nothing: Chain goes on, after a restoration, behind
	// the first Size records of chain From.
	From string `json:"from,omitempty"`
	Size uint64 `json:"size,omitempty"`
}

// Destroyed names a data key that is gone.
type Destroyed struct {
	Subject audit.SubjectID `json:"subject"`
	Class   string          `json:"class"`
	Month   string          `json:"month"`
}

// Mark is how far a log is: its last line and that line's hash.
type Mark struct {
	N    uint64 `json:"n"`
	Hash string `json:"hash"`
}

// Checkpoint is the mark as a checkpoint says it.
func (m Mark) Checkpoint() audit.ErasureMark {
	out := audit.ErasureMark{N: m.N}
	if raw, err := hex.DecodeString(m.Hash); err == nil && len(raw) == len(out.Hash) && m.N > 0 {
		copy(out.Hash[:], raw)
	}
	return out
}

// ErrLog: the log of erasures is not there, or is not whole.
var ErrLog = errors.New("the log of erasures")

// logPath is where the log of a store lies in the folder of checkpoints, which
// several may share.
func logPath(dir, store string) string { return filepath.Join(dir, "erasures", store+".jsonl") }

// Log is the log of erasures outside the store, which a restoration carries out
// again. Each line names the hash of the one before. Safe for concurrent use.
type Log struct {
	path string

	mu    sync.Mutex // guards mark and began
	mark  Mark
	began map[string]bool // chains that the log says the beginning of
}

// OpenLog opens the log in the folder of checkpoints, and begins it where there
// is none. A line that a crash left unfinished is taken away: nobody was told
// that it is there.
func OpenLog(dir, store string, at int64) (*Log, error) {
	if dir == "" || store == "" {
		return nil, errors.New("open the log of erasures: it needs a folder of checkpoints and a store")
	}
	l := &Log{path: logPath(dir, store), began: map[string]bool{}}
	err := readLog(l.path, func(e Erased, m Mark) error { l.note(e, m); return nil })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of the log of erasures: %w", err)
		}
		return l, l.write(Erased{Store: store, Time: at, Prev: hex.EncodeToString(make([]byte, sha256.Size))})
	case err != nil:
		return nil, fmt.Errorf("%w; restore the file, or move it away and make a backup anew", err)
	}
	return l, l.mend()
}

// mend cuts off an unfinished line.
func (l *Log) mend() error {
	raw, err := os.ReadFile(l.path)
	if err != nil {
		return fmt.Errorf("open the log of erasures: %w", err)
	}
	whole := bytes.LastIndexByte(raw, '\n') + 1
	if whole == len(raw) {
		return nil
	}
	if err := os.Truncate(l.path, int64(whole)); err != nil {
		return fmt.Errorf("mend the log of erasures: %w", err)
	}
	return nil
}

// Mark is the end of the log.
func (l *Log) Mark() Mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mark
}

// Append notes an erasure that is on record, and returns when that is on the
// disk. It is journal.Config.Erased.
func (l *Log) Append(r audit.Record, e journal.Erase) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := Erased{
		N: l.mark.N + 1, Prev: l.mark.Hash, Time: r.Time, Record: r.ID, Chain: r.Chain, Seq: r.Seq, Reason: e.Reason, Parts: e.Parts, Subjects: e.Subjects,
	}
	if len(e.Seqs) > 0 {
		line.Ranges = audit.NewErasure(e.Reason, e.Parts, e.Seqs).Ranges
	}
	for _, k := range e.Keys {
		line.Keys = append(line.Keys, Destroyed{Subject: k.Subject, Class: k.Class, Month: k.Month})
	}
	return l.write(line)
}

// write needs the lock, or nobody else.
func (l *Log) write(line Erased) error {
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode a line of the log of erasures: %w", err)
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of erasures: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(append(raw, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil && info != nil { // half a line would swallow the next
		err = errors.Join(err, f.Truncate(info.Size()))
	}
	if err = errors.Join(err, f.Close()); err == nil && line.N == 0 {
		err = syncFolder(filepath.Dir(l.path))
	}
	if err != nil {
		return fmt.Errorf("write the log of erasures: %w", err)
	}
	l.note(line, Mark{N: line.N, Hash: hashLine(raw)})
	return nil
}

func (l *Log) note(line Erased, m Mark) {
	if l.mark = m; line.From != "" {
		l.began[line.Chain] = true
	}
}

func hashLine(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func syncFolder(path string) error {
	d, err := os.Open(path) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// maxLine bounds a line: an erasure names at most a few thousand keys.
const maxLine = 64 << 20

// readLog gives every line in order, held against the one before.
func readLog(path string, fn func(Erased, Mark) error) (err error) {
	f, err := os.Open(path) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := bufio.NewReaderSize(f, 1<<16)
	last := Mark{Hash: hex.EncodeToString(make([]byte, sha256.Size))}
	for n := uint64(0); ; n++ {
		raw, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what follows the last line's end was never acknowledged
			if n == 0 {
				return fmt.Errorf("%w holds no line", ErrLog)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log of erasures: %w", err)
		}
		raw = raw[:len(raw)-1]
		line, err := parseLine(raw, n, last.Hash)
		if err != nil {
			return err
		}
		last = Mark{N: n, Hash: hashLine(raw)}
		if err := fn(line, last); err != nil {
			return err
		}
	}
}

// since reads the lines behind a mark, which has to be among them, of this store,
// without what was taken back of them, and all that say where a chain began.
// until is the least that the log has to hold.
func since(dir, store string, from, until Mark) (out []Erased, err error) {
	met := map[uint64]string{}
	err = readLog(logPath(dir, store), func(e Erased, m Mark) error {
		if e.N == 0 && e.Store != store {
			return fmt.Errorf("%w is of another store", ErrLog)
		}
		if m.N == from.N || m.N == until.N {
			met[m.N] = m.Hash
		}
		switch {
		case e.Of != 0:
			takeBack(out, e)
		case m.N > from.N || e.From != "":
			out = append(out, e)
		}
		return nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w is not in %s", ErrLog, dir)
	case err != nil:
		return nil, err
	case met[from.N] != from.Hash:
		return nil, fmt.Errorf("%w does not hold what it held at the backup", ErrLog)
	case until != Mark{} && met[until.N] != until.Hash:
		return nil, fmt.Errorf("%w was cut: the newest checkpoint outside knows of %d erasures", ErrLog, until.N)
	}
	return out, nil
}
