package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/proxy/person"
)

// Names of costs that goals speak of.
const (
	sealing  = "seal and open 1 KB, key at hand"
	indexing = "blind index of a number"
)

// vault is a store of the benchmark's own: journal and keystore.
type vault struct {
	journal *journal.Journal
	keys    *keyring.Keyring
	late    *firstError
}

func openVault(ctx context.Context, dir string) (*vault, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	keys, err := keyring.Create(filepath.Join(dir, "keystore.json"), keyring.Config{Name: "bench", Now: time.Now})
	if err != nil {
		return nil, err
	}
	v := &vault{keys: keys, late: &firstError{}}
	v.journal, err = journal.Open(ctx, journal.Config{Path: dir, Chain: trailChain, Now: time.Now, OnError: v.late.keep})
	if err != nil {
		keys.Close()
		return nil, err
	}
	return v, nil
}

func (v *vault) close() error {
	err := errors.Join(v.journal.Close(), v.late.get())
	v.keys.Close()
	return err
}

// keyCosts measures what each message asks of the keyring.
func keyCosts(ctx context.Context, calls int, dir string) (_ []Cost, err error) {
	v, err := openVault(ctx, filepath.Join(dir, partKeys))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	scope := keyring.Scope{Subject: audit.NewSubjectID(), Class: "messages", Month: "2026-11"}
	wrapped, err := v.keys.NewDataKey(scope)
	if err != nil {
		return nil, err
	}
	key, err := v.keys.DataKey(wrapped, scope)
	if err != nil {
		return nil, err
	}
	record, text, kind, to := []byte("record 1"), randomBytes(1024), []byte("number"), []byte(number(0))
	seal, err := costOf(sealing, calls, func(int) error {
		sealed, err := key.Seal(record, text)
		if err == nil {
			_, err = key.Unseal(record, sealed)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	index, err := costOf(indexing, calls, func(int) error {
		_, _, err := v.keys.MAC(keyring.Index, kind, to)
		return err
	})
	return []Cost{seal, index}, err
}

// Rewrap is how fast data keys move to a new key-encryption key, made durable
// in steps, as "postern keys rewrap" does it where no gateway runs.
type Rewrap struct {
	Keys    float64 `json:"keys"`
	Filling float64 `json:"filled_keys_per_s"`
	Moved   float64 `json:"moved"`
	Stuck   float64 `json:"stuck"`
	Seconds float64 `json:"seconds"`
}

// perSecond is 0 where nothing was measured.
func (r *Rewrap) perSecond() float64 { return r.Moved / max(r.Seconds, 1e-9) }

func rewrap(ctx context.Context, o *options, dir string, say func(string)) (_ *Rewrap, err error) {
	v, err := openVault(ctx, filepath.Join(dir, partRewrap))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	out := &Rewrap{Keys: float64(o.DataKeys)}
	say(fmt.Sprintf("storing %d data keys", o.DataKeys))
	begin := time.Now()
	if err := v.store(ctx, o.DataKeys); err != nil {
		return nil, err
	}
	out.Filling = out.Keys / time.Since(begin).Seconds()
	people, err := person.Load(ctx, person.Config{
		Journal: v.journal, Keys: v.keys, Now: time.Now, Linked: func(string, audit.SubjectID, audit.SubjectID, bool) {},
	})
	if err != nil {
		return nil, err
	}
	w, err := rotation.Open(ctx, rotation.Config{Journal: v.journal, Keys: v.keys, People: people, Now: time.Now})
	if err != nil {
		return nil, err
	}
	if _, err := v.keys.Rotate(keyring.KEK); err != nil {
		return nil, err
	}
	return out, out.move(ctx, w, say)
}

// store puts random people's data keys into the journal, four months each.
func (v *vault) store(ctx context.Context, n int) error {
	const each, piece = 4, 4000
	var who audit.SubjectID
	for done := 0; done < n; {
		var b journal.Batch
		for ; done < n && len(b.DataKeys) < piece; done++ {
			if done%each == 0 {
				who = audit.NewSubjectID()
			}
			s := keyring.Scope{Subject: who, Class: "messages", Month: fmt.Sprintf("2026-%02d", 8+done%each)}
			wrapped, err := v.keys.NewDataKey(s)
			if err != nil {
				return err
			}
			b.DataKeys = append(b.DataKeys, journal.DataKey{Subject: who, Class: s.Class, Month: s.Month, Wrapped: wrapped})
		}
		if err := v.journal.Append(ctx, b); err != nil {
			return fmt.Errorf("store data keys: %w", err)
		}
	}
	return nil
}

// move does the work, and says from time to time how far it is.
func (r *Rewrap) move(ctx context.Context, w *rotation.Worker, say func(string)) error {
	begin := time.Now()
	w.Begin(keyring.KEK)
	ended := make(chan error, 1)
	go func() { ended <- w.Finish(ctx) }()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if k := w.Status()[0]; k.Total > 0 {
				say(fmt.Sprintf("rewrapping: %d of %d", k.Seen, k.Total))
			}
		case err := <-ended:
			k := w.Status()[0]
			r.Seconds, r.Moved, r.Stuck = time.Since(begin).Seconds(), float64(k.Moved), float64(k.Stuck)
			if err == nil && r.Moved != r.Keys {
				err = fmt.Errorf("rewrap: %.0f of %.0f data keys moved", r.Moved, r.Keys)
			}
			return err
		}
	}
}

func (r *Rewrap) print(p *page) {
	p.line("\nrewrap: %.0f data keys (stored with %.0f/s) in %s s, %.0f/s", r.Keys, r.Filling, num(r.Seconds), r.perSecond())
}
