package dialect

import (
	"slices"
	"strings"
)

// place is one served or known path: its methods decide between the two.
type place struct {
	name    RouteName // "" for paths that are known and not offered
	methods []string
	later   []string // methods the API has and this version does not offer
	shared  bool
}

func served(name RouteName, methods ...string) place { return place{name: name, methods: methods} }

// onpremPlaces are the paths behind /v1/ of the On-Premises API,
// "*" stands for one segment.
var onpremPlaces = map[string]place{
	"messages":             served(RouteMessages, "POST"),
	"messages/*":           served(RouteMarkRead, "PUT"),
	"contacts":             served(RouteContacts, "POST"),
	"users/login":          served(RouteLogin, "POST"),
	"users/logout":         served(RouteLogout, "POST"),
	"settings/application": served(RouteSettings, "GET", "PATCH", "DELETE"),
	"health":               served(RouteHealth, "GET"),
}

// onpremLater are first segments of the On-Premises API that are not offered.
var onpremLater = []string{"users", "account", "contacts", "media", "settings", "certificates", "stats", "metrics",
	"support", "stickerpacks", "services", "groups", "messages"}

var d360v1Places = map[string]place{
	"messages":             served(RouteMessages, "POST"),
	"messages/*":           served(RouteMarkRead, "PUT"),
	"contacts":             served(RouteContacts, "POST"),
	"configs/webhook":      {name: RouteConfigWebhook, methods: []string{"GET", "POST"}, shared: true},
	"configs/phone_number": {name: RouteConfigPhone, methods: []string{"GET"}, shared: true},
	"configs/templates":    {name: RouteConfigTmpl, methods: []string{"GET"}, later: []string{"POST"}, shared: true},
	"health":               served(RouteHealth, "GET"),
	"configs/templates/*":  {shared: true},
	"media":                {},
	"media/*":              {},

	"settings/profile/about":    {},
	"settings/profile/photo":    {},
	"settings/business/profile": {},
}

var d360v2Places = map[string]place{
	"messages":                   served(RouteMessages, "POST", "PUT"),
	"health_status":              served(RouteHealthStatus, "GET"),
	"media":                      {},
	"waba_webhook":               {},
	"marketing_messages":         {},
	"whatsapp_business_profile":  {},
	"message_templates":          {},
	"block_users":                {},
	"whatsapp_business":          {},
	"whatsapp_commerce_settings": {},
}

// cloudPlaces are the edges of a node.
var cloudPlaces = map[string]place{
	"messages":          served(RouteMessages, "POST", "PUT"),
	"message_templates": {name: RouteTemplates, methods: []string{"GET"}, later: []string{"POST", "DELETE"}},
}

// cloudLater are edges of Graph that are not offered.
var cloudLater = []string{"media", "phone_numbers", "request_code", "verify_code", "register", "deregister", "settings",
	"whatsapp_business_profile", "username", "username_suggestions", "message_qrdls", "whatsapp_commerce_settings",
	"business_compliance_info", "whatsapp_business_encryption", "block_users", "subscribed_apps", "calls", "flows",
	"marketing_messages", "groups", "uploads", "unpause", "assets", "publish", "deprecate", "product_catalogs",
	"conversational_automation", "official_business_account", "call_permissions", "health_status", "compare"}

// find looks a path up: as it is, then with its last segment as an id.
func find(table map[string]place, segments []string) (place, string, bool) {
	if p, ok := table[strings.Join(segments, "/")]; ok {
		return p, "", true
	}
	last := len(segments) - 1
	if last < 1 {
		return place{}, "", false
	}
	p, ok := table[strings.Join(segments[:last], "/")+"/*"]
	return p, segments[last], ok
}

// take makes a place the route's, or says why it cannot be.
func (r *Route) take(p place, method string) {
	r.Shared = p.shared
	switch {
	case p.name == "", slices.Contains(p.later, method):
		r.Problem = notOffered()
	case slices.Contains(p.methods, method):
		r.Name = p.name
	case slices.Contains(knownMethods, method):
		r.Problem = &Problem{Kind: Method, Details: "This method is not served at this path. Use " + strings.Join(p.methods, " or ") + "."}
	default:
		r.Problem = &Problem{Kind: Method, Details: "This method is not known."}
	}
}

var knownMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

// flat reads the path behind /v1/ for the On-Premises API and 360dialog v1.
func (r *Route) flat(method string, segments []string) {
	table := onpremPlaces
	if r.Dialect == D360V1 {
		table = d360v1Places
	}
	if p, id, ok := find(table, segments); ok {
		r.ID = id
		r.take(p, method)
		return
	}
	switch {
	case r.Dialect == D360V1:
		r.Problem = &Problem{Kind: Blocked, Details: "This URL is blocked."}
	case len(segments) > 0 && slices.Contains(onpremLater, segments[0]):
		r.Problem = notOffered()
	default:
		r.Problem = notFound()
	}
}

func (r *Route) d360v2(method string, segments []string) {
	if p, ok := d360v2Places[segments[0]]; ok && (len(segments) == 1 || p.name == "") {
		r.take(p, method)
		return
	}
	if len(segments) == 1 && numericID(segments[0]) {
		r.Problem = notOffered() // media by id
		return
	}
	r.Problem = &Problem{Kind: Blocked, Details: "This URL is blocked."}
}

// cloud reads [/{version}]/{id}[/{edge}].
func (r *Route) cloud(method string, segments []string) {
	if graphVersion(segments[0]) {
		r.Version, segments = segments[0], segments[1:]
	}
	switch {
	case len(segments) == 0 || len(segments) > 2 || !numericID(segments[0]):
		r.Problem = notFound()
		if len(segments) > 0 && (segments[0] == "debug_token" || segments[0] == "me" || segments[0] == "oauth") {
			r.Problem = notOffered()
		}
		return
	case len(segments) == 1:
		r.ID = segments[0]
		r.take(place{name: RouteNode, methods: []string{"GET"}, later: []string{"POST", "DELETE"}}, method)
		return
	}
	r.ID = segments[0]
	if p, ok := cloudPlaces[segments[1]]; ok {
		r.take(p, method)
	} else if slices.Contains(cloudLater, segments[1]) {
		r.Problem = notOffered()
	} else {
		r.Problem = notFound()
	}
}
