package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/crypto/vault"
)

// KeyVersion is one version of a key, without the key.
type KeyVersion struct {
	Purpose keyring.Purpose `json:"purpose"`
	Version uint32          `json:"version"`
	State   keyring.State   `json:"state"`
	Created string          `json:"created"` // RFC 3339
	Seals   uint64          `json:"seals,omitempty"`
	Vault   int             `json:"vault,omitempty"` // version of the transit key that wraps it
	Needs   []rotation.Need `json:"needs"`           // of a version that is not active: what has to go before it
}

func (s *Service) keysList(ctx context.Context, _ Actor, _ None) ([]KeyVersion, error) {
	out := []KeyVersion{}
	needs, counted := map[uint32][]rotation.Need(nil), keyring.Purpose("")
	wrapped := map[string]int{}
	for _, w := range s.cfg.Keys.Wrappings() {
		wrapped[rotation.Name(w.Purpose, w.Number)] = vault.TransitVersion(w.Text)
	}
	for _, v := range s.cfg.Keys.Versions() {
		k := KeyVersion{Purpose: v.Purpose, Version: v.Number, State: v.State, Created: v.Created.Format(time.RFC3339), Seals: v.Seals, Vault: wrapped[rotation.Name(v.Purpose, v.Number)], Needs: []rotation.Need{}}
		if v.State == keyring.Retired && counted != v.Purpose {
			var err error
			if needs, err = s.needs(ctx, v.Purpose); err != nil {
				return nil, err
			}
			counted = v.Purpose
		}
		if v.State == keyring.Retired {
			k.Needs = append(k.Needs, needs[v.Number]...)
		}
		out = append(out, k)
	}
	return out, nil
}

// needs is what still needs each version of a purpose.
func (s *Service) needs(ctx context.Context, p keyring.Purpose) (map[uint32][]rotation.Need, error) {
	return s.cfg.Rotation.Needs(ctx, p, func(ctx context.Context) (map[uint32][]rotation.Need, error) {
		all, err := s.operators(ctx)
		if err != nil {
			return nil, err
		}
		operators := map[uint32]int64{}
		for _, o := range all {
			operators[o.Version]++
		}
		return s.cfg.Rotation.AppNeeds(s.cfg.Apps, operators), nil
	})
}

func (s *Service) keysStatus(context.Context, Actor, None) ([]rotation.Work, error) {
	return append(s.wrapping(), s.cfg.Rotation.Status()...), nil
}

// wrapping is how far the keystore is moved to the newest version of the transit
// key, as work of the purpose "keystore".
func (s *Service) wrapping() []rotation.Work {
	out := []rotation.Work{}
	if s.cfg.Transit == nil {
		return out
	}
	if key := s.cfg.Transit(); key.Latest > 0 {
		out = append(out, rotation.Wrapping(s.cfg.Keys.Wrappings(), key))
	}
	return out
}

// KeyRotate asks for keys.rotate.
type KeyRotate struct {
	Purpose keyring.Purpose `json:"purpose"`
}

// KeyRotated answers keys.rotate.
type KeyRotated struct {
	Purpose keyring.Purpose `json:"purpose"`
	Version uint32          `json:"version"` // active now
	Before  uint32          `json:"before"`  // retired now
	Work    []rotation.Work `json:"work"`    // what moves to the new version by itself
}

func (s *Service) keysRotate(ctx context.Context, a Actor, in KeyRotate) (KeyRotated, error) {
	s.cfg.Rotation.Lock()
	defer s.cfg.Rotation.Unlock()
	before, err := s.cfg.Keys.ActiveVersion(in.Purpose)
	if err != nil {
		return KeyRotated{}, refuse(Invalid, "there is no such purpose; they are %s", strings.Join(s.purposes(), ", "))
	}
	// Data keys are not moved by a rotation: that is asked for by itself.
	moves := []keyring.Purpose{}
	if rotation.Moves(in.Purpose) && in.Purpose != keyring.KEK {
		moves = append(moves, in.Purpose)
	}
	if err := s.intend(ctx, a, "key_rotate", in.Purpose, s.upcoming(in.Purpose), moves...); err != nil {
		return KeyRotated{}, err
	}
	version, err := s.cfg.Keys.Rotate(in.Purpose)
	if err != nil {
		return KeyRotated{}, s.failed(ctx, a, "key_rotate_failed", in.Purpose, before, err)
	}
	if err := s.noted(ctx, rotation.Name(in.Purpose, version)+" is active"); err != nil {
		return KeyRotated{}, err
	}
	work, err := s.work(ctx, moves)
	return KeyRotated{Purpose: in.Purpose, Version: version, Before: before, Work: work}, err
}

func (s *Service) purposes() []string {
	var out []string
	for _, v := range s.cfg.Keys.Versions() {
		if !slices.Contains(out, string(v.Purpose)) {
			out = append(out, string(v.Purpose))
		}
	}
	return out
}

