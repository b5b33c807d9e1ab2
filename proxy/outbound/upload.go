package outbound

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"strconv"
	"time"

	"postern/audit"
	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/media"
	"postern/proxy/upstream"
)

// transferTime is how long a file may be on its way between app and gateway.
const transferTime = 10 * time.Minute

// maxField bounds a form field beside a file.
const maxField = 1 << 10

// upload takes a file: sealed into the folder first, then decided and on record,
// stored where policy keeps it, then handed on.
func (h *Handler) upload(ctx context.Context, c *call) int {
	if c.who.Dialect == dialect.Cloud && !c.who.Owns(c.route.ID) {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Forbidden, Details: "This token may not use this phone number."})
	}
	if err := edge.Extend(c.w, transferTime); err != nil {
		h.cfg.Log.Warn().Err(err).Msg("an upload has no more time than other requests")
	}
	d, p := h.take(ctx, c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	status := h.hand(ctx, c, d, "", h.give)
	h.discard(ctx, d)
	return status
}

// discard lets go of a draft that is not kept.
func (h *Handler) discard(ctx context.Context, d *media.Draft) {
	if err := d.Discard(ctx); err != nil {
		h.cfg.Log.Error().Err(err).Msg("media not discarded; it goes with the next clean-up")
	}
}

// take reads the file in the form of the caller's dialect.
func (h *Handler) take(ctx context.Context, c *call) (*media.Draft, *dialect.Problem) {
	claim := media.Claim{Tenant: c.who.Tenant, Number: c.number(), App: c.who.App, Length: c.r.ContentLength}
	if !c.who.Dialect.Flat() {
		return h.takeForm(ctx, c, claim)
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil {
		return nil, &dialect.Problem{Kind: dialect.ContentType, Details: "The Content-Type must be the type of the file."}
	}
	claim.Mime = kind
	d, err := h.cfg.Media.Take(ctx, c.r.Body, claim)
	return d, h.takeProblem(err)
}

// takeForm reads a multipart body: the part named file, and the fields that
// may stand before or behind it (clients.md 14).
func (h *Handler) takeForm(ctx context.Context, c *call, claim media.Claim) (*media.Draft, *dialect.Problem) {
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, &dialect.Problem{Kind: dialect.ContentType, Details: "An upload is multipart/form-data with a part named file."}
	}
	claim.Most, claim.Length = claim.Length, -1
	asked := c.r.URL.Query()
	form := upload{kind: asked.Get("type"), product: asked.Get("messaging_product"), life: asked.Get("ttl_minutes")}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = form.read(ctx, h.cfg.Media, part, claim)
		}
		if err != nil {
			return nil, h.given(ctx, form.draft, h.takeProblem(err))
		}
	}
	p := form.problem(h.cfg.Media.Brief(claim.Tenant, claim.Number))
	if p == nil {
		p = h.takeProblem(form.draft.Claim(cmp.Or(form.kind, form.part)))
	}
	return form.draft, h.given(ctx, form.draft, p)
}

// given lets go of a draft that came with a problem.
func (h *Handler) given(ctx context.Context, d *media.Draft, p *dialect.Problem) *dialect.Problem {
	if p == nil || d == nil {
		return p
	}
	h.discard(ctx, d)
	return p
}

// upload is what was read of a form.
type upload struct {
	kind, product string
	part          string // the file's own type, which counts where kind is not given
	life          string // minutes, "" for the usual
	draft         *media.Draft
	again         bool
}

func (u *upload) read(ctx context.Context, store *media.Store, part *multipart.Part, claim media.Claim) error {
	if part.FormName() == "file" {
		if u.draft != nil {
			u.again = true
			return nil
		}
		u.part = plainType(part.Header.Get("Content-Type"))
		claim.Mime, claim.Later = u.kind, u.kind == ""
		var err error
		u.draft, err = store.Take(ctx, part, claim)
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(part, maxField))
	if err != nil {
		return err
	}
	switch part.FormName() {
	case "messaging_product":
		u.product = string(raw)
	case "ttl_minutes":
		u.life = string(raw)
	case "type":
		u.kind = string(raw)
	}
	return nil
}

func plainType(header string) string {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return kind
}

func (u *upload) problem(brief bool) *dialect.Problem {
	switch {
	case u.draft == nil:
		return &dialect.Problem{Kind: dialect.Missing, Param: "file", Details: "The upload has no part named file."}
	case u.again:
		return &dialect.Problem{Kind: dialect.Invalid, Param: "file", Details: "An upload holds one file."}
	case u.product != "whatsapp":
		return &dialect.Problem{Kind: dialect.Missing, Param: "messaging_product", Details: "messaging_product must be whatsapp."}
	}
	return u.live(brief)
}

// live gives the file the life that the form asks for, which upstream takes for
// numbers with No Storage alone (whatsapp.md 3.3).
func (u *upload) live(brief bool) *dialect.Problem {
	if u.life == "" {
		return nil
	}
	minutes, err := strconv.Atoi(u.life)
	life := time.Duration(minutes) * time.Minute
	if err != nil || life < media.BriefLife || life > media.UploadLife || !brief {
		return &dialect.Problem{Kind: dialect.Invalid, Param: "ttl_minutes", Details: "ttl_minutes is from 60 to 43200 and goes with numbers that have No Storage."}
	}
	u.draft.Live(life)
	return nil
}

