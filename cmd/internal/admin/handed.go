package admin

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"

	"github.com/go-json-experiment/json"
)

// handing writes the body that follows an answer.
type handing func(context.Context, io.Writer) error

// headAnswer has the answer, JSON in base64, where a body follows it.
const headAnswer = "Postern-Answer"

// handed makes an operation whose answer a body follows.
func handed[In, Out any](role Role, begin func(*Service, context.Context, Actor, In) (Out, handing, error)) operation {
	return operation{role: role, hand: func(ctx context.Context, s *Service, a Actor, raw []byte) (any, handing, error) {
		in, err := decode[In](raw)
		if err != nil {
			return nil, nil, err
		}
		return begin(s, ctx, a, in)
	}}
}

// Hand performs an operation whose answer a body follows. begin hears the answer
// and says where the body goes. After an error what was written is not whole.
func (s *Service) Hand(ctx context.Context, key, name string, in []byte, begin func(answer []byte) (io.Writer, error)) error {
	o, actor, err := s.admit(ctx, key, name)
	if err != nil {
		return err
	}
	return s.handOver(ctx, o, actor, in, begin)
}

func (s *Service) handOver(ctx context.Context, o operation, actor Actor, in []byte, begin func(answer []byte) (io.Writer, error)) error {
	if o.hand == nil {
		return refuse(Invalid, "no file follows this answer; use the command line of the same version")
	}
	out, hand, err := o.hand(ctx, s, actor, bytes.TrimSpace(in))
	if err != nil {
		return classify(err)
	}
	answer, err := json.Marshal(out, json.Deterministic(true))
	if err != nil {
		return classify(err)
	}
	w, err := begin(answer)
	if err != nil {
		w = brokenPipe{err} // so that it is on record that nothing was handed out
	}
	if err := hand(ctx, w); err != nil {
		return classify(err)
	}
	return nil
}

// brokenPipe is nowhere to write to.
type brokenPipe struct{ err error }

// Write implements io.Writer.
func (b brokenPipe) Write([]byte) (int, error) { return 0, b.err }

// serveHanded streams the body behind the answer. One that ends early breaks the
// connection off: the caller must not take it for whole.
func (s *Service) serveHanded(w http.ResponseWriter, r *http.Request, o operation, actor Actor, in []byte) error {
	began := false
	err := s.handOver(r.Context(), o, actor, in, func(answer []byte) (io.Writer, error) {
		began = true
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set(headAnswer, base64.StdEncoding.EncodeToString(answer))
		w.WriteHeader(http.StatusOK)
		return w, nil
	})
	if err != nil && began {
		panic(http.ErrAbortHandler)
	}
	return err
}

// Hand is that of a Service.
func (c *Client) Hand(ctx context.Context, key, name string, in []byte, begin func(answer []byte) (io.Writer, error)) error {
	patient := *c.HTTP
	patient.Timeout = 0 // the body may take hours
	resp, err := c.ask(ctx, &patient, key, name, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	answer, err := base64.StdEncoding.DecodeString(resp.Header.Get(headAnswer))
	if err != nil || len(answer) == 0 {
		return refuse(Unavailable, "no file follows the gateway's answer; use the command line of the same version")
	}
	w, err := begin(answer)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return refuse(Unavailable, "the file broke off, or could not be written: it is not whole; the gateway's log and disk may say why")
	}
	return nil
}
