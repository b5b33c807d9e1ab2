package proxy

import (
	"context"

	"postern/audit"
	"postern/policy"
)

// Kept is what of a message's content may be kept. The zero value is nothing.
type Kept struct {
	Content  bool // the redacted form
	Original bool // the message as it was, sealed; files as they are
}

// ruling asks policy, and takes from what it would keep whatever the retention
// class does not.
func (g *Gate) ruling(ctx context.Context, in *policy.Input) (policy.Decision, error) {
	dec, err := g.cfg.Policy.Decide(ctx, in)
	if g.cfg.Keeps == nil {
		return dec, err
	}
	o := &dec.Obligations
	own := g.cfg.Keeps(audit.RetentionClass(recordKind(in.Kind), o.Retention))
	files := g.cfg.Keeps(audit.RetentionClass(audit.KindMedia, o.Retention))
	o.Original, o.Bare = o.Original && own.Original, !own.Content
	o.Files = o.Files && files.Original
	return dec, err
}

// recordKind is the kind of the records of what is judged, as far as their
// retention class depends on it.
func recordKind(input string) audit.Kind {
	switch input {
	case policy.KindMedia:
		return audit.KindMedia
	case policy.KindManage:
		return audit.KindManage
	}
	return audit.KindAdmission
}
