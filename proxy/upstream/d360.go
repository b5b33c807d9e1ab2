package upstream

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// d360 is 360dialog's Cloud hosting (whatsapp.md 2.5): Meta's calls without the
// ids of number and account, which the key says, and templates in a list of its
// own. What its documentation does not name is blocked there with 403, so that
// it is not asked for here.
type d360 struct {
	D360
	client *http.Client
	misses *misses
}

// D360Webhook is the edge of a number where 360dialog keeps the address of its
// webhooks. Meta has no such call.
const D360Webhook = "v1/configs/webhook"

// numberCalls are the calls of a business number that are the same without its
// id (360DOCS, Messaging API reference; for the profile "WABA profile info").
var numberCalls = map[string][]string{
	"messages":                     {http.MethodPost},
	"marketing_messages":           {http.MethodPost},
	"media":                        {http.MethodPost},
	"whatsapp_business_profile":    {http.MethodGet, http.MethodPost},
	"whatsapp_commerce_settings":   {http.MethodGet, http.MethodPost},
	"whatsapp_business_encryption": {http.MethodGet, http.MethodPost},
	"business_compliance_info":     {http.MethodGet, http.MethodPost},
	"block_users":                  {http.MethodGet, http.MethodPost, http.MethodDelete},
	D360Webhook:                    {http.MethodGet, http.MethodPost},
}

func (d d360) route(method, path string) (call, error) {
	path, rawQuery, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return call{}, blocked(method, path)
	}
	node, edge, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	_, ours := d.Keys[node]
	switch {
	case ours && slices.Contains(numberCalls[edge], method):
		return d.call(node, method, "/"+edge, rawQuery, d360Answer), nil
	case ours && edge == "" && method == http.MethodGet:
		return d.call(node, method, "/health_status", "", numberNode(node)), nil
	case ours:
		return call{}, blocked(method, edge)
	case edge == "message_templates":
		return d.templates(method, query)
	case edge == "" && method == http.MethodGet && query.Get("fields") == "message_template_namespace":
		return d.call(d.any(), method, templatesPath, "limit=1", namespaceNode(node)), nil
	case edge == "" && query.Has("phone_number_id") && (method == http.MethodGet || method == http.MethodDelete):
		if number := query.Get("phone_number_id"); d.Keys[number] != "" {
			return d.media(number, method, node), nil
		}
		return call{}, errCredential
	}
	return call{}, blocked(method, edge)
}

// call is a call with the key of a number.
func (d d360) call(number, method, path, query string, read func(Answer) Answer) call {
	if query != "" {
		path += "?" + query
	}
	key := d.Keys[number]
	return call{
		method: method, url: d.BaseURL + path, client: d.client, read: read,
		sign: func(h http.Header) { h.Set("D360-API-KEY", key) },
	}
}

// any is the number whose key asks about the account: the credential's own
// number, else always the same.
func (d d360) any() string {
	if d.number != "" {
		return d.number
	}
	var first string
	for number := range d.Keys {
		if first == "" || number < first {
			first = number
		}
	}
	return first
}

// attachments is where Meta's links to files lead, on its own host.
const attachments = "/whatsapp_business/attachments"

// file asks 360dialog for a file: the path and query of the link that Meta made,
// at 360dialog's host (360DOCS, Media). Whatever host the link names is not
// asked.
func (d d360) file(link string) (call, error) {
	u, err := url.Parse(link)
	if err != nil || strings.TrimSuffix(u.Path, "/") != attachments || d.Keys[d.number] == "" {
		return call{}, ErrForeign
	}
	return d.call(d.number, http.MethodGet, attachments+"/", u.RawQuery, d360Answer), nil
}

// blocked is why a call is not made.
func blocked(method, edge string) *Blocked {
	if method == http.MethodPost && edge == "" {
		return &Blocked{"360dialog keeps PINs itself and has no call that edits a template; use its Hub."}
	}
	if r, ok := blockedReasons[edge]; ok {
		return &Blocked{r}
	}
	return &Blocked{"This number is connected through 360dialog, whose API has no such call."}
}

var blockedReasons = map[string]string{
	"request_code":  noRegistration,
	"verify_code":   noRegistration,
	"register":      noRegistration,
	"deregister":    noRegistration,
	"":              noNode,
	"phone_numbers": "360dialog's API lists no numbers; its Hub does.",
}

const (
	noRegistration = "This number is registered by 360dialog; use its Hub."
	noHandles      = "Profile photos and files of templates are uploaded in 360dialog's Hub."
	noNode         = "360dialog's API does not show this object; use its Hub."
)
