package keyring

import (
	"encoding/binary"
	"errors"
	"io"
)

// StreamChunk is how much plain text one chunk of a stream holds; the last may
// hold less.
const StreamChunk = 64 << 10

// SealedStream is the length of what a stream of plain bytes becomes.
func SealedStream(plain int64) int64 {
	chunks := plain/StreamChunk + 1
	if plain > 0 && plain%StreamChunk == 0 {
		chunks--
	}
	return 1 + plain + chunks*sealOverhead
}

var errStreamClosed = errors.New("seal stream: it is closed")

// SealStream seals what is written to it and writes that to dst, in chunks, so
// that memory does not grow with length. Each chunk is bound to aad, to its place and to
// being the last: chunks cannot be left out, moved or cut off unnoticed. The
// stream is whole after Close; dst stays open.
func (s *Sealer) SealStream(aad []byte, dst io.Writer) io.WriteCloser {
	return &sealStream{sealer: s, aad: aad, dst: dst, plain: make([]byte, 0, StreamChunk)}
}

type sealStream struct {
	sealer *Sealer
	aad    []byte
	dst    io.Writer
	plain  []byte
	sealed []byte
	place  uint64
	err    error
}

// streamBound is the authenticated data of a chunk.
func streamBound(aad []byte, place uint64, last bool) []byte {
	end := []byte{0}
	if last {
		end[0] = 1
	}
	return frame([]byte{formatStream}, aad, binary.BigEndian.AppendUint64(nil, place), end)
}

func (w *sealStream) Write(p []byte) (int, error) {
	written := 0
	for w.err == nil && len(p) > 0 {
		if len(w.plain) == StreamChunk { // more follows: it is not the last
			w.flush(false)
			continue
		}
		n := min(len(p), StreamChunk-len(w.plain))
		w.plain, p = append(w.plain, p[:n]...), p[n:]
		written += n
	}
	return written, w.err
}

func (w *sealStream) flush(last bool) {
	if w.sealer == nil || w.sealer.aead == nil {
		w.err = noKey(KEK, "data key")
		return
	}
	w.sealed = w.sealed[:0]
	if w.place == 0 {
		w.sealed = append(w.sealed, formatStream)
	}
	w.sealed = w.sealer.aead.Seal(w.sealed, nil, w.plain, streamBound(w.aad, w.place, last))
	w.place++
	w.plain = w.plain[:0]
	_, w.err = w.dst.Write(w.sealed)
}

// Close writes the last chunk. A stream that was not closed does not open.
func (w *sealStream) Close() error {
	if w.err != nil {
		return w.err
	}
	w.flush(true)
	wipe(w.plain[:cap(w.plain)])
	if w.err != nil {
		return w.err
	}
	w.err = errStreamClosed
	return nil
}

// UnsealStream reads what SealStream wrote with the same aad. It gives nothing
// of a chunk that does not open, and ends with io.EOF only behind the last: what
// was cut off, altered or goes on behind the end is [ErrOpen].
func (s *Sealer) UnsealStream(aad []byte, src io.Reader) io.Reader {
	return &unsealStream{sealer: s, aad: aad, src: src}
}

type unsealStream struct {
	sealer *Sealer
	aad    []byte
	src    io.Reader
	next   []byte // a sealed chunk; what follows it says whether it is the last
	ahead  []byte
	buf    []byte
	plain  []byte
	place  uint64
	begun  bool
	err    error
}

func (r *unsealStream) Read(p []byte) (int, error) {
	for len(r.plain) == 0 && r.err == nil {
		r.err = r.chunk()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

const sealedChunk = StreamChunk + sealOverhead

func (r *unsealStream) chunk() error {
	if r.sealer == nil || r.sealer.aead == nil {
		return noKey(KEK, "data key")
	}
	if !r.begun {
		if err := r.begin(); err != nil {
			return err
		}
	}
	if r.next == nil {
		return io.EOF
	}
	current := r.next
	following, err := r.fill(r.ahead)
	if err != nil {
		return err
	}
	plain, err := r.sealer.aead.Open(r.buf[:0], nil, current, streamBound(r.aad, r.place, following == nil))
	if err != nil {
		return ErrOpen
	}
	r.place++
	r.buf, r.plain = plain, plain
	r.next, r.ahead = following, current[:cap(current)]
	return nil
}

func (r *unsealStream) begin() error {
	r.begun = true
	var format [1]byte
	if _, err := io.ReadFull(r.src, format[:]); err != nil {
		return streamError(err)
	}
	if format[0] != formatStream {
		return ErrOpen
	}
	r.ahead = make([]byte, sealedChunk)
	first, err := r.fill(make([]byte, sealedChunk))
	if err == nil && first == nil {
		return ErrOpen
	}
	r.next = first
	return err
}

// fill reads up to a whole sealed chunk; nil at the end.
func (r *unsealStream) fill(into []byte) ([]byte, error) {
	n, err := io.ReadFull(r.src, into[:sealedChunk])
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case n < sealOverhead:
		return nil, ErrOpen
	}
	return into[:n], nil
}

// streamError says of a source that ended early that nothing opens.
func streamError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrOpen
	}
	return err
}
