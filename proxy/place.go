package proxy

import (
	"slices"

	"postern/proxy/dialect"
	"postern/proxy/message"
)

// waiting is a message that was admitted and may leave once its files are at
// upstream.
type waiting struct {
	matter *matter
	up     dialect.Upstream
}

// provided reports a link that is fetched here, with stored credentials.
func provided(f message.Media) bool { return f.Link != "" && f.Provider != "" }

// Files are the links that the holder of the admission may and must fetch, as
// they may leave. Each file is an upload with an admission of its own.
func (a *Admission) Files() []message.Media {
	if !a.Granted() || a.waits == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.waits.matter.forward.Media), func(f message.Media) bool { return !provided(f) })
}

// Place puts upstream's ids of the Files, in their order, in place of the links.
// Only then Take gives the message. A Problem says that it may not be sent any
// more: what the person allows has changed while the files were fetched.
func (g *Gate) Place(a *Admission, ids []string) *dialect.Problem {
	if !a.Granted() || a.waits == nil || len(ids) != len(a.Files()) || slices.Contains(ids, "") {
		return &dialect.Problem{Kind: dialect.Internal, Details: "A file of the message is missing; the message was not sent."}
	}
	defer g.cfg.People.Use()()
	m, up := a.waits.matter, a.waits.up
	if g.cfg.People.Erased(m.who.Subject) || g.recheck(m)(nil) != nil {
		return &dialect.Problem{Kind: dialect.Overloaded, Details: "What is known of the recipient changed while the file was fetched; the message was not sent. Send it again to have it decided anew."}
	}
	up.Fetched = make([]string, len(m.forward.Media))
	for i, f := range m.forward.Media {
		if provided(f) {
			up.Fetched[i], ids = ids[0], ids[1:]
		}
	}
	body, problem := dialect.EncodeUpstream(m.forward, up)
	if problem != nil {
		return problem
	}
	a.body, a.waits = body, nil
	return nil
}
