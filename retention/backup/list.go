package backup

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/blob"
)

// Listed is a backup as its manifest has it. Proved says that one of the keys
// given signed it.
type Listed struct {
	Manifest
	Proved bool `json:"proved"`
	// Whether it can still be read, and the data keys of it: what seals them
	// is there.
	Readable bool `json:"readable"`
	Keys     bool `json:"keys"`
}

// List gives the backups of a place, oldest first. Without keys nothing vouches
// for what it says.
func List(ctx context.Context, from blob.Bucket, keys ...audit.Verifier) ([]Listed, error) {
	var out []Listed
	for o, err := range from.List(ctx, "manifests/") {
		if err != nil {
			return nil, err
		}
		at, ok := placeOf(o.Key)
		if !ok {
			continue
		}
		l, err := look(ctx, from, at, keys)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Listed) int { return cmp.Or(a.Taken.Compare(b.Taken), strings.Compare(a.Name, b.Name)) })
	return out, nil
}

func look(ctx context.Context, from blob.Bucket, at place, keys []audit.Verifier) (l Listed, err error) {
	note, err := get(ctx, from, at.manifest())
	if err != nil {
		return l, err
	}
	m, bad := openManifest(note, at, keys)
	l.Proved = bad == nil
	if bad != nil {
		if m, bad = unproved(note); bad != nil {
			m = &Manifest{}
		}
	}
	l.Manifest = *m
	l.Store, l.Name = at.store, at.name
	if l.Readable, err = there(ctx, from, at.part(partJournalKey)); err == nil {
		l.Keys, err = there(ctx, from, at.part(partDataKeyKey))
	}
	return l, err
}

func there(ctx context.Context, from blob.Bucket, key string) (bool, error) {
	r, _, err := from.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, r.Close()
}

// Newest is when the newest backup of this store was taken; zero for none.
func (s *Service) Newest(ctx context.Context) (time.Time, error) {
	all, err := List(ctx, s.cfg.To)
	var newest time.Time
	for _, l := range all {
		if l.Store == s.cfg.Keys.ID() && l.Taken.After(newest) {
			newest = l.Taken
		}
	}
	return newest, err
}

// Oldest is when the oldest backup of this store was taken that is still there;
// zero for none. It is an error where one says so that no key of the store signed.
func (s *Service) Oldest(ctx context.Context) (oldest time.Time, err error) {
	keys, err := verifiers(s.cfg.Keys)
	if err != nil {
		return oldest, err
	}
	all, err := List(ctx, s.cfg.To, keys...)
	for _, l := range all {
		switch {
		case l.Store != s.cfg.Keys.ID():
		case !l.Proved:
			return oldest, errUnproved
		case oldest.IsZero() || l.Taken.Before(oldest):
			oldest = l.Taken
		}
	}
	return oldest, err
}

var errUnproved = errors.New("no key of this store signed a backup that is there: nobody knows when it was taken")

// Pruned says what Prune took away, and what it could not yet.
type Pruned struct {
	Backups  []string  `json:"backups"` // by name
	Keys     []string  `json:"keys"`    // backups whose data keys ended
	Files    int       `json:"files"`   // that no backup needs any more
	Locked   int       `json:"locked"`  // objects that Object Lock keeps; they cannot be opened
	Until    time.Time `json:"until,omitzero"`
	Unproved []string  `json:"unproved"` // backups left as they are: no key of this store signed them

	// Unswept: the place does not say which uploads a crash left; a rule of the
	// bucket has to end them.
	Unswept bool `json:"unswept,omitempty"`
}