// upcoming is the version that a rotation makes active.
func (s *Service) upcoming(p keyring.Purpose) uint32 {
	last := uint32(0)
	for _, v := range s.cfg.Keys.Versions() {
		if v.Purpose == p {
			if last = v.Number; v.State == keyring.Next {
				return last
			}
		}
	}
	return last + 1
}

// intend records what is about to be done to a version, and what work it leaves.
func (s *Service) intend(ctx context.Context, a Actor, what string, p keyring.Purpose, version uint32, moves ...keyring.Purpose) error {
	r := s.record(audit.KindConfig, a, what)
	r.Result = rotation.Name(p, version)
	b := journal.Batch{Records: []audit.Record{r}}
	s.cfg.Rotation.Ask(&b, moves...)
	return s.cfg.Journal.Append(ctx, b)
}

// failed records that what was intended was not done.
func (s *Service) failed(ctx context.Context, a Actor, what string, p keyring.Purpose, version uint32, cause error) error {
	if err := s.intend(context.WithoutCancel(ctx), a, what, p, version); err != nil {
		return fmt.Errorf("%w; nor could that be recorded: %w", cause, err)
	}
	return refuse(Unavailable, "nothing was changed: %v", cause)
}

// work begins what was asked for, and ends it where nobody else would.
func (s *Service) work(ctx context.Context, purposes []keyring.Purpose) ([]rotation.Work, error) {
	s.cfg.Rotation.Begin(purposes...)
	var err error
	if s.cfg.Direct {
		err = s.cfg.Rotation.Finish(ctx)
	}
	out := []rotation.Work{}
	for _, w := range s.cfg.Rotation.Status() {
		if slices.Contains(purposes, w.Purpose) {
			out = append(out, w)
		}
	}
	return out, err
}

func (s *Service) keysRewrap(ctx context.Context, a Actor, _ None) ([]rotation.Work, error) {
	s.cfg.Rotation.Lock()
	defer s.cfg.Rotation.Unlock()
	version, err := s.cfg.Keys.ActiveVersion(keyring.KEK)
	if err != nil {
		return nil, err
	}
	all := []keyring.Purpose{keyring.KEK, keyring.Index, keyring.Secret}
	if err := s.intend(ctx, a, "key_rewrap", keyring.KEK, version, all...); err != nil {
		return nil, err
	}
	return s.work(ctx, all)
}

// KeyDestroy asks for keys.destroy. Confirm repeats what is to be destroyed,
// as "PURPOSE/VERSION".
type KeyDestroy struct {
	Purpose keyring.Purpose `json:"purpose"`
	Version uint32          `json:"version"`
	Confirm string          `json:"confirm"`
}

func (s *Service) keysDestroy(ctx context.Context, a Actor, in KeyDestroy) (None, error) {
	s.cfg.Rotation.Lock()
	defer s.cfg.Rotation.Unlock()
	name := rotation.Name(in.Purpose, in.Version)
	if err := s.destroyable(in, name); err != nil {
		return None{}, err
	}
	needs, err := s.needs(ctx, in.Purpose)
	if err != nil {
		return None{}, err
	}
	if list := needs[in.Version]; len(list) > 0 {
		return None{}, refuse(Conflict, "%s is still needed: %s", name, needed(list))
	}
	if err := s.intend(ctx, a, "key_destroy", in.Purpose, in.Version); err != nil {
		return None{}, err
	}
	if err := s.cfg.Keys.Destroy(in.Purpose, in.Version); err != nil {
		return None{}, s.failed(ctx, a, "key_destroy_failed", in.Purpose, in.Version, err)
	}
	return None{}, s.noted(ctx, name+" is destroyed")
}

// noted is answered only once the journal would refuse the keystore of before.
func (s *Service) noted(ctx context.Context, done string) error {
	if err := s.cfg.NoteKeys(context.WithoutCancel(ctx)); err != nil {
		return refuse(Unavailable, "%s, but the journal does not know yet and would take an older keystore: %v; it is told again by itself", done, err)
	}
	return nil
}

// keysBackup records that a copy of the keystore is about to be taken.
func (s *Service) keysBackup(ctx context.Context, a Actor, _ None) (None, error) {
	return None{}, s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{s.record(audit.KindConfig, a, "keystore_backup")}})
}

func (s *Service) destroyable(in KeyDestroy, name string) error {
	all := s.cfg.Keys.Versions()
	i := slices.IndexFunc(all, func(v keyring.Version) bool { return v.Purpose == in.Purpose && v.Number == in.Version })
	switch {
	case i < 0:
		return refuse(NotFound, "there is no key %s; see: postern keys list", name)
	case all[i].State == keyring.Active:
		return refuse(Conflict, "%s is active; rotate first: postern keys rotate %s", name, in.Purpose)
	case all[i].State == keyring.Destroyed:
		return refuse(Conflict, "%s was destroyed before", name)
	case in.Confirm != name:
		return refuse(Invalid, "destroying is for good; confirm it with exactly %s", name)
	}
	return nil
}

func needed(list []rotation.Need) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprintf("%d %s (%s)", n.Count, n.What, n.Remedy)
	}
	return strings.Join(out, "; ")
}
