package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// RedactPacks are packs as pack.Load takes them, with the operators of settings
// for the record, by type or entity, over which their rules are laid.
type RedactPacks struct {
	Files    map[string]string `json:"files"` // packs, lexicons and their lists, by path
	Packs    []string          `json:"packs"`
	Lexicons []string          `json:"lexicons,omitempty"`
	Record   map[string]string `json:"record,omitempty"`
}

// packed is what packs make of a body that is on record.
type packed struct {
	scanner  *pii.Scanner
	treat    pii.Treatment
	original pack.Original
}

// load finds by the packs, and treats for the record by their rules and the
// operators, of which the strictest counts.
func (p *RedactPacks) load(countries []string) (packed, error) {
	files := make(map[string][]byte, len(p.Files))
	for name, text := range p.Files {
		files[name] = []byte(text)
	}
	if len(p.Packs) == 0 {
		return packed{}, fmt.Errorf("name a pack with --pack")
	}
	set, err := pack.Load(files, pack.Use{Packs: p.Packs, Lexicons: p.Lexicons})
	if err != nil {
		return packed{}, err
	}
	scanner, err := pii.New(set.Config(countries...))
	if err != nil {
		return packed{}, err
	}
	// Without a hasher hashes are labels: no card is shown in part beside its hash.
	t, err := pii.NewTreatment(pii.Record, set.Operators(p.Record, pack.Way{Sink: pii.Record}), nil)
	return packed{scanner, t, set.Original()}, err
}

// revision names the packs: the same for the same content.
func (p *RedactPacks) revision() (string, error) {
	raw, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("encode packs: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
