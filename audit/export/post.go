package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// HTTP says how a receiver is reached over HTTPS.
type HTTP struct {
	URL    string // https://HOST[:PORT], without path
	Client *http.Client
	Secret func() string // the credential as it is now
}

// answer is what a receiver said: the first bytes of it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// post sends a body.
func (h HTTP) post(ctx context.Context, path string, header http.Header, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, &Fault{class: refused, what: "the export's address is none; write https://HOST:PORT"}
	}
	req.Header = header
	resp, err := h.Client.Do(req)
	if err != nil {
		return answer{}, away(err)
	}
	defer resp.Body.Close() //nolint:errcheck // what counts was read
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, away(err)
	}
	return answer{resp.StatusCode, resp.Header, said}, nil
}

// zip compresses with gzip.
func zip(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return out.Bytes(), nil
}
