package proxy

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

// ErrIdentityMoved means that the identity changed once more since it was read.
var ErrIdentityMoved = errors.New("the identity changed again")

// Identity is who uses a person's number, as old clients know it.
type Identity struct {
	Subject audit.SubjectID
	Hash    string // upstream's, or one of the gateway's own where upstream gave none
	Changed bool   // not acknowledged: sends are refused
	Since   time.Time

	tenant string
	hashes []string // all by which the app may know it
	known  facts.Identity
}

// Identity gives the identity of a person who is known here, false of others.
func (g *Gate) Identity(tenant, number string) (Identity, bool, error) {
	who, known := g.cfg.People.Find(tenant, message.Party{Number: number})
	if !known {
		return Identity{}, false, nil
	}
	now := g.cfg.Facts.Identity(tenant, facts.Subject(who.Subject))
	out := Identity{Subject: who.Subject, Hash: now.Hash, Changed: now.Changed, Since: now.Since, tenant: tenant, known: now}
	if now.Hash != "" {
		out.hashes = []string{now.Hash}
		return out, true, nil
	}
	sums, err := g.cfg.Keys.MACs(keyring.Original, []byte("identity"), who.Subject[:], []byte(strconv.FormatInt(now.Since.UnixMicro(), 10)))
	if err != nil {
		return out, false, fmt.Errorf("name identity: %w", err)
	}
	for _, v := range sums {
		out.hashes = append(out.hashes, base64.StdEncoding.EncodeToString(v.Sum[:12]))
	}
	out.Hash = out.hashes[0]
	return out, true, nil
}

// Is reports whether a hash is the identity's.
func (i Identity) Is(hash string) bool {
	for _, known := range i.hashes {
		if hmac.Equal([]byte(known), []byte(hash)) {
			return true
		}
	}
	return false
}

// Acknowledge settles a call by which an app vouches that the person is the one
// it knows, and keeps its word. Of an identity that changed since it was read it
// keeps nothing and fails with ErrIdentityMoved.
func (g *Gate) Acknowledge(ctx context.Context, adm *CallAdmission, i Identity) error {
	defer g.cfg.People.Use()()
	out := CallOutcome{Result: Accepted}
	for _, subject := range i.known.Open {
		if g.cfg.People.Erased(audit.SubjectID(subject)) {
			continue
		}
		out.Facts = append(out.Facts, i.known.Acknowledged(facts.Person{Tenant: i.tenant, Subject: subject}, "app", g.cfg.Now()))
	}
	if len(out.Facts) > 0 {
		out.Rows.Recheck = func(pending []journal.Fact) error { return g.unmoved(i, pending) }
	}
	return g.SettleCall(ctx, adm, out)
}

// unmoved is an error where the identity is another one than i by now.
func (g *Gate) unmoved(i Identity, pending []journal.Fact) error {
	moves := func(f journal.Fact) bool {
		return f.Kind == facts.KindIdentity && f.Tenant == i.tenant && slices.Contains(i.known.Open, facts.Subject(f.Subject))
	}
	now := g.cfg.Facts.Identity(i.tenant, facts.Subject(i.Subject))
	if slices.ContainsFunc(pending, moves) || now.Changed != i.known.Changed || !now.Since.Equal(i.known.Since) {
		return ErrIdentityMoved
	}
	return nil
}

// Answer is the identity in the old API's words.
func (i Identity) Answer() dialect.Identity {
	return dialect.Identity{Hash: i.Hash, Acknowledged: !i.Changed, Since: i.Since}
}
