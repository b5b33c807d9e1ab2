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
	"os"
)

// Lines reads a log in order, piece by piece, for who keeps a copy of it
// elsewhere. Pieces one after another are the file. By one goroutine.
type Lines struct {
	log    *Log
	next   uint64
	hash   string // of the line before
	offset int64
}

// Piece is whole lines of a log. The zero value has none.
type Piece struct {
	First uint64 // number of its first line
	Last  uint64
	Raw   []byte // with the ends of lines

	hash string // of its last line
}

// Lines begins behind the line that after marks; nil is before line 0. The error
// is ErrLog where the log has no such line.
func (l *Log) Lines(after *Mark) (*Lines, error) {
	r := &Lines{log: l, hash: hex.EncodeToString(make([]byte, sha256.Size))}
	if after == nil {
		return r, nil
	}
	for r.next <= after.N {
		p, err := r.read(1<<20, after.N)
		if err != nil {
			return nil, err
		}
		if len(p.Raw) == 0 {
			return nil, fmt.Errorf("%w ends before line %d, which a copy has", ErrLog, after.N)
		}
		r.Pass(p)
	}
	if r.hash != after.Hash {
		return nil, fmt.Errorf("%w has another line %d than a copy", ErrLog, after.N)
	}
	return r, nil
}

// Next gives lines that are on the disk, of about most bytes and at least one
// where there is one. Until Pass they are given again.
func (r *Lines) Next(most int) (Piece, error) { return r.read(most, r.log.Mark().N) }

// Pass goes behind a piece.
func (r *Lines) Pass(p Piece) {
	if len(p.Raw) > 0 {
		r.next, r.hash, r.offset = p.Last+1, p.hash, r.offset+int64(len(p.Raw))
	}
}

// read takes lines up to the number until: what follows may be taken back.
func (r *Lines) read(most int, until uint64) (p Piece, err error) {
	if r.next > until {
		return p, nil
	}
	f, err := os.Open(r.log.path)
	if err != nil {
		return p, fmt.Errorf("read the log of erasures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(r.offset, io.SeekStart); err != nil {
		return p, fmt.Errorf("read the log of erasures: %w", err)
	}
	in := bufio.NewReader(f)
	p.First, p.hash = r.next, r.hash
	for n := r.next; n <= until && len(p.Raw) < most; n++ {
		raw, err := in.ReadBytes('\n')
		if err != nil {
			return Piece{}, fmt.Errorf("%w was cut: line %d is gone: %w", ErrLog, n, err)
		}
		if _, err := parseLine(raw, n, p.hash); err != nil {
			return Piece{}, err
		}
		p.Raw, p.Last, p.hash = append(p.Raw, raw...), n, hashLine(raw[:len(raw)-1])
	}
	return p, nil
}

func parseLine(raw []byte, n uint64, prev string) (line Erased, err error) {
	if len(raw) > maxLine || json.Unmarshal(raw, &line) != nil || line.N != n || line.Prev != prev || (n == 0) != (line.Store != "") {
		return line, fmt.Errorf("%w is not whole: line %d does not follow the one before", ErrLog, n+1)
	}
	return line, nil
}

// EndOf is the last line of a piece that a copy holds.
func EndOf(piece io.Reader) (Mark, error) {
	raw, err := io.ReadAll(io.LimitReader(piece, 2*maxLine))
	if err != nil {
		return Mark{}, fmt.Errorf("read a copy of the log of erasures: %w", err)
	}
	raw, whole := bytes.CutSuffix(raw, []byte("\n"))
	last := raw[bytes.LastIndexByte(raw, '\n')+1:]
	var line Erased
	if !whole || json.Unmarshal(last, &line) != nil {
		return Mark{}, fmt.Errorf("a copy of %w does not end with a line", ErrLog)
	}
	return Mark{N: line.N, Hash: hashLine(last)}, nil
}
