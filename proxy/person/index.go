package person

import (
	"fmt"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/message"
)

// hashes are the blind indexes of one party.
type hashes struct {
	epoch  uint32
	lookup []hash // number, user id, as far as given
	kinds  []string
	family hash // of the number's normal form; zero without number
}

// hashes computes them under the active index key.
func (d *Directory) hashes(tenant string, p message.Party) (hashes, error) {
	var out hashes
	add := func(kind, value string) (hash, error) {
		version, sum, err := d.cfg.Keys.MAC(keyring.Index, []byte(tenant), []byte(kind), []byte(value))
		if err != nil {
			return hash{}, fmt.Errorf("index identifier: %w", err)
		}
		out.epoch = version
		return hash(sum[:16]), nil
	}
	if p.Number == "" && p.UserID == "" {
		return out, ErrNobody
	}
	if p.Number != "" {
		h, err := add(kindNumber, p.Number)
		if err != nil {
			return out, err
		}
		if out.family, err = add(kindFamily, facts.Key(p.Number)); err != nil {
			return out, err
		}
		out.lookup, out.kinds = append(out.lookup, h), append(out.kinds, kindNumber)
	}
	if p.UserID != "" {
		h, err := add(kindUserID, p.UserID)
		if err != nil {
			return out, err
		}
		out.lookup, out.kinds = append(out.lookup, h), append(out.kinds, kindUserID)
	}
	return out, nil
}

// entries are the index rows that make the party findable.
func (h hashes) entries(now time.Time) []journal.IndexEntry {
	out := make([]journal.IndexEntry, 0, len(h.lookup)+1)
	for i, x := range h.lookup {
		out = append(out, journal.IndexEntry{Epoch: h.epoch, Hash: x, Kind: h.kinds[i], From: now.UnixMicro()})
	}
	if h.family != (hash{}) {
		out = append(out, journal.IndexEntry{Epoch: h.epoch, Hash: h.family, Kind: kindFamily, From: now.UnixMicro()})
	}
	return out
}
