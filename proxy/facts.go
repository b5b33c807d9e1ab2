package proxy

import (
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy/message"
	"postern/proxy/person"
)

// lookup is what policy may know of a person and a number.
func (g *Gate) lookup(tenant, number string, who person.Person, category string, now time.Time) policy.Facts {
	return g.cfg.Facts.Lookup(facts.Query{
		Tenant: tenant, Number: number, Subject: facts.Subject(who.Subject), Category: category,
		Now: now.Unix(),
	})
}

// factsOf is what is known of the recipient at this moment.
func (g *Gate) factsOf(m *matter) policy.Facts {
	return g.lookup(m.account.Tenant, m.req.Number, m.who, m.input.Message.Category, g.cfg.Now())
}

// localTimes are the candidate local times of a person: the stored zone wins
// over those of the number.
func (g *Gate) localTimes(tenant string, who person.Person, now time.Time) []policy.Local {
	return facts.LocalTimes(now, g.cfg.Facts.Zone(tenant, facts.Subject(who.Subject)), who.Zones)
}

// useOf is how a message uses a template, as facts compares it.
func useOf(t *message.TemplateUse) facts.Use {
	u := facts.Use{Name: t.Name, Language: t.Language, Components: make([]facts.Component, 0, len(t.Components))}
	for _, c := range t.Components {
		u.Components = append(u.Components, facts.Component(c))
	}
	return u
}

// factRow is a fact as the journal keeps it.
func factRow(r facts.Row, record audit.ID) journal.Fact {
	return journal.Fact{
		Tenant: r.Tenant, Subject: audit.SubjectID(r.Subject), Kind: r.Kind, Key: r.Key, Value: r.Value,
		Time: r.Time, Until: r.Until, Record: record,
	}
}

// FactRow is the inverse: a stored fact as memory takes it.
func FactRow(f journal.Fact) facts.Row {
	return facts.Row{
		Tenant: f.Tenant, Subject: facts.Subject(f.Subject), Kind: f.Kind, Key: f.Key, Value: f.Value, Time: f.Time, Until: f.Until,
	}
}

// AddFacts puts facts into a batch; memory changes once the batch is durable.
// A fact older than what is known is left out: a webhook that was late by
// hours does not undo a stop.
func AddFacts(b *journal.Batch, state *facts.State, record audit.ID, rows ...facts.Row) {
	rows = slices.DeleteFunc(rows, state.Stale)
	for _, r := range rows {
		b.Facts = append(b.Facts, factRow(r, record))
	}
	b.OnCommit(func() {
		for _, r := range rows {
			// Rows are made by typed constructors: one that does not apply
			// would be a defect of ours, and the stored row shows it at start.
			_ = state.Apply(r) //nolint:errcheck // see above
		}
	})
}
