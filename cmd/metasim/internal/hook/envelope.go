// Package hook builds, signs and posts webhooks the way Meta does: the
// envelope of the 2026 shape, non-ASCII as lower-case \uXXXX, the signature
// over exactly those bytes, retries with growing delay. It fails by recording
// an attempt that was not answered 200, and gives up after a bounded number.
package hook

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Names of the lists a change of the field messages may hold.
const (
	Messages = "messages"
	Statuses = "statuses"
)

// Update is one thing the app is told.
type Update struct {
	Serial  int64          `json:"serial"`            // names the update in the state log
	ID      string         `json:"id,omitempty"`      // message it is about; updates of one message keep their order
	Account string         `json:"account"`           // WhatsApp business account id
	Field   string         `json:"field"`             // webhook field
	PhoneID string         `json:"phone_id,omitzero"` // business number, for the field messages
	Display string         `json:"display,omitzero"`  // its display form
	List    string         `json:"list,omitzero"`     // Messages or Statuses; empty when Item is the whole value
	Person  jsontext.Value `json:"person,omitempty"`  // entry of contacts beside the item
	Item    jsontext.Value `json:"item"`              // entry of the list, or the value
}

// group is what shares one change of the envelope.
type group struct {
	first   Update
	people  []jsontext.Value
	entries []jsontext.Value
}

func (g *group) holds(u Update) bool {
	return u.List != "" && g.first.List == u.List && g.first.Account == u.Account &&
		g.first.Field == u.Field && g.first.PhoneID == u.PhoneID
}

func (g *group) add(u Update) {
	g.entries = append(g.entries, u.Item)
	if u.Person == nil {
		return
	}
	for _, known := range g.people {
		if string(known) == string(u.Person) {
			return
		}
	}
	g.people = append(g.people, u.Person)
}

// groups puts neighbours of one list together and keeps the order.
func groups(updates []Update) []*group {
	var found []*group
	for _, u := range updates {
		if n := len(found); n == 0 || !found[n-1].holds(u) {
			found = append(found, &group{first: u})
		}
		found[len(found)-1].add(u)
	}
	return found
}

// Envelope returns the body of one POST with all the updates.
func Envelope(updates []Update, now time.Time) []byte {
	out := []byte(`{"object":"whatsapp_business_account","entry":[`)
	account := ""
	for i, g := range groups(updates) {
		if i > 0 && g.first.Account == account {
			out = append(out, ',')
		} else {
			if i > 0 {
				out = append(out, `]},`...)
			}
			account = g.first.Account
			out = openEntry(out, g.first, now)
		}
		out = g.change(out)
	}
	return Escape(append(out, `]}]}`...))
}

// openEntry writes the head of an entry; its time is absent for messages.
func openEntry(out []byte, u Update, now time.Time) []byte {
	out = append(out, `{"id":`...)
	out = strconv.AppendQuote(out, u.Account)
	if u.Field != "messages" {
		out = append(out, `,"time":`...)
		out = strconv.AppendInt(out, now.Unix(), 10)
	}
	return append(out, `,"changes":[`...)
}

func (g *group) change(out []byte) []byte {
	out = append(out, `{"field":`...)
	out = strconv.AppendQuote(out, g.first.Field)
	out = append(out, `,"value":`...)
	if g.first.List == "" {
		out = append(out, g.first.Item...)
		return append(out, '}')
	}
	out = append(out, `{"messaging_product":"whatsapp","metadata":{"display_phone_number":`...)
	out = strconv.AppendQuote(out, g.first.Display)
	out = append(out, `,"phone_number_id":`...)
	out = strconv.AppendQuote(out, g.first.PhoneID)
	out = append(out, '}')
	out = appendList(out, "contacts", g.people)
	out = appendList(out, g.first.List, g.entries)
	return append(out, `}}`...)
}

func appendList(out []byte, name string, entries []jsontext.Value) []byte {
	if len(entries) == 0 {
		return out
	}
	out = append(out, `,"`+name+`":[`...)
	for i, entry := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, entry...)
	}
	return append(out, ']')
}
