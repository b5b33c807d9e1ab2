package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// wipePiece is overwritten, or cut off, at a time: the writer waits for one.
const wipePiece = 512 << 10

// wipe overwrites with zeros what lies in the log's file behind its end, and
// cuts off what is more than a log is to have. To cut all of it off at once held
// up every send: for 100 MB, a third of a second, and behind that each commit had
// to make the file longer again.
//
// It goes from the file's end to the log's, piece by piece in the writer, and
// where others are recorded brings each to the disk before the next: the next
// commit would wait for all of them. Who reads the log stops at its end
// (https://sqlite.org/walformat.html, 4.1), in this file and after a crash.
func (j *Journal) wipe(ctx context.Context) error {
	f, err := os.OpenFile(j.path+logSuffix, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("overwrite the log: %w", err)
	}
	w := wiping{j: j, f: f, zeros: make([]byte, wipePiece), old: make([]byte, wipePiece), commits: j.commits.Load()}
	politely := j.politely()
	for at := fileSize(j.path + logSuffix); at > 0 && err == nil; {
		err = politely(func() (err error) {
			at, err = w.piece(ctx, at)
			return err
		})
	}
	if err == nil {
		err = unix.Fdatasync(int(f.Fd()))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("overwrite the log: %w", err)
	}
	return nil
}

// wiping is a pass over the log's file.
type wiping struct {
	j          *Journal
	f          *os.File
	zeros, old []byte
	commits    int64 // when the last piece was brought to the disk
}

// piece overwrites what ends at a place and returns where that begins; 0 once
// the log's own end is reached.
func (w *wiping) piece(ctx context.Context, end int64) (from int64, err error) {
	from = (end - 1) / wipePiece * wipePiece
	if clean, err := w.clean(from, end); clean || err != nil {
		return from, err
	}
	err = w.j.alone(ctx, func() error {
		frames, _, err := w.j.w.checkpoint("NOOP")
		if err != nil || frames < 0 {
			return errors.Join(err, errHeld)
		}
		live := logHeader + frames*frameSize
		if live >= end {
			from = 0
			return nil
		}
		return w.overwrite(max(from, live), end)
	})
	if commits := w.j.commits.Load(); err == nil && commits != w.commits {
		w.commits = commits
		err = unix.Fdatasync(int(w.f.Fd()))
	}
	return from, err
}

// clean reports whether there is nothing to do: nothing but zeros, of which a log
// may keep some. What somebody writes there meanwhile is not of before.
func (w *wiping) clean(from, end int64) (bool, error) {
	if from >= maxLog {
		return false, nil
	}
	n, err := w.f.ReadAt(w.old[:end-from], from)
	if errors.Is(err, io.EOF) {
		err = nil // it was cut off
	}
	return bytes.Equal(w.old[:n], w.zeros[:n]), err
}

func (w *wiping) overwrite(from, end int64) error {
	if from >= maxLog {
		return w.f.Truncate(from)
	}
	_, err := w.f.WriteAt(w.zeros[:end-from], from)
	return err
}
