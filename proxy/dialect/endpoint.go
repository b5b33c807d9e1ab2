package dialect

// Endpoint is one row of the routing table: a method at a path of one API
// family and what becomes of it. Whatever has no row is not part of that API.
type Endpoint struct {
	Dialect Dialect
	Method  string
	// Path has a word in braces for each variable segment: {number}, {waba},
	// {node} and {app} are numeric ids, any other word is plain characters.
	Path  string
	State State
	Name  RouteName // what serves it; "" where it is refused
	// Note says where the answer comes from or, where it is refused, why: it
	// is then what the caller reads.
	Note string
	// Shared paths belong to both 360dialog dialects; the key decides.
	Shared bool
}

// State is how an endpoint is answered. The zero value is refused.
type State string

// States of an endpoint.
const (
	Served   State = "served"   // upstream does it
	Emulated State = "emulated" // the gateway does it, since upstream has no such thing
	Stub     State = "stub"     // accepted and recorded as such, without effect
	Refused  State = "refused"  // the dialect's error says why
)

// later marks what is not built yet.
const later = "This call is known to the API but not offered by this version of the gateway."

// Endpoints is the routing table, in the order of ENDPOINTS.md.
func Endpoints() []Endpoint {
	var out []Endpoint
	for _, table := range [][]Endpoint{onpremEndpoints, d360v1Endpoints, d360v2Endpoints, cloudEndpoints} {
		out = append(out, table...)
	}
	return out
}

// problem is why an endpoint is refused.
func (e *Endpoint) problem() *Problem {
	return &Problem{Kind: Unsupported, Details: e.Note}
}

// rows lists methods of one path that share everything else.
func rows(d Dialect, path string, state State, name RouteName, note string, methods ...string) []Endpoint {
	var out []Endpoint
	for _, m := range methods {
		out = append(out, Endpoint{Dialect: d, Method: m, Path: path, State: state, Name: name, Note: note})
	}
	return out
}

// shared marks rows whose path the other version of 360dialog has, too.
func shared(in []Endpoint) []Endpoint {
	for i := range in {
		in[i].Shared = true
	}
	return in
}

func join(groups ...[]Endpoint) []Endpoint {
	var out []Endpoint
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}
