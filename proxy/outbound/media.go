package outbound

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strconv"

	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/media"
	"postern/proxy/upstream"
)

// mediaByID serves a file by its id: its node in the Cloud dialects, its bytes
// in the old ones; and its end.
func (h *Handler) mediaByID(ctx context.Context, c *call) int {
	row, p := h.file(ctx, c)
	switch {
	case p != nil:
		return h.refuse(ctx, c, p)
	case c.r.Method == http.MethodDelete:
		return h.deleteMedia(ctx, c, row)
	case c.who.Dialect.Flat():
		return h.bytes(ctx, c, row)
	}
	node, p := h.mediaNode(ctx, c, row)
	if p != nil {
		return c.problem(p)
	}
	link, err := h.cfg.Media.Link(row, h.cfg.Now().Add(media.LinkLife))
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.Internal, Details: "The link to the file could not be made."})
	}
	node.URL = link
	return c.json(dialect.EncodeMediaNode(node))
}

// mediaByLink serves a file's bytes by the link of its node.
func (h *Handler) mediaByLink(ctx context.Context, c *call) int {
	row, err := h.cfg.Media.ByLink(ctx, c.r.URL.Query())
	if p := h.fileProblem(c, row, err); p != nil {
		return h.refuse(ctx, c, p)
	}
	return h.bytes(ctx, c, row)
}

// file finds the file that the path names, if it is the app's.
func (h *Handler) file(ctx context.Context, c *call) (journal.Media, *dialect.Problem) {
	row, err := h.cfg.Media.Find(ctx, c.who.Dialect, c.route.ID)
	return row, h.fileProblem(c, row, err)
}

// unknownMedia is a Graph object that is not there: HTTP 400, where the old API
// said 404.
func unknownMedia(d dialect.Dialect) *dialect.Problem {
	kind := dialect.Unsupported
	if d.Flat() {
		kind = dialect.NotFound
	}
	return &dialect.Problem{Kind: kind, Details: "There is no such file, or it is over, or this credential may not use it."}
}

func (h *Handler) fileProblem(c *call, row journal.Media, err error) *dialect.Problem {
	switch {
	case errors.Is(err, media.ErrUnknown), err == nil && (row.Tenant != c.who.Tenant || !c.who.Owns(row.Number)):
		return unknownMedia(c.who.Dialect)
	case err != nil:
		h.cfg.Log.Error().Err(err).Msg("media not looked up")
		return &dialect.Problem{Kind: dialect.RecordingDown, Details: "Files can not be looked up now; try again."}
	case h.cfg.Facts.Restricted(row.Tenant, facts.Subject(row.Subject)):
		return proxy.RestrictedFile()
	}
	return nil
}

// mediaNode asks upstream for a file's node.
func (h *Handler) mediaNode(ctx context.Context, c *call, row journal.Media) (dialect.MediaNode, *dialect.Problem) {
	id, err := h.cfg.Media.Upstream(ctx, row)
	if err != nil {
		return dialect.MediaNode{}, unknownMedia(c.who.Dialect)
	}
	a := h.askUncounted(ctx, c, http.MethodGet, "/"+id+"?phone_number_id="+row.Number, nil)
	if p := upstreamProblem(c, a); p != nil {
		return dialect.MediaNode{}, p
	}
	node, err := dialect.DecodeMediaNode(a.Body)
	if err != nil {
		return node, &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."}
	}
	return node, nil
}

// bytes streams a file: from the store where it is kept, else from upstream.
func (h *Handler) bytes(ctx context.Context, c *call, row journal.Media) int {
	if err := edge.Extend(c.w, transferTime); err != nil {
		h.cfg.Log.Warn().Err(err).Msg("a download has no more time than other requests")
	}
	f, err := h.cfg.Media.Content(ctx, row)
	if err == nil {
		defer f.Close() //nolint:errcheck // it was only read
		return h.stream(c, f, row.Mime, row.Bytes, nil)
	}
	if !errors.Is(err, media.ErrUnknown) {
		h.cfg.Log.Error().Err(err).Msg("media can not be read from the store")
	}
	node, p := h.mediaNode(ctx, c, row)
	if p != nil {
		return c.problem(p)
	}
	d, p := h.download(ctx, c, row.Number, node)
	if p != nil {
		return c.problem(p)
	}
	defer d.Body.Close() //nolint:errcheck // it was only read
	return h.stream(c, d.Body, node.Mime, d.Length, node.Sum())
}

func (h *Handler) download(ctx context.Context, c *call, number string, node dialect.MediaNode) (upstream.Download, *dialect.Problem) {
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return upstream.Download{}, upstreamProblem(c, upstream.Answer{Err: err})
	}
	d, err := h.cfg.Upstream.Download(ctx, token.On(number), node.URL)
	switch {
	case err != nil:
		h.cfg.Log.Error().Err(err).Msg("media not fetched")
		return d, upstreamProblem(c, upstream.Answer{Err: err})
	case d.Body == nil:
		if p := upstreamProblem(c, d.Answer); p != nil {
			return d, p
		}
		return d, &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp did not give the file."}
	}
	return d, nil
}

// stream writes a file as the answer. One that ends early, or is not what its
// hash says, breaks the connection off: the app must not take it for whole.
func (h *Handler) stream(c *call, f io.Reader, kind string, length int64, want []byte) int {
	head := c.w.Header()
	head.Set("Content-Type", kind)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "private, no-store")
	if length >= 0 {
		head.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	c.w.WriteHeader(http.StatusOK)
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(c.w, sum), f)
	if err != nil || length >= 0 && n != length || want != nil && !bytes.Equal(sum.Sum(nil), want) {
		h.cfg.Log.Warn().Err(err).Int64("bytes", n).Msg("a file was broken off")
		panic(http.ErrAbortHandler)
	}
	return http.StatusOK
}

// deleteMedia ends a file at upstream and here.
func (h *Handler) deleteMedia(ctx context.Context, c *call, row journal.Media) int {
	var a upstream.Answer
	req := proxy.CallRequest{Number: row.Number, Call: dialect.CallUpload, Name: dialect.CallUpload + "/delete"}
	p := h.decide(ctx, c, req, func(ctx context.Context, _ *proxy.CallAdmission) proxy.CallOutcome {
		id, err := h.cfg.Media.Upstream(ctx, row)
		if a.Err = err; err == nil {
			a = h.askUncounted(ctx, c, http.MethodDelete, "/"+id+"?phone_number_id="+row.Number, nil)
		}
		out := callOutcome(a)
		if out.Result == proxy.Accepted {
			out.Rows.ChangedMedia = []journal.Media{h.cfg.Media.End(row)}
		}
		return out
	})
	if p != nil {
		return c.problem(p)
	}
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}
