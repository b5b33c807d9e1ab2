package admin

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"
)

// pieceLines is how many facts one request of an import takes: a second or two
// of work, so that no deadline is near and progress can be told.
const pieceLines = 2000

// Piece is a part of an import file that can be imported by itself.
type Piece struct {
	Data string // a CSV piece begins with the file's header
	// Skipped lines of the file stand before the piece, a repeated header not
	// counted: what to add to the lines its answer names.
	Skipped int
}

// Pieces cuts an import file between its facts, never within one. A file whose
// header can not be read comes whole: the answer then says what is wrong.
func Pieces(format string, data []byte) iter.Seq[Piece] {
	if format == "csv" {
		return csvPieces(data)
	}
	return func(yield func(Piece) bool) {
		for from, skipped := 0, 0; from < len(data); {
			to := from + linesEnd(data[from:], pieceLines)
			if !yield(Piece{Data: string(data[from:to]), Skipped: skipped}) {
				return
			}
			skipped += pieceLines
			from = to
		}
	}
}

// linesEnd is where the n-th line ends.
func linesEnd(data []byte, n int) int {
	end := 0
	for range n {
		i := bytes.IndexByte(data[end:], '\n')
		if i < 0 {
			return len(data)
		}
		end += i + 1
	}
	return end
}

// csvPieces cuts where the reader that the import itself uses sees the end of
// a fact, since a quoted value may hold line ends.
func csvPieces(data []byte) iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		text := bytes.TrimPrefix(data, []byte("\ufeff"))
		r := csv.NewReader(bytes.NewReader(text))
		r.FieldsPerRecord, r.ReuseRecord = -1, true
		if _, err := r.Read(); err != nil {
			yield(Piece{Data: string(data)})
			return
		}
		header, from := string(text[:r.InputOffset()]), r.InputOffset()
		if !strings.HasSuffix(header, "\n") {
			header += "\n"
		}
		headerLines := strings.Count(header, "\n")
		line, ended := headerLines, false
		for first := true; !ended; first = false {
			for range pieceLines {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					ended = true
					break
				}
			}
			to := r.InputOffset()
			if to == from && !first {
				return
			}
			if !yield(Piece{Data: header + string(text[from:to]), Skipped: line - headerLines}) {
				return
			}
			line += bytes.Count(text[from:to], []byte("\n"))
			from = to
		}
	}
}

// Add takes up the answer to one piece.
func (i *Imported) Add(piece Piece, answer Imported) {
	i.Read += answer.Read
	i.Stored += answer.Stored
	for _, p := range answer.Problems {
		p.Line += piece.Skipped
		i.Problems = append(i.Problems, p)
	}
}
