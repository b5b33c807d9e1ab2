package person

import (
	"fmt"
	"slices"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/message"
)

// hashes are the blind indexes of one party under every epoch of the index key
// that verifies, the active one first.
type hashes struct {
	epoch    uint32   // the active one
	lookup   [][]hash // number, user id, as far as given
	kinds    []string
	families []hash // of the number's normal form; none without number
	normal   string // that form
}

// hashes computes them. Between two identifiers the key may be rotated: the
// whole is then done again, so that one epoch is the active one of all.
func (d *Directory) hashes(tenant string, p message.Party) (hashes, error) {
	for {
		h, same, err := d.hashesOnce(tenant, p)
		if same || err != nil {
			return h, err
		}
	}
}

func (d *Directory) hashesOnce(tenant string, p message.Party) (out hashes, same bool, err error) {
	same = true
	add := func(kind, value string) []hash {
		all, failed := d.sums(tenant, kind, value)
		if failed != nil {
			err = failed
			return nil
		}
		same = same && (out.epoch == 0 || out.epoch == all[0].Version)
		out.epoch = all[0].Version
		return truncated(all)
	}
	if p.Number == "" && p.UserID == "" {
		return out, true, ErrNobody
	}
	if p.Number != "" {
		out.lookup, out.kinds = append(out.lookup, add(kindNumber, p.Number)), append(out.kinds, kindNumber)
		out.normal = facts.Key(p.Number)
		out.families = add(kindFamily, out.normal)
	}
	if p.UserID != "" {
		out.lookup, out.kinds = append(out.lookup, add(kindUserID, p.UserID)), append(out.kinds, kindUserID)
	}
	return out, same, err
}

// sums is the blind index of one identifier, active epoch first.
func (d *Directory) sums(tenant, kind, value string) ([]keyring.VersionedMAC, error) {
	sums, err := d.cfg.Keys.MACs(keyring.Index, []byte(tenant), []byte(kind), []byte(value))
	if err != nil {
		return nil, fmt.Errorf("index identifier: %w", err)
	}
	return sums, nil
}

func truncated(sums []keyring.VersionedMAC) []hash {
	out := make([]hash, len(sums))
	for i, s := range sums {
		out[i] = hash(s.Sum[:16])
	}
	return out
}

// addTo puts the index entries that make the party findable to those there are.
func (h hashes) addTo(entries []journal.IndexEntry, now time.Time) []journal.IndexEntry {
	add := func(x hash, kind string) {
		known := func(e journal.IndexEntry) bool { return e.Until == 0 && e.Hash == x }
		if !slices.ContainsFunc(entries, known) {
			entries = append(entries, journal.IndexEntry{Epoch: h.epoch, Hash: x, Kind: kind, From: now.UnixMicro()})
		}
	}
	for i, versions := range h.lookup {
		add(versions[0], h.kinds[i])
	}
	if len(h.families) > 0 {
		add(h.families[0], kindFamily)
	}
	return entries
}
