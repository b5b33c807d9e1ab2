package proxy

import (
	"encoding/base32"
	"fmt"
	"strings"
	"sync"

	"postern/crypto/keyring"
	"postern/policy"
	"postern/policy/pii"
)

// hasher makes the keyed hashes that redacted bodies may hold. Without a key
// the value is redacted instead.
type hasher struct{ keys *keyring.Keyring }

var hashText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Hash is the first 80 bits of the keyed hash, lower case Base32.
func (h hasher) Hash(kind string, value []byte) string {
	_, sum, err := h.keys.MAC(keyring.Original, []byte("pii"), []byte(kind), value)
	if err != nil {
		return ""
	}
	return strings.ToLower(hashText.EncodeToString(sum[:10]))
}

// treatment reads the operators of a decision.
func (g *Gate) treatment(sink pii.Sink, operators map[string]string) (pii.Treatment, error) {
	t, err := pii.NewTreatment(sink, operators, hasher{g.cfg.Keys})
	if err != nil {
		return t, fmt.Errorf("operators of the decision: %w", err)
	}
	return t, nil
}

// treatments are both that a decision obliges to: of what is kept, and of what
// leaves. Tokens may be nil.
func (g *Gate) treatments(o policy.Obligations, tokens pii.Tokenizer) (record, forward pii.Treatment, err error) {
	if record, err = g.treatment(pii.Record, o.Record); err != nil {
		return record, forward, err
	}
	if forward, err = g.treatment(pii.Forward, o.Forward); err != nil {
		return record, forward, err
	}
	record.Tokenizer, forward.Tokenizer = tokens, tokens
	pii.Apart(&record, &forward, g.cfg.Policy.Packs().Cards()...)
	return record, forward, nil
}

// redactJSON is the body of what policy does not judge, as the trail may keep it
// in the clear: everything found is redacted, unless operators say otherwise.
func (g *Gate) redactJSON(body []byte, operators map[string]string, country string) ([]byte, error) {
	t, err := g.treatment(pii.Record, operators)
	if err != nil {
		return nil, err
	}
	pii.Apart(&t, &t, g.cfg.Policy.Packs().Cards()...)
	return g.redact(body, t, pii.Hint{PeerCountry: country})
}

func (g *Gate) redact(body []byte, t pii.Treatment, hint pii.Hint) ([]byte, error) {
	out, err := g.scanner().Redact(body, hint, t)
	return out.Body, err
}

// plain is a word of an app's or upstream's as a clear column may hold it: what
// is found in it is redacted.
func (g *Gate) plain(word string) string {
	treated, _ := g.scanner().Treat(word, pii.Hint{}, pii.Treatment{}, nil, nil)
	return treated.Text
}

// withoutNeverStored is a text without card security codes, PINs and track
// data, which may not be kept in any form, sealed or not. All else stays.
func (g *Gate) withoutNeverStored(text, country, label string) (string, bool) {
	keep := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Keep}}
	treated, _ := g.scanner().TreatValue(text, pii.Hint{PeerCountry: country, Label: label}, keep, nil, nil)
	return treated.Text, treated.Changed
}

// lexicons holds the STOP and START words of the policy in force; it is built
// again when the policy changes.
type lexicons struct {
	mu       sync.Mutex
	revision string
	words    *pii.Lexicon
}

// Classes of words that a person may write.
const (
	wordStop  = "stop"
	wordStart = "start"
)

func (l *lexicons) get(e *policy.Engine) *pii.Lexicon {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rev := e.Revision(); l.words == nil || rev != l.revision {
		o := e.Settings().OptOut
		words, err := pii.NewLexicon(append(phrases(wordStop, o.Stop), phrases(wordStart, o.Start)...))
		if err != nil {
			// Settings were checked when they were loaded; a lexicon that can
			// not be built keeps the one before.
			words = l.words
		}
		l.words, l.revision = words, rev
	}
	return l.words
}

func phrases(class string, byLanguage map[string][]string) []pii.Phrase {
	var out []pii.Phrase
	for language, words := range byLanguage {
		for _, w := range words {
			out = append(out, pii.Phrase{Text: w, Class: class, Language: language})
		}
	}
	return out
}
