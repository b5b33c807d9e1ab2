package person

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/message"
)

// scopeSuppression is the settings scope of the suppression list: who must not
// be sent to although everything else about them was erased. The key is a keyed
// hash of the identifier under its own purpose, "/" and the refusal's scope.
const scopeSuppression = "suppression"

// refusal is an entry of the suppression list.
type refusal struct {
	Version uint32          `json:"version"` // of the key of the hash
	Time    int64           `json:"time"`    // when the person refused, microseconds
	Record  audit.ID        `json:"record"`  // of the erasure that kept it
	Value   json.RawMessage `json:"value"`   // of the fact
}

var refusalScopes = []string{facts.ScopeAll, facts.ScopeMarketing}

// loadRefusals reads the suppression list.
func (d *Directory) loadRefusals(ctx context.Context) error {
	rows, err := d.cfg.Journal.Settings(ctx, scopeSuppression)
	if err != nil {
		return fmt.Errorf("load suppression list: %w", err)
	}
	for _, r := range rows {
		var v refusal
		if err := json.Unmarshal(r.Value, &v); err != nil {
			return fmt.Errorf("load suppression list: %w", err)
		}
		d.refusals[r.Key] = v
	}
	return nil
}

// listRefusals takes changes of the list into memory. It is called with mu held.
func (d *Directory) listRefusals(changes []journal.Setting) {
	for _, s := range changes {
		var v refusal
		if s.Value == nil || json.Unmarshal(s.Value, &v) != nil {
			delete(d.refusals, s.Key)
			continue
		}
		d.refusals[s.Key] = v
	}
}

// Suppressed counts the entries of the suppression list by the version of the
// key that finds them. They can not be moved to another one: whose they are is
// known only when the person comes back.
func (d *Directory) Suppressed() map[uint32]int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := map[uint32]int64{}
	for _, r := range d.refusals {
		out[r.Version]++
	}
	return out
}

// suppress gives a person who comes back the refusals that were kept. It is
// called with mu held, when an identifier joins a subject.
func (d *Directory) suppress(tenant string, id audit.SubjectID, p message.Party) error {
	if len(d.refusals) == 0 {
		return nil
	}
	var ids Identifiers
	ids.add(p)
	names, err := d.listed(tenant, ids)
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, scope := range refusalScopes {
			r, listed := d.refusals[name.text+"/"+scope]
			if !listed {
				continue
			}
			d.refused[id] = append(d.refused[id], journal.Fact{
				Tenant: tenant, Subject: id, Kind: facts.KindOptOut, Key: scope, Value: r.Value, Time: r.Time, Record: r.Record,
			})
			if d.cfg.Refused != nil {
				d.cfg.Refused(facts.Row{Tenant: tenant, Subject: facts.Subject(id), Kind: facts.KindOptOut, Key: scope, Value: r.Value, Time: r.Time})
			}
		}
	}
	return nil
}

// name is an identifier as the list has it.
type name struct {
	text    string
	version uint32
	active  bool
}

// listed are the names of identifiers under every version of the key.
func (d *Directory) listed(tenant string, ids Identifiers) ([]name, error) {
	var out []name
	add := func(kind, value string) error {
		sums, err := d.cfg.Keys.MACs(keyring.Suppression, []byte(tenant), []byte(kind), []byte(value))
		if err != nil {
			return fmt.Errorf("look up suppression list: %w", err)
		}
		for i, s := range sums {
			out = append(out, name{hex.EncodeToString(s.Sum[:16]), s.Version, i == 0})
		}
		return nil
	}
	for _, n := range ids.Numbers {
		if err := errors.Join(add(kindNumber, n), add(kindFamily, facts.Key(n))); err != nil {
			return nil, err
		}
	}
	for _, u := range ids.UserIDs {
		if err := add(kindUserID, u); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keepRefusals are the changes of the list that keep what a person refused, and
// how many entries stay; earlier ones that the person undid since go. It is
// called with mu held.
func (d *Directory) keepRefusals(ctx context.Context, f Forgotten) (changes []journal.Setting, kept int, err error) {
	refused, err := d.refusedBy(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	names, err := d.namesOf(ctx, f)
	if err != nil && len(refused) == 0 {
		return nil, 0, nil // nothing to keep: what does not open is destroyed all the same
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	done := map[string]bool{}
	for _, n := range names {
		for _, scope := range refusalScopes {
			key := n.text + "/" + scope
			value, err := n.entry(refused, scope)
			if err != nil {
				return nil, 0, err
			}
			if _, listed := d.refusals[key]; done[key] || value == nil && !listed {
				continue
			}
			done[key] = true
			changes = append(changes, journal.Setting{Scope: scopeSuppression, Key: key, Value: value, Time: d.cfg.Now().UnixMicro()})
			if value != nil {
				kept++
			}
		}
	}
	return changes, kept, nil
}

// entry is what the list is to have under a name, nil for nothing.
func (n name) entry(refused map[string]refusal, scope string) ([]byte, error) {
	r, out := refused[scope]
	if !out || !n.active {
		return nil, nil
	}
	r.Version = n.version
	value, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode refusal: %w", err)
	}
	return value, nil
}

// refusedBy is what a person refuses now, by scope.
func (d *Directory) refusedBy(ctx context.Context, f Forgotten) (map[string]refusal, error) {
	newest := map[string]refusal{}
	for _, id := range f.Subjects {
		known, err := d.cfg.Journal.FactsOf(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("look up refusals: %w", err)
		}
		for _, k := range append(known, d.refused[id]...) {
			if k.Kind != facts.KindOptOut || k.Tenant != f.Tenant {
				continue
			}
			if was, known := newest[k.Key]; !known || k.Time > was.Time || k.Time == was.Time && stands(k.Value) {
				newest[k.Key] = refusal{Time: k.Time, Record: f.Record, Value: k.Value}
			}
		}
	}
	for scope, r := range newest {
		if !stands(r.Value) {
			delete(newest, scope)
		}
	}
	return newest, nil
}

// stands reports whether the fact is a refusal and not what undoes one.
func stands(value []byte) bool { return !strings.Contains(string(value), `"state":"in"`) }

// namesOf are the names under which a person's refusals are listed.
func (d *Directory) namesOf(ctx context.Context, f Forgotten) ([]name, error) {
	var out []name
	for _, id := range f.Subjects {
		row, err := d.row(ctx, id)
		if err != nil {
			return nil, err
		}
		ids, err := d.openRow(ctx, row)
		if err != nil {
			return nil, err
		}
		names, err := d.listed(f.Tenant, ids)
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}
