package dialect

import (
	"strconv"
	"strings"
)

// RouteName names what a path is for.
type RouteName string

// Routes that are served.
const (
	RouteMessages      RouteName = "messages"   // send; Cloud and v2 also mark as read
	RouteMarkRead      RouteName = "mark_read"  // PUT /v1/messages/{id}
	RouteContacts      RouteName = "contacts"   // contact check
	RouteLogin         RouteName = "login"      // POST /v1/users/login
	RouteLogout        RouteName = "logout"     // POST /v1/users/logout
	RouteUsers         RouteName = "users"      // POST /v1/users; GET, PUT, DELETE /v1/users/{name}
	RouteWebhookCA     RouteName = "webhook_ca" // GET, POST, DELETE /v1/certificates/webhooks/ca
	RouteSettings      RouteName = "settings"   // GET, PATCH, DELETE /v1/settings/application
	RouteBackup        RouteName = "settings_backup"
	RouteRestore       RouteName = "settings_restore"
	RouteIdentity      RouteName = "contact_identity"
	RouteProviders     RouteName = "media_providers"
	RouteHealth        RouteName = "health"         // GET /v1/health
	RouteConfigWebhook RouteName = "config_webhook" // GET, POST /v1/configs/webhook
	RouteConfigPhone   RouteName = "config_phone"   // GET /v1/configs/phone_number
	RouteConfigTmpl    RouteName = "config_templates"
	RouteTemplates     RouteName = "templates" // GET, POST, DELETE /{waba}/message_templates
	RouteTemplate      RouteName = "template"  // one template by its id: its edit, unpause, compare
	RouteNode          RouteName = "node"      // GET /{id}: a phone number node, later media
	RouteUpload        RouteName = "media_upload"
	RouteMedia         RouteName = "media"      // a file by its id
	RouteFile          RouteName = "media_file" // its bytes, by the link of its node
	RouteAbout         RouteName = "profile_about"
	RoutePhoto         RouteName = "profile_photo"
	RouteBusiness      RouteName = "profile_business"
	RouteTwoStep       RouteName = "two_step"
	RouteAccount       RouteName = "account"
	RouteVerify        RouteName = "account_verify"
	RouteStats         RouteName = "stats"   // what an app did, and what waits
	RouteMetrics       RouteName = "metrics" // how its calls were answered
	RouteSupport       RouteName = "support"
	RouteStub          RouteName = "stub" // accepted, on record as such, without effect
	// RouteMarketing and RouteAccountHook are the send of marketing templates
	// alone and the webhook for all numbers of an app.
	RouteMarketing     RouteName = "marketing_messages"
	RouteAccountHook   RouteName = "waba_webhook"
	RouteUploads       RouteName = "uploads"        // POST /{app}/uploads: an upload for a template or profile is announced
	RouteSession       RouteName = "upload_session" // and comes
	RouteSubscriptions RouteName = "subscribed_apps"
	RouteRelay         RouteName = "relay" // goes on to upstream under its own names
)

// Route is what a method and path mean. Problem is set instead of Name when
// nothing is served there: Unsupported for what the API has and this gateway
// refuses, Blocked for 360dialog's closed paths, Method, NotFound. Dialect is
// always set, so that the refusal has the right shape.
type Route struct {
	Name    RouteName
	Dialect Dialect
	// Shared paths belong to both 360dialog dialects, or to none; the key decides.
	Shared  bool
	Version string // "v23.0", "" without
	ID      string // first variable segment: phone number id, WABA id, node id, message id ...
	Sub     string // second variable segment
	Problem *Problem
	Row     *Endpoint // of the table, nil where there is none
}

// MaxID bounds numeric ids in paths: they pass through clients whose numbers
// are exact only up to 2^53.
const MaxID = 1 << 53

