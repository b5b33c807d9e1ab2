package outbound

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	_ "image/jpeg" // the two kinds of pictures
	_ "image/png"  // that profiles take
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/media"
	"postern/proxy/media/exif"
	"postern/proxy/upstream"
)

// maxPhoto bounds a profile's photo, in bytes; maxPhotoForm what stands around
// it in a form.
const (
	maxPhoto     = 5 << 20
	maxPhotoForm = 64 << 10
)

// photo reads and changes the photo of the profile in the old dialects' form.
func (h *Handler) photo(ctx context.Context, c *call) int {
	if c.r.Method == http.MethodGet {
		return h.photoNow(ctx, c)
	}
	content, kind, p := photoOf(c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	note, err := json.Marshal(map[string]any{"mime_type": kind, "file_size": len(content)})
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.Internal, Details: "The change could not be written down."})
	}
	place, err := media.LocationOf(bytes.NewReader(content))
	if err != nil {
		return c.problem(h.takeProblem(err))
	}
	req := proxy.CallRequest{
		Call: dialect.CallProfile, Name: dialect.CallProfile + "/photo", Raw: content, Body: note,
		Media: []policy.Media{{Kind: "image", Source: "upload", Bytes: int64(len(content)), Mime: kind, Location: place}},
	}
	if p := h.spare(c); p != nil {
		return c.problem(p)
	}
	var a upstream.Answer
	p = h.decide(ctx, c, req, func(ctx context.Context, adm *proxy.CallAdmission) proxy.CallOutcome {
		a = h.setPhoto(ctx, c, adm.Strip, kind, content)
		return callOutcome(a)
	})
	if p == nil {
		p = upstreamProblem(c, a)
	} else {
		h.unmade(c)
	}
	if p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

// setPhoto uploads a photo and has the profile take it. Until the last of its
// calls nothing has changed.
func (h *Handler) setPhoto(ctx context.Context, c *call, strip bool, kind string, content []byte) upstream.Answer {
	if strip {
		var bare bytes.Buffer
		if _, err := exif.Strip(&bare, bytes.NewReader(content)); err != nil {
			return upstream.Answer{Err: err}
		}
		content = bare.Bytes()
		c.w.Header().Set(headerChanged, "true")
	}
	handle, a := h.resumable(ctx, c, upstream.File{Mime: kind, Length: int64(len(content)), Content: bytes.NewReader(content)})
	if handle == "" {
		return a
	}
	return h.askAs(ctx, c, http.MethodPost, profilePath(c.number()), dialect.EncodePhotoChange(handle))
}

// photoOf is the picture in a body: the body itself, or the file of a form.
func photoOf(c *call) (content []byte, kind string, p *dialect.Problem) {
	content = c.body
	claim, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && claim == "multipart/form-data" {
		if content, err = filePart(content, params["boundary"]); err != nil {
			return nil, "", &dialect.Problem{Kind: dialect.Malformed, Details: "The form is not well formed, or holds no file."}
		}
	}
	if len(content) > maxPhoto {
		return nil, "", &dialect.Problem{Kind: dialect.TooLarge, Details: "The photo is larger than 5 MB."}
	}
	_, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, "", &dialect.Problem{Kind: dialect.Invalid, Param: "photo", Details: "This is no picture in JPEG or PNG format."}
	}
	return content, "image/" + format, nil
}

func filePart(body []byte, boundary string) ([]byte, error) {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" || part.FormName() == "file" {
			return io.ReadAll(part) // fails where the end of the part is missing
		}
	}
}

// photoNow answers with the photo's address or, unless that is asked for, its
// bytes.
func (h *Handler) photoNow(ctx context.Context, c *call) int {
	profile, p := h.profileNow(ctx, c)
	switch {
	case p != nil:
		return c.problem(p)
	case profile.Picture == "":
		return c.problem(&dialect.Problem{Kind: dialect.NotFound, Details: "The profile has no photo."})
	case c.r.URL.Query().Get("format") == "link":
		return c.json(dialect.EncodePhoto(profile.Picture))
	}
	d, err := h.cfg.Upstream.Download(ctx, upstream.Credential{}, profile.Picture)
	if err != nil || d.Body == nil {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "The photo can not be fetched now; ask for its link with format=link."})
	}
	defer d.Body.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(io.LimitReader(d.Body, maxPhoto+1))
	_, format, ferr := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || ferr != nil || len(content) > maxPhoto {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "The photo can not be read; ask for its link with format=link."})
	}
	return c.write(http.StatusOK, map[string]string{"Content-Type": "image/" + format, "Content-Length": strconv.Itoa(len(content))}, content)
}
