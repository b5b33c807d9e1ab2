package outbound

import (
	"context"
	"errors"
	"net/http"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/media"
	"postern/proxy/upstream"
)

// announce answers POST /{app}/uploads: an app says what it will upload for a
// template or profile. The app in the path is the caller's own view; the file goes
// to the app that the tenant's token belongs to. Nothing is kept or sent yet.
func (h *Handler) announce(ctx context.Context, c *call) int {
	kind, length, p := dialect.DecodeSession(c.r.Header.Get("Content-Type"), c.r.URL.Query(), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	id, err := h.cfg.Media.Announce(c.who.App, kind, length)
	switch {
	case errors.Is(err, media.ErrTooLarge):
		return h.refuse(ctx, c, h.takeProblem(err))
	case err != nil:
		h.cfg.Log.Error().Err(err).Msg("upload not announced")
		return c.problem(&dialect.Problem{Kind: dialect.Internal, Details: "The upload could not be begun; try again."})
	}
	return c.json(dialect.EncodeSession(id))
}

// session takes the file of an announced upload, whole, and answers with the
// handle that upstream gives for it; or says that nothing of it is here.
func (h *Handler) session(ctx context.Context, c *call) int {
	s, err := h.cfg.Media.Session(c.route.ID, c.who.App)
	switch offset := c.r.Header.Get("file_offset"); {
	case errors.Is(err, media.ErrUnknown):
		return h.refuse(ctx, c, unknownMedia(c.who.Dialect))
	case err != nil:
		return c.problem(h.takeProblem(errors.Join(media.ErrStore, err)))
	case c.r.Method == http.MethodGet:
		return c.json(dialect.EncodeOffset(c.route.ID))
	case offset != "" && offset != "0":
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Malformed, Param: "file_offset", Details: "Nothing of this file is here: a file is taken whole. Send it from file_offset 0."})
	case c.r.ContentLength >= 0 && c.r.ContentLength != s.Length:
		return h.refuse(ctx, c, announcedAnother())
	}
	if err := edge.Extend(c.w, transferTime); err != nil {
		h.cfg.Log.Warn().Err(err).Msg("an upload has no more time than other requests")
	}
	d, err := h.cfg.Media.Take(ctx, c.r.Body, media.Claim{
		Tenant: c.who.Tenant, Number: c.number(), App: c.who.App, Mime: s.Mime, Length: s.Length,
	})
	if errors.Is(err, media.ErrTooLarge) { // it was within the limits when it was announced
		return h.refuse(ctx, c, announcedAnother())
	}
	if err != nil {
		return h.refuse(ctx, c, h.takeProblem(err))
	}
	status := h.hand(ctx, c, d, dialect.CallUpload, h.giveHandle)
	h.discard(ctx, d)
	return status
}

func announcedAnother() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Malformed, Param: "file_length", Details: "The body has another length than the file_length that was announced."}
}

// giveHandle gives an admitted file to upstream for templates and profiles, and
// answers with its handle. Nothing of it stays here.
func (h *Handler) giveHandle(ctx context.Context, c *call, adm *proxy.CallAdmission, d *media.Draft) int {
	var a upstream.Answer
	handle := ""
	if adm.Take() {
		handle, a = h.handleOf(ctx, c, d)
	}
	h.settled(ctx, adm, callOutcome(a))
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeHandle(handle))
}

func (h *Handler) handleOf(ctx context.Context, c *call, d *media.Draft) (string, upstream.Answer) {
	f, err := d.Open(ctx)
	if err != nil {
		return "", upstream.Answer{Err: err}
	}
	defer f.Close() //nolint:errcheck // it was only read
	return h.resumable(ctx, c, upstream.File{Mime: d.Row.Mime, Length: d.Row.Bytes, Content: f})
}

// resumable has upstream make a handle for a file. Without one the answer is no
// success.
func (h *Handler) resumable(ctx context.Context, c *call, f upstream.File) (handle string, a upstream.Answer) {
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return "", upstream.Answer{Err: err}
	}
	handle, a = h.cfg.Upstream.Resumable(ctx, token, f)
	if handle != "" || refusedBy(a) != nil {
		return handle, a
	}
	return "", upstream.Answer{Err: errors.Join(errNoHandle, a.Err)}
}

var errNoHandle = errors.New("upload for a handle: upstream gave none")
