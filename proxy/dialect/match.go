package dialect

import (
	"slices"
	"strings"
)

// place is a node of the tree of paths: the segments that may follow and the
// methods that are known here.
type place struct {
	next    map[string]*place // by the segment as written
	numeric *place            // a numeric id
	word    *place            // any plain segment
	rows    map[string]*Endpoint
}

// places are the trees of each dialect, built once from the table.
var places = plant(Endpoints())

func plant(table []Endpoint) map[Dialect]*place {
	out := map[Dialect]*place{}
	for i := range table {
		e := &table[i]
		if out[e.Dialect] == nil {
			out[e.Dialect] = &place{}
		}
		out[e.Dialect].at(split(e.Path)).add(e)
	}
	return out
}

// split gives the segments of a path, none of "/".
func split(path string) []string {
	if path == "/" {
		return nil
	}
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

var numericWords = []string{"{number}", "{waba}", "{node}", "{app}"}

// at is the place of a pattern, made where it is not there yet.
func (p *place) at(segments []string) *place {
	for _, s := range segments {
		var child **place
		switch {
		case slices.Contains(numericWords, s):
			child = &p.numeric
		case s[0] == '{':
			child = &p.word
		default:
			if p.next == nil {
				p.next = map[string]*place{}
			}
			if p.next[s] == nil {
				p.next[s] = &place{}
			}
			p = p.next[s]
			continue
		}
		if *child == nil {
			*child = &place{}
		}
		p = *child
	}
	return p
}

func (p *place) add(e *Endpoint) {
	if p.rows == nil {
		p.rows = map[string]*Endpoint{}
	}
	p.rows[e.Method] = e
}

// find follows a path; ids are what stands at its variable segments, as far as
// it could be followed. The word as written goes before an id, an id before
// any segment.
func (p *place) find(segments []string) (found *place, ids []string) {
	for _, s := range segments {
		written := p.next[s] != nil
		if p = p.step(s); p == nil {
			return nil, ids
		}
		if !written {
			ids = append(ids, s)
		}
	}
	if p == nil || p.rows == nil {
		return nil, ids
	}
	return p, ids
}

// step is the place one segment on, nil where there is none.
func (p *place) step(segment string) *place {
	switch {
	case p.next[segment] != nil:
		return p.next[segment]
	case p.numeric != nil && numericID(segment):
		return p.numeric
	}
	return p.word
}

// follow is how many segments of a path lead on.
func (p *place) follow(segments []string) int {
	for i, s := range segments {
		if p = p.step(s); p == nil {
			return i
		}
	}
	return len(segments)
}

// methods are those of a place that are served, in the usual order.
func (p *place) methods() []string {
	var out []string
	for _, m := range knownMethods {
		if e := p.rows[m]; e != nil && e.Name != "" {
			out = append(out, m)
		}
	}
	return out
}

var knownMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// take makes what a place has for the method the route's, or says why not.
func (r *Route) take(p *place, method string) {
	for _, e := range p.rows {
		r.Shared = e.Shared
	}
	r.Row = p.rows[method]
	switch e := r.Row; {
	case e != nil && e.Name != "":
		r.Name = e.Name
	case e != nil:
		r.Problem = e.problem()
	case !slices.Contains(knownMethods, method):
		r.Problem = &Problem{Kind: Method, Details: "This method is not known."}
	case len(p.methods()) == 0: // nothing is served here: the reason of any other method
		for _, m := range knownMethods {
			if e := p.rows[m]; e != nil {
				r.Problem = e.problem()
				return
			}
		}
	default:
		r.Problem = &Problem{Kind: Method, Details: "This method is not served at this path. Use " + strings.Join(p.methods(), " or ") + "."}
	}
}
