package edge

import (
	"errors"
	"io"
	"net/http"
	"slices"
)

// Errors of ReadBody that a caller branches on.
var (
	ErrTooLarge = errors.New("body is larger than allowed")
	ErrBody     = errors.New("body was cut short or badly framed")
)

// firstBuffer bounds what is set aside for a body before any of it arrived.
const firstBuffer = 64 << 10

// ReadBody reads at most limit bytes. Nothing that was read before an error is
// returned: a truncated or badly framed body is no body. Neither is one with
// trailers behind it, announced or not.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, ErrTooLarge
	}
	size := r.ContentLength
	if size < 0 {
		size = 512
	}
	buf := make([]byte, 0, min(size, firstBuffer)+1)
	for {
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return nil, ErrTooLarge
		case err == io.EOF && len(r.Trailer) == 0:
			return buf, nil
		case err != nil:
			return nil, ErrBody
		case len(buf) == cap(buf):
			buf = slices.Grow(buf, len(buf)+1)
		}
	}
}
