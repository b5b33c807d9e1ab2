package person

import (
	"strings"

	"postern/audit"
	"postern/policy/facts"
	"postern/proxy/message"
)

// places remembers where people may be. There are few places and many people:
// each place is kept once.
type places struct {
	of    map[audit.SubjectID]uint32 // index into known
	known []place
	index map[string]uint32 // by country, zones and exactness
}

// place is where a person may be: exact if a number told, else the country that
// the user id begins with.
type place struct {
	facts.Place
	exact bool
}

func newPlaces() places {
	return places{of: map[audit.SubjectID]uint32{}, index: map[string]uint32{}}
}

// get is the zero place for a person not located yet.
func (p *places) get(id audit.SubjectID) place {
	i, ok := p.of[id]
	if !ok {
		return place{}
	}
	return p.known[i]
}

func (p *places) set(id audit.SubjectID, at place) {
	key := at.Country + "\x00" + strings.Join(at.Zones, "\x00")
	if at.exact {
		key += "\x00exact"
	}
	i, ok := p.index[key]
	if !ok {
		i = uint32(len(p.known)) //nolint:gosec // some hundreds at most
		p.known = append(p.known, at)
		p.index[key] = i
	}
	p.of[id] = i
}

// placed reports whether nothing more can be learned from the party.
func (p *places) placed(id audit.SubjectID, party message.Party) bool {
	_, known := p.of[id]
	return known && (party.Number == "" || p.get(id).exact)
}

// locate notes where the person may be.
func (p *places) locate(id audit.SubjectID, party message.Party) {
	_, known := p.of[id]
	switch {
	case p.get(id).exact:
	case party.Number != "":
		p.set(id, place{Place: facts.PlaceOf(party.Number), exact: true})
	case !known:
		country := facts.CountryOfUserID(party.UserID)
		p.set(id, place{Place: facts.Place{Country: country, Zones: facts.ZonesOfCountry(country)}})
	}
}