// Prune takes away what is over: backups past their end or beyond the newest
// that are kept, data keys past theirs, what was never finished, and files that
// no backup needs. What seals goes first.
func (s *Service) Prune(ctx context.Context) (out Pruned, err error) {
	s.one.Lock()
	defer s.one.Unlock()
	keys, err := verifiers(s.cfg.Keys)
	if err != nil {
		return out, err
	}
	all, err := List(ctx, s.cfg.To, keys...)
	if err != nil {
		return out, err
	}
	all = slices.DeleteFunc(all, func(l Listed) bool { return l.Store != s.cfg.Keys.ID() })
	now := s.cfg.Now()
	var kept []Listed
	for i, l := range all {
		at := place{l.Store, l.Name}
		beyond := s.cfg.Policy.Last > 0 && len(all)-i > s.cfg.Policy.Last
		switch {
		case !l.Proved:
			out.Unproved = append(out.Unproved, l.Name)
			kept = append(kept, l)
		case beyond || !l.Ends.After(now):
			if err := s.drop(ctx, &out, at); err != nil {
				return out, err
			}
			out.Backups = append(out.Backups, l.Name)
		default:
			kept = append(kept, l)
			if l.KeyEnds.After(now) || !l.Keys {
				continue
			}
			if err := s.remove(ctx, &out, at.part(partDataKeyKey), at.part(partDataKeys)); err != nil {
				return out, err
			}
			out.Keys = append(out.Keys, l.Name)
		}
	}
	if err := s.pruneUnfinished(ctx, &out, all); err != nil {
		return out, err
	}
	return out, s.pruneFiles(ctx, &out, kept)
}

// drop takes a backup away, the manifest last and only once all else is gone.
func (s *Service) drop(ctx context.Context, out *Pruned, at place) error {
	locked := out.Locked
	err := s.remove(ctx, out, at.parts()...)
	if err != nil || out.Locked > locked {
		return err
	}
	return s.remove(ctx, out, at.manifest())
}

// remove takes objects away; what is locked is counted.
func (s *Service) remove(ctx context.Context, out *Pruned, keys ...string) error {
	for _, key := range keys {
		err := s.cfg.To.Remove(ctx, key)
		var locked *blob.LockedError
		if errors.As(err, &locked) {
			out.Locked++
			if locked.Until.After(out.Until) {
				out.Until = locked.Until
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) pruneUnfinished(ctx context.Context, out *Pruned, all []Listed) error {
	var gone []string
	prefix := "backups/" + s.cfg.Keys.ID() + "/"
	for o, err := range s.cfg.To.List(ctx, prefix) {
		if err != nil {
			return err
		}
		name, _, _ := strings.Cut(o.Key[len(prefix):], "/")
		if !slices.ContainsFunc(all, func(l Listed) bool { return l.Name == name }) {
			gone = append(gone, o.Key)
		}
	}
	if err := s.remove(ctx, out, gone...); err != nil {
		return err
	}
	swept, ok := s.cfg.To.(interface {
		Sweep(ctx context.Context, prefix string) error
	})
	if !ok {
		return nil
	}
	for _, below := range []string{"backups/", "manifests/", "media/"} {
		err := swept.Sweep(ctx, below+s.cfg.Keys.ID()+"/")
		if errors.Is(err, blob.ErrUnlisted) {
			out.Unswept = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneFiles removes files that none of the backups that are kept lists.
func (s *Service) pruneFiles(ctx context.Context, out *Pruned, kept []Listed) error {
	files, err := filesAt(ctx, s.cfg.To, s.cfg.Keys.ID())
	if err != nil || len(files) == 0 {
		return err
	}
	for _, l := range kept {
		list, err := listed(ctx, s.cfg.To, &l.Manifest)
		if err != nil {
			return fmt.Errorf("read which files backup %s needs: %w; no file was removed", l.Name, err)
		}
		for name := range list {
			delete(files, name)
		}
	}
	for name := range files {
		locked := out.Locked
		if err := s.remove(ctx, out, place{store: s.cfg.Keys.ID()}.file(name)); err != nil {
			return err
		}
		if out.Locked == locked {
			out.Files++
		}
	}
	return nil
}

// listed are the files that a backup needs, with their sizes.
func listed(ctx context.Context, from blob.Bucket, m *Manifest) (map[string]int64, error) {
	var raw bytes.Buffer
	err := readPart(ctx, from, place{m.Store, m.Name}.part(partMedia), m.Media, func(r io.Reader) error {
		_, err := raw.ReadFrom(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for lines := bufio.NewScanner(&raw); lines.Scan(); {
		name, size, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseInt(size, 10, 64)
		if _, bad := blob.ParseName(name); bad != nil || err != nil {
			return nil, fmt.Errorf("%w: the list of files cannot be read", ErrAltered)
		}
		out[name] = n
	}
	return out, nil
}