// takeProblem is why a file was not taken.
func (h *Handler) takeProblem(err error) *dialect.Problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, media.ErrTooLarge):
		return &dialect.Problem{Kind: dialect.Policy, Reason: "media_size", Param: "file", Details: "The file is larger than WhatsApp takes for its type: images 5 MB, audio and video 16 MB, stickers 500 kB, documents 100 MB."}
	case errors.Is(err, media.ErrType):
		return &dialect.Problem{Kind: dialect.Policy, Reason: "media_kind", Param: "type", Details: "The file is not of the type that is given for it. Give its own type."}
	case errors.Is(err, media.ErrEmpty):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "file", Details: "The file is empty."}
	case errors.Is(err, media.ErrFull):
		h.cfg.Log.Error().Msg("media store is full; raise limits.media_max_bytes or free the disk")
		return &dialect.Problem{Kind: dialect.Overloaded, RetryAfter: time.Minute, Details: "There is no room for files now; the gateway's operators were told."}
	case errors.Is(err, media.ErrStore):
		h.cfg.Log.Error().Err(err).Msg("media not stored")
		return &dialect.Problem{Kind: dialect.RecordingDown, Details: "Files can not be stored now; try again."}
	case errors.Is(err, media.ErrPlace):
		h.cfg.Log.Error().Err(err).Msg("media not rid of where it was taken")
		return &dialect.Problem{Kind: dialect.Internal, Param: "file", Details: "The picture could not be rid of where it was taken; nothing left."}
	}
	return &dialect.Problem{Kind: dialect.Malformed, Param: "file", Details: "The upload was cut short or is badly framed."}
}

// giving hands an admitted file on and answers.
type giving func(ctx context.Context, c *call, adm *proxy.CallAdmission, d *media.Draft) int

// hand decides on a file that was taken and has it given to upstream. name is
// what policy knows the call as, where it is another than an upload of media.
func (h *Handler) hand(ctx context.Context, c *call, d *media.Draft, name string, give giving) int {
	adm, bare, p := h.judged(ctx, c, d, name, "upload")
	if p != nil {
		return c.problem(p)
	}
	if adm.Strip {
		c.w.Header().Set(headerChanged, "true")
		defer h.discard(ctx, bare)
	}
	return give(context.WithoutCancel(ctx), c, adm, bare)
}

// judged decides on a file that was taken, and gives what of it may leave: the
// file, or a draft of its own without where the picture was taken (adm.Strip).
// source is how the file came, as policy knows it.
func (h *Handler) judged(ctx context.Context, c *call, d *media.Draft, name, source string) (*proxy.CallAdmission, *media.Draft, *dialect.Problem) {
	place, err := d.Location(ctx)
	if err != nil {
		return nil, nil, h.takeProblem(err)
	}
	adm, p := h.cfg.Gate.AdmitCall(ctx, proxy.CallRequest{
		Caller: c.who, Number: c.number(), Kind: audit.KindMedia, Call: name, Name: path.Join(name, d.Row.Kind),
		Media: []policy.Media{{Kind: d.Row.Kind, Source: source, Bytes: d.Row.Bytes, Mime: d.Row.Mime, Location: place}},
	})
	if p != nil || !adm.Strip {
		return adm, d, p
	}
	ctx = context.WithoutCancel(ctx)
	bare, err := d.Strip(ctx)
	if err != nil {
		h.settled(ctx, adm, callOutcome(upstream.Answer{Err: err}))
		return nil, nil, h.takeProblem(err)
	}
	return adm, bare, nil
}

// give uploads an admitted file and answers.
func (h *Handler) give(ctx context.Context, c *call, adm *proxy.CallAdmission, d *media.Draft) int {
	id, p := h.named(ctx, c, adm, d)
	if p != nil {
		return c.problem(p)
	}
	if c.who.Dialect.Flat() {
		id = dialect.MediaID(d.Row.ID)
	}
	return c.json(dialect.EncodeUploaded(c.who.Dialect, id))
}

// named uploads an admitted file and notes the id that upstream gives for it. What
// policy keeps is stored before: where it can not be, nothing leaves.
func (h *Handler) named(ctx context.Context, c *call, adm *proxy.CallAdmission, d *media.Draft) (id string, p *dialect.Problem) {
	if adm.Original {
		if err := d.Hold(ctx); err != nil {
			h.settled(ctx, adm, callOutcome(upstream.Answer{Err: err}))
			return "", h.takeProblem(err)
		}
	}
	var a upstream.Answer
	if adm.Take() {
		a = h.uploaded(ctx, c, d)
	}
	out := callOutcome(a)
	if out.Result == proxy.Accepted {
		var err error
		if id, err = dialect.DecodeUploaded(a.Body); err == nil {
			out.Rows, err = d.Keep(ctx, id)
		}
		if err != nil {
			h.cfg.Log.Error().Err(err).Msg("upload not noted")
			out = proxy.CallOutcome{Result: proxy.Unknown}
		}
	}
	if err := h.cfg.Gate.SettleCall(ctx, adm, out); err != nil {
		return "", storeProblem(err)
	}
	if out.Result != proxy.Accepted {
		return "", uploadProblem(c, a)
	}
	return id, nil
}

func uploadProblem(c *call, a upstream.Answer) *dialect.Problem {
	if p := upstreamProblem(c, a); p != nil {
		return p
	}
	return &dialect.Problem{Kind: dialect.UnknownOutcome, Details: "WhatsApp took the file and its answer can not be read; upload it again."}
}

func (h *Handler) uploaded(ctx context.Context, c *call, d *media.Draft) upstream.Answer {
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return upstream.Answer{Err: err}
	}
	f, err := d.Open(ctx)
	if err != nil {
		return upstream.Answer{Err: err}
	}
	defer f.Close() //nolint:errcheck // it was only read
	return h.cfg.Upstream.Upload(ctx, token, c.number(), upstream.File{Mime: d.Row.Mime, Length: d.Row.Bytes, Content: f, Life: d.Life})
}
