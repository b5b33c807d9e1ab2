package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
)

// scopeKeystore holds what the journal knows of its keystore.
const scopeKeystore = "keystore"

// seen is the newest state of the keystore that the journal was written with:
// enough to tell that another file, or an older copy, stands in its place.
type seen struct {
	ID         string        `json:"id"`
	Generation uint64        `json:"generation"`
	Versions   []seenVersion `json:"versions"`
}

// seenVersion is one version of one key. Created tells it from a version of
// the same number that an older copy went on to make.
type seenVersion struct {
	Purpose   keyring.Purpose `json:"purpose"`
	Number    uint32          `json:"number"`
	Created   int64           `json:"created"` // Unix seconds
	Destroyed bool            `json:"destroyed,omitempty"`
}

func seenOf(k *keyring.Keyring) seen {
	s := seen{ID: k.ID(), Generation: k.Generation()}
	for _, v := range k.Versions() {
		s.Versions = append(s.Versions, seenVersion{v.Purpose, v.Number, v.Created.Unix(), v.State == keyring.Destroyed})
	}
	return s
}

// refuse says why now is not s or what came of it, and what to do.
func (s seen) refuse(now seen) error {
	if now.ID != s.ID {
		return fmt.Errorf("it is another keystore (id %s) than the journal was written with: restore the one with id %s, generation %d or later",
			now.ID, s.ID, s.Generation)
	}
	if now.Generation < s.Generation {
		return fmt.Errorf("it is an older copy (generation %d) than the journal was written with: restore the newer one, generation %d or later; this copy would seal again with what is used up, and lacks keys made since",
			now.Generation, s.Generation)
	}
	have := map[seenVersion]bool{}
	for _, v := range now.Versions {
		have[v] = true
	}
	for _, v := range s.Versions {
		gone := v
		gone.Destroyed = true
		if !have[v] && !have[gone] {
			return fmt.Errorf("it comes from an older copy: %s version %d, which the journal was written with, is not in it as it was; restore the one that has it",
				v.Purpose, v.Number)
		}
	}
	return nil
}

// readSeen gives what is noted; nil in a journal that has never been opened
// with a keystore by a release that takes notes.
func readSeen(ctx context.Context, j *journal.Journal) (*seen, []byte, error) {
	list, err := j.Settings(ctx, scopeKeystore)
	if err != nil {
		return nil, nil, fmt.Errorf("read what is known of the keystore: %w", err)
	}
	for _, row := range list {
		if row.Key != "seen" {
			continue
		}
		s := &seen{}
		if err := json.Unmarshal(row.Value, s); err != nil {
			return nil, nil, errors.New("what the journal knows of the keystore cannot be read: it was written by a newer release, or the journal is damaged (postern audit verify)")
		}
		return s, row.Value, nil
	}
	return nil, nil, nil
}

// NoteKeys makes the journal remember the keystore as it is now. The store does
// so by itself after each change; a caller that must be sure before it goes on
// calls it. A keystore that is older than what is remembered is refused.
func (s *Store) NoteKeys(ctx context.Context) error {
	s.noting.Lock()
	defer s.noting.Unlock()
	known, raw, err := readSeen(ctx, s.Journal)
	if err != nil {
		return err
	}
	now := seenOf(s.Keys)
	if known != nil {
		if err := known.refuse(now); err != nil {
			return fmt.Errorf("keystore: %w", err)
		}
	}
	value, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("describe the keystore: %w", err)
	}
	if bytes.Equal(value, raw) {
		return nil
	}
	err = s.Journal.Append(ctx, journal.Batch{Settings: []journal.Setting{
		{Scope: scopeKeystore, Key: "seen", Value: value, Time: s.now().UnixMicro()},
	}})
	if err != nil {
		return fmt.Errorf("note the keystore: %w", err)
	}
	return nil
}

// notePatience bounds how long one note may wait for the journal's queue.
const notePatience = 10 * time.Second

// followKeys notes the keystore after each change until Close. What could not
// be noted is tried again with the next change, by Close and at the next start.
func (s *Store) followKeys(ctx context.Context, onError func(error)) {
	defer close(s.followed)
	for {
		select {
		case <-s.stop:
			return
		case <-s.changed:
		}
		if err := s.noteSoon(ctx); err != nil && onError != nil {
			onError(err)
		}
	}
}

func (s *Store) noteSoon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, notePatience)
	defer cancel()
	return s.NoteKeys(ctx)
}
