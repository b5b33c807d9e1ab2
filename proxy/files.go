package proxy

import (
	"context"
	"errors"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/media"
	"postern/proxy/message"
	"postern/proxy/person"
)

// errUnnamed keeps an event from the app whose file could not be given an id:
// upstream brings it again.
var errUnnamed = errors.New("a file of the message could not be noted")

// mediaOf is what policy sees of the files of a message: of those that went
// through this gateway their size and type, of others neither. Where a picture
// was taken was judged when it was uploaded.
func (g *Gate) mediaOf(ctx context.Context, m *matter) []policy.Media {
	refs := m.req.Message.Media
	out := make([]policy.Media, 0, len(refs))
	for _, r := range refs {
		one := policy.Media{Kind: string(r.Kind), Source: "id", Bytes: -1}
		if provided(r) {
			one.Source = policy.SourceProvider
		} else if r.Link != "" {
			one.Source = "link"
		} else if row, err := g.fileOf(ctx, m, r.ID); err == nil {
			one.Bytes, one.Mime, one.Location = row.Bytes, row.Mime, policy.LocationNone
		}
		out = append(out, one)
	}
	return out
}

// fileOf finds a file by the id that the app knows, if it is of the number.
func (g *Gate) fileOf(ctx context.Context, m *matter, id string) (journal.Media, error) {
	if g.cfg.Media == nil {
		return journal.Media{}, media.ErrUnknown
	}
	row, err := g.cfg.Media.Find(ctx, m.req.Caller.Dialect, id)
	if err == nil && (row.Tenant != m.account.Tenant || row.Number != m.req.Number) {
		return journal.Media{}, media.ErrUnknown
	}
	return row, err
}

// restrictedFile refuses a message with a file of a person whose data may only be
// kept: passing it on to somebody else is no keeping.
func (g *Gate) restrictedFile(ctx context.Context, m *matter) *dialect.Problem {
	for _, r := range m.forward.Media {
		if r.ID == "" {
			continue
		}
		row, err := g.fileOf(ctx, m, r.ID)
		switch {
		case errors.Is(err, media.ErrUnknown):
		case err != nil:
			return &dialect.Problem{Kind: dialect.RecordingDown, Details: "Files can not be looked up now; try again."}
		case g.cfg.Facts.Restricted(row.Tenant, facts.Subject(row.Subject)):
			return RestrictedFile()
		}
	}
	return nil
}

// RestrictedFile refuses a file of a person whose data may only be kept, to
// whoever asks for it or would pass it on.
func RestrictedFile() *dialect.Problem {
	return &dialect.Problem{
		Kind: dialect.Policy, Reason: "processing_restricted",
		Details: "Processing of the data of the person who sent this file is restricted at their request. It is kept, and neither handed out nor passed on; operators lift it with: postern subject restrict --lift.",
	}
}

// upstreamMedia is upstream's id for one of ours. Of any other id upstream
// knows whether it is good.
func (g *Gate) upstreamMedia(ctx context.Context, m *matter, id string) (string, bool) {
	row, err := g.fileOf(ctx, m, id)
	if errors.Is(err, media.ErrUnknown) {
		return id, true
	}
	if err != nil {
		return "", false
	}
	up, err := g.cfg.Media.Upstream(ctx, row)
	return up, err == nil
}

// received gives the files of one inbound message their rows, each once.
type received struct {
	in      *intake
	ctx     context.Context //nolint:containedctx // lives as long as the call that made it
	event   *message.Event
	account Account
	subject audit.SubjectID
	rows    *person.Rows
	keep    bool // policy keeps what people send
	noted   map[string]journal.Media
	err     error
}

func (r *received) row(id string) (journal.Media, bool) {
	if row, ok := r.noted[id]; ok {
		return row, true
	}
	store := r.in.g.cfg.Media
	if store == nil || id == "" {
		return journal.Media{}, false
	}
	row, err := store.Row(r.ctx, journal.Media{
		Tenant: r.in.tenant, Number: r.event.Number, App: r.account.App, Subject: r.subject, Kind: word(string(r.event.Type)), Bytes: -1,
	}, id, r.rows)
	if err != nil {
		r.err = errors.Join(errUnnamed, err)
		return row, false
	}
	if r.keep {
		row = store.Plan(row)
	}
	if r.noted == nil {
		r.noted = map[string]journal.Media{}
	}
	r.noted[id] = row
	r.in.batch.Media = append(r.in.batch.Media, row)
	return row, true
}

// id is what the app knows a file by: upstream's id, or one of ours.
func (r *received) id(upstream string) string {
	row, ok := r.row(upstream)
	if !ok || !r.account.Dialect.Flat() {
		return upstream
	}
	return dialect.MediaID(row.ID)
}

// link leads to the gateway in place of upstream, which wants its own token.
func (r *received) link(id, _ string) string {
	row, ok := r.row(id)
	if !ok {
		return ""
	}
	link, err := r.in.g.cfg.Media.Link(row, r.in.g.cfg.Now().Add(media.InboundLife))
	if err != nil {
		r.err = errors.Join(errUnnamed, err)
	}
	return link
}