// Detect finds the route of a request. path is the escaped path as it arrived,
// after CleanPath; anything but plain characters in it is refused. hasKey says
// that the request carries a D360-API-KEY header.
func Detect(method, path string, hasKey bool) Route {
	r := Route{Dialect: family(path, hasKey)}
	if path != "/" && !plainPath(path) {
		r.Problem, r.Shared = notFound(), true
		return r
	}
	segments := split(path)
	if r.Dialect == Cloud && len(segments) > 0 && graphVersion(segments[0]) {
		r.Version, segments = segments[0], segments[1:]
	}
	if r.Dialect == Cloud {
		segments = r.session(segments)
	}
	found, ids := places[r.Dialect].find(segments)
	r.name(ids)
	switch {
	case found != nil:
		r.take(found, method)
	case r.Dialect == D360V1 || r.Dialect == D360V2:
		r.Problem = &Problem{Kind: Blocked, Details: "This URL is blocked."}
	default:
		r.Problem = notFound()
	}
	return r
}

func (r *Route) name(ids []string) {
	if len(ids) > 0 {
		r.ID = ids[0]
	}
	if len(ids) > 1 {
		r.Sub = ids[1]
	}
}

// family is the dialect by the first segment and the key header alone: /v1 has
// no dot in the old dialects, Graph versions always have one.
func family(path string, hasKey bool) Dialect {
	old := path == "/v1" || strings.HasPrefix(path, "/v1/") || path == MetricsPath && !hasKey
	switch {
	case old && hasKey:
		return D360V1
	case old:
		return OnPrem
	case hasKey:
		return D360V2
	}
	return Cloud
}

// MetricsPath is where the old client's web server told its figures, beside the
// version that its other paths begin with.
const MetricsPath = "/metrics"

// Nameless is the dialect in which a request that shows no credential is
// refused: 360dialog's where no other has the path, or as much of it.
func Nameless(path string) Dialect {
	d := family(path, false)
	segments := split(path)
	if d == Cloud && len(segments) > 0 && graphVersion(segments[0]) {
		return d
	}
	if found, _ := places[d].find(segments); found != nil {
		return d
	}
	keyed := family(path, true)
	if found, _ := places[keyed].find(segments); found != nil || places[keyed].follow(segments) > places[d].follow(segments) {
		return keyed
	}
	return d
}

// AttachmentsPath is where links to files lead, at 360dialog with a slash
// behind it.
const AttachmentsPath = "/whatsapp_business/attachments"

// Loose reports whether a canonical path may be written in those forms; that of a
// version alone is where Graph's clients send batches.
func Loose(path string) bool {
	return strings.HasPrefix(path, "/v1/") || path == AttachmentsPath || len(path) > 1 && graphVersion(path[1:])
}

// CleanPath maps the two harmless forms old clients use, a trailing slash and
// doubled slashes behind /v1/, to the canonical path. Everything else is given
// back as it came.
func CleanPath(path string) string {
	if path == AttachmentsPath+"/" {
		return AttachmentsPath
	}
	if !strings.HasPrefix(path, "/v1/") {
		return path
	}
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > len("/v1/") {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

// plainPath reports a path without escapes, empty or dotted segments, and
// anything that two parsers could read differently.
func plainPath(path string) bool {
	if len(path) < 2 || len(path) > 512 || path[0] != '/' {
		return false
	}
	for _, s := range strings.Split(path[1:], "/") {
		if s == "" || strings.Trim(s, ".") == "" {
			return false
		}
		for _, c := range []byte(strings.TrimPrefix(s, SessionPrefix)) {
			if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
				return false
			}
		}
	}
	return true
}

// numericID reports a path id: digits, no leading zero, below 2^53.
func numericID(s string) bool {
	v, err := strconv.ParseUint(s, 10, 64)
	return err == nil && v > 0 && v < MaxID && s[0] != '0' && s[0] != '+'
}

// graphVersion reports "v" number "." number.
func graphVersion(s string) bool {
	major, minor, ok := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	return ok && s[0] == 'v' && len(s) <= 8 && digits(major) && digits(minor)
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func notFound() *Problem {
	return &Problem{Kind: NotFound, Details: "There is nothing at this path."}
}
