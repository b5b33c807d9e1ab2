package outbound

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/egress"
	"postern/proxy/media"
	"postern/proxy/message"
)

// placed fetches the files of an admitted message that wait behind an app's
// stored credentials, and gives them to upstream, whose ids take the place of
// the links. The message's admission is on record by then, and each file has one
// of its own before it goes on. A problem says that the message did not leave.
func (h *Handler) placed(ctx context.Context, c *call, adm *proxy.Admission) *dialect.Problem {
	files := adm.Files()
	if len(files) == 0 {
		return nil
	}
	if err := edge.Extend(c.w, transferTime); err != nil {
		h.cfg.Log.Warn().Err(err).Msg("a fetch has no more time than other requests")
	}
	ids, changed := make([]string, len(files)), false
	for i, f := range files {
		id, stripped, p := h.passOn(ctx, c, f)
		if p != nil {
			return p
		}
		ids[i], changed = id, changed || stripped
	}
	p := h.cfg.Gate.Place(adm, ids)
	adm.Changed = adm.Changed || changed
	return p
}

// passOn takes one file from its host to upstream, by way of an upload.
func (h *Handler) passOn(ctx context.Context, c *call, f message.Media) (id string, stripped bool, p *dialect.Problem) {
	d, p := h.fetch(ctx, c, f)
	if p != nil {
		return "", false, p
	}
	defer h.discard(ctx, d)
	adm, bare, p := h.judged(ctx, c, d, "", policy.SourceProvider)
	if p != nil {
		return "", false, p
	}
	if adm.Strip {
		defer h.discard(ctx, bare)
	}
	id, p = h.named(ctx, c, adm, bare)
	return id, adm.Strip, p
}

// fetch reads a file with the credentials that the app stored for it, which go to
// the host of the link alone.
func (h *Handler) fetch(ctx context.Context, c *call, f message.Media) (*media.Draft, *dialect.Problem) {
	req, p := h.asking(ctx, c, f)
	if p != nil {
		return nil, p
	}
	resp, err := h.cfg.Files.Do(req)
	if err != nil {
		return nil, notFetched(f, err) // never logged: it holds the link
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	if p := gotten(f, resp); p != nil {
		return nil, p
	}
	claim := media.Claim{
		Tenant: c.who.Tenant, Number: c.number(), App: c.who.App, Mime: plainType(resp.Header.Get("Content-Type")), Length: resp.ContentLength,
	}
	if kind := media.KindOf(claim.Mime); kind != string(f.Kind) && f.Kind != message.Document {
		return nil, h.takeProblem(media.ErrType)
	}
	d, err := h.cfg.Media.Take(ctx, resp.Body, claim)
	switch p := h.takeProblem(err); {
	case p == nil:
		d.Row.Kind = string(f.Kind) // a picture may be sent as a document: then policy judges one
		return d, nil
	case p.Kind == dialect.Malformed:
		return nil, notFetched(f, err)
	default:
		return nil, p
	}
}

// asking is the request for a file. Over plain HTTP nobody's credentials leave.
func (h *Handler) asking(ctx context.Context, c *call, f message.Media) (*http.Request, *dialect.Problem) {
	list := h.cfg.Settings.Providers(c.who.App)
	i := slices.IndexFunc(list, func(o dialect.Provider) bool { return o.Name == f.Provider })
	if i < 0 {
		return nil, linkProblem(f, "provider.name", "There is no media provider of this name. An administrator of an On-Premises app sets it at /v1/settings/application/media/providers.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.Link, http.NoBody)
	if err != nil || req.URL.Scheme != "https" {
		return nil, linkProblem(f, "link", "A link that is fetched with credentials must be https.")
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "postern")
	if o := list[i]; o.Bearer != "" {
		req.Header.Set("Authorization", "Bearer "+o.Bearer)
	} else {
		req.SetBasicAuth(o.User, o.Password)
	}
	return req, nil
}

// gotten is why an answer is not the file.
func gotten(f message.Media, resp *http.Response) *dialect.Problem {
	status := strconv.Itoa(resp.StatusCode)
	switch s := resp.StatusCode; {
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return linkProblem(f, "provider.name", "The file's host refused the stored credentials of this provider (status "+status+"); the message was not sent.")
	case s >= 300 && s < 400:
		return linkProblem(f, "link", "The file's host answered with a redirect (status "+status+"), which is not followed with credentials; the message was not sent. Give the final address.")
	case s >= 500 || s == http.StatusTooManyRequests:
		return hostDown("The file's host answered with status " + status + "; the message was not sent.")
	case s != http.StatusOK:
		return linkProblem(f, "link", "The file's host answered with status "+status+"; the message was not sent.")
	case !slices.Contains([]string{"", "identity"}, strings.ToLower(resp.Header.Get("Content-Encoding"))):
		return linkProblem(f, "link", "The file's host sent the file compressed, though it was asked not to; the message was not sent.")
	}
	return nil
}

// notFetched is why a file did not come, or not whole.
func notFetched(f message.Media, err error) *dialect.Problem {
	if errors.Is(err, egress.ErrForbidden) {
		return linkProblem(f, "link", "Files are not fetched from this address: it must be https and public, or an operator lists its host and port in delivery.allow_targets.")
	}
	return hostDown("The file could not be fetched from its host, or not whole within a minute; the message was not sent.")
}

func linkProblem(f message.Media, member, details string) *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Invalid, Param: string(f.Kind) + "." + member, Details: details}
}

func hostDown(details string) *dialect.Problem {
	return &dialect.Problem{Kind: dialect.UpstreamDown, RetryAfter: 5 * time.Second, Details: details}
}
