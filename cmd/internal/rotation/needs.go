package rotation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/identity"
)

// Need is something that rests in the store under a version of a key and has
// to stay readable, findable or provable.
type Need struct {
	What   string `json:"what"`
	Count  int64  `json:"count"`
	Remedy string `json:"remedy"`
}

// Hashed counts what is hashed under each version of purpose app, by what it is.
type Hashed func(ctx context.Context) (map[uint32][]Need, error)

const (
	rewrapThem = "run: postern keys rewrap"
	waitIDs    = "they are kept for 60 days: wait"
	waitKeys   = "they are kept for 24 hours: wait"
	waitMarks  = "they are kept for 8 days: wait"
	waitTokens = "they end after 7 days: wait, or let the apps log in again"
	waitSigned = "a running gateway writes it with the next checkpoint: wait"
	keepList   = "the version has to stay while the list keeps them: whose they are is known only when the person comes back"
	keepTrail  = "the version has to stay while the trail keeps them: an original can be held against its record through it only"
)

// Needs says what still needs the versions of a purpose. What is looked up by
// a keyed hash without its version counts for every version that was active
// when it was written.
func (w *Worker) Needs(ctx context.Context, p keyring.Purpose, hashed Hashed) (map[uint32][]Need, error) {
	switch p {
	case keyring.KEK, keyring.Index, keyring.Secret:
		return w.sealedNeeds(ctx, p)
	case keyring.Original:
		return w.originalNeeds(ctx)
	case keyring.App:
		return hashed(ctx)
	case keyring.Suppression:
		out := map[uint32][]Need{}
		for version, n := range w.cfg.People.Suppressed() {
			out[version] = []Need{{"entries of the suppression list", n, keepList}}
		}
		return out, nil
	case keyring.Checkpoint:
		return w.checkpointNeeds(ctx)
	default:
		// Nothing rests under purpose webhook: it signs what is on its way.
		return map[uint32][]Need{}, nil
	}
}

func (w *Worker) sealedNeeds(ctx context.Context, p keyring.Purpose) (map[uint32][]Need, error) {
	what := map[keyring.Purpose]string{keyring.KEK: "data keys", keyring.Index: "people in the index", keyring.Secret: "settings of apps and keys of flows"}[p]
	use, err := w.use(ctx, p)
	if err != nil {
		return nil, err
	}
	out := map[uint32][]Need{}
	for _, v := range w.versions(p) {
		if n := use[v.Number] + int64(w.cfg.People.Pending(p, v.Number)); n > 0 {
			out[v.Number] = []Need{{what, n, rewrapThem}}
		}
	}
	return out, nil
}

func (w *Worker) versions(p keyring.Purpose) []keyring.Version {
	var out []keyring.Version
	for _, v := range w.cfg.Keys.Versions() {
		if v.Purpose == p {
			out = append(out, v)
		}
	}
	return out
}

func (w *Worker) originalNeeds(ctx context.Context) (map[uint32][]Need, error) {
	out := map[uint32][]Need{}
	all := w.versions(keyring.Original)
	if len(all) < 2 {
		return out, nil // the active one is needed anyhow: the trail need not be read
	}
	use, err := w.cfg.Journal.HashUse(ctx)
	if err != nil {
		return nil, err
	}
	for i, v := range all {
		until := w.cfg.Now()
		if i+1 < len(all) {
			until = all[i+1].Created.Add(time.Second) // times of keys are whole seconds
		}
		ids, keys, marks, err := w.cfg.Journal.HashedBefore(ctx, until)
		if err != nil {
			return nil, err
		}
		for _, n := range []Need{
			{"records with a hash of their original", use[v.Number], keepTrail}, {"message ids", ids, waitIDs},
			{"idempotency keys", keys, waitKeys}, {"marks of events", marks, waitMarks},
		} {
			if n.Count > 0 {
				out[v.Number] = append(out[v.Number], n)
			}
		}
	}
	return out, nil
}

// checkpointNeeds are the statements by which keys name who follows them, as
// far as they are not written yet: nobody else can sign them, and without one
// who holds an older public key can not come to trust the newer. What a key
// signed is verified with its public key, which stays.
func (w *Worker) checkpointNeeds(ctx context.Context) (map[uint32][]Need, error) {
	rows, err := w.cfg.Journal.Settings(ctx, journal.ScopeCheckpointKeys)
	if err != nil {
		return nil, fmt.Errorf("look up statements of checkpoint keys: %w", err)
	}
	out := map[uint32][]Need{}
	all := w.versions(keyring.Checkpoint)
	for i := 1; i < len(all); i++ {
		before, after := all[i-1], all[i]
		stated := slices.ContainsFunc(rows, func(s journal.Setting) bool { return s.Key == strconv.FormatUint(uint64(after.Number), 10) })
		if stated || after.State == keyring.Next || before.State == keyring.Destroyed {
			continue
		}
		need := Need{"statement that " + Name(keyring.Checkpoint, after.Number) + " follows, signed by both", 1, waitSigned}
		out[before.Number], out[after.Number] = append(out[before.Number], need), append(out[after.Number], need)
	}
	return out, nil
}

// AppNeeds is what the credentials of apps need of purpose app; operators are
// the counts of operators' keys by version.
func (w *Worker) AppNeeds(d *identity.Directory, operators map[uint32]int64) map[uint32][]Need {
	out := map[uint32][]Need{}
	all := w.versions(keyring.App)
	for i, v := range all {
		until := w.cfg.Now().Add(time.Second)
		if i+1 < len(all) {
			until = all[i+1].Created.Add(time.Second)
		}
		use := d.Hashed(v.Number, until)
		for _, n := range []Need{
			{"keys of apps", use.Keys, "each moves with its next use; give out new ones and revoke what is not used: postern app add, postern app revoke"},
			{"passwords of users", use.Users, "each moves with its next login; set anew what is not used: postern app add APP --user NAME"},
			{"logins of users", use.Tokens, waitTokens},
			{"keys of operators", operators[v.Number], "each moves with its next use; revoke what is not used: postern operator revoke"},
		} {
			if n.Count > 0 {
				out[v.Number] = append(out[v.Number], n)
			}
		}
	}
	return out
}
