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
	// Up is the path at upstream of a call that goes on under its own names, its
	// words as in Path; Query names the parameters that go with it.
	Up    string
	Query []string
	// Call is what policy knows a change as, "" for reads; As is what records
	// call it, Call with the method where it is empty.
	Call, As string
	// Takes names the properties that a change may hold, nil leaves that to
	// upstream. Denied are refused with their reason, Hidden are values that no
	// record holds: secrets, and who a person is.
	Takes  []string
	Denied map[string]string
	Hidden []string
	// Drops names members that no answer shows. Own answers list the app's own
	// numbers alone.
	Drops []string
	Own   bool
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

// Calls that change a business number or account, by the names that policy
// knows them by.
const (
	CallBackup       = "backup"       // what an On-Premises app set for itself, carried away or brought back
	CallBlock        = "block"        // people who may not write to the business
	CallCertificate  = "certificate"  // certificates that apps' webhooks are trusted by
	CallCommerce     = "commerce"     // catalogue and cart
	CallCompliance   = "compliance"   // legal details of the business
	CallEncryption   = "encryption"   // public key of flows
	CallFlow         = "flow"         // flows and their assets
	CallIdentity     = "identity"     // a person's identity, confirmed
	CallNumber       = "number"       // settings of the number
	CallPIN          = "pin"          // two-step verification
	CallProvider     = "provider"     // credentials for hosts of files
	CallProfile      = "profile"      // what people see of the business
	CallQRCode       = "qr_code"      // short links
	CallRegister     = "register"     // codes, registration and its end
	CallSubscription = "subscription" // webhooks of the account, and where an app's events go
	CallTemplate     = "template"     // templates
	CallUpload       = "upload"       // files for profile and templates
	CallUsername     = "username"     // the business's username
)

const marketingNote = "marketing templates, judged and sent like a message"

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

// relayed lists methods of a path that go on to upstream under their own names;
// call is what policy knows their changes as.
func relayed(d Dialect, path, up, call, note string, query []string, methods ...string) []Endpoint {
	out := rows(d, path, Served, RouteRelay, note, methods...)
	for i := range out {
		out[i].Up, out[i].Query = up, query
		if out[i].Method != "GET" {
			out[i].Call = call
		}
	}
	return out
}

// decided marks changes that the gateway makes itself with what policy knows
// them as.
func decided(call string, in []Endpoint) []Endpoint {
	for i := range in {
		in[i].Call = call
	}
	return in
}

// with gives rows what e says of their changes and answers.
func with(in []Endpoint, e Endpoint) []Endpoint {
	for i := range in {
		in[i].Drops, in[i].Own = e.Drops, e.Own
		if in[i].Method != "GET" {
			in[i].As, in[i].Takes, in[i].Denied, in[i].Hidden = e.As, e.Takes, e.Denied, e.Hidden
		}
	}
	return in
}

// servedBy gives rows another handler than the one that made them has.
func servedBy(name RouteName, in []Endpoint) []Endpoint {
	for i := range in {
		in[i].Name = name
	}
	return in
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
