// Package thread puts the records about one person together as a conversation:
// what was written by either side as it is kept redacted, why it was let
// through or refused, and what became of it. It reads what a search answered
// ([journal.Search]), from whichever store, and shows nothing that is sealed.
//
// What was erased is named as erased. Holds, labels of lexicons and what names
// third parties (shared contacts, quoted senders) are left out. A body that
// does not parse is shown as its text; nothing here fails on what a record holds.
package thread

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Thread is one conversation, oldest first.
type Thread struct {
	Subject  string    `json:"subject"` // 32 hex digits
	Messages []Message `json:"messages"`
}

// Message is one thing that was said, or a consent that was given or taken back.
type Message struct {
	ID        string          `json:"id"`
	Seq       int64           `json:"seq"`
	Time      string          `json:"time"` // RFC 3339, UTC, microseconds
	Kind      string          `json:"kind"` // admission, inbound, unmatched_send, consent
	Tenant    string          `json:"tenant,omitempty"`
	Number    string          `json:"number,omitempty"` // phone number id of the business
	App       string          `json:"app,omitempty"`
	Actor     string          `json:"actor,omitempty"`
	Direction string          `json:"direction,omitempty"`
	Type      string          `json:"type"`
	Category  string          `json:"category,omitempty"`
	Template  string          `json:"template,omitempty"`
	Text      string          `json:"text,omitempty"`    // what a person reads, redacted
	Content   json.RawMessage `json:"content,omitempty"` // the type's object, redacted
	Files     []File          `json:"files,omitempty"`
	Erased    string          `json:"erased,omitempty"`   // what of it is gone
	Revised   string          `json:"revised,omitempty"`  // record that holds Text and Content since stricter packs took something out
	Withheld  string          `json:"withheld,omitempty"` // what is not shown, and why
	Changed   bool            `json:"changed,omitempty"`  // what left differs from what was asked
	Findings  string          `json:"findings,omitempty"`
	Decision  *Decision       `json:"decision,omitempty"`
	Outcomes  []Outcome       `json:"outcomes,omitempty"` // oldest first
}

// Decision is why a message was let through or refused.
type Decision struct {
	Effect   string   `json:"effect"`
	Reasons  []string `json:"reasons,omitempty"`
	Observed []string `json:"observed,omitempty"` // rules in observe mode that would have refused
	Policy   string   `json:"policy,omitempty"`   // revision
}

// Outcome is what became of a message: upstream's answer (settle), a status, or
// the delivery to the app.
type Outcome struct {
	Time   string `json:"time"`
	Kind   string `json:"kind"`
	Result string `json:"result"`
	Code   int64  `json:"code,omitempty"`
}

// File is a file of a message, by what its message says of it.
type File struct {
	Type string `json:"type"` // image, document, ...
	Name string `json:"name,omitempty"`
	Mime string `json:"mime,omitempty"`
	ID   string `json:"-"` // by which the message named it
}

// maxRecords bounds what one conversation is made of.
const maxRecords = 200_000

// ErrTooLong: narrow it by time.
var ErrTooLong = errors.New("the conversation has more than 200000 records: narrow it with a time")

// Collect asks page by page for everything that s finds, and gives the
// conversation and how many records it is made of.
func Collect(subject audit.SubjectID, s journal.Search, page func(journal.Search) (journal.Hits, error)) (Thread, int, error) {
	s.Subject, s.Limit = subject, journal.MaxHits
	var all []row
	for {
		hits, err := page(s)
		if err != nil {
			return Thread{}, 0, err
		}
		for _, values := range hits.Rows {
			all = append(all, row{hits.Columns, values})
		}
		if len(all) > maxRecords {
			return Thread{}, 0, ErrTooLong
		}
		if s.Before = hits.Next; hits.Next == 0 {
			break
		}
	}
	slices.Reverse(all)
	return build(subject, all), len(all), nil
}

// Of is the conversation of records that a store answered oldest first, in
// journal.SearchColumns.
func Of(subject audit.SubjectID, t journal.Table) Thread {
	all := make([]row, len(t.Rows))
	for i, values := range t.Rows {
		all[i] = row{t.Columns, values}
	}
	return build(subject, all)
}

// build groups records, oldest first: those that refer to a message are its
// outcomes.
func build(subject audit.SubjectID, all []row) Thread {
	t := Thread{Subject: subject.String(), Messages: []Message{}}
	of := map[string]int{} // message by the id of each of its records
	for _, r := range all {
		switch audit.Kind(r.text("kind")) {
		case audit.KindAdmission, audit.KindInbound, audit.KindUnmatchedSend, audit.KindConsent:
			of[r.text("id")] = len(t.Messages)
			t.Messages = append(t.Messages, r.message())
		case audit.KindSettle, audit.KindStatus, audit.KindDelivery:
			i, known := of[r.text("ref")]
			if !known {
				continue // of something that is no message, or that is gone
			}
			of[r.text("id")] = i // a delivery refers to its status
			t.Messages[i].Outcomes = append(t.Messages[i].Outcomes, Outcome{
				Time: instant(r.number("time")), Kind: r.text("kind"), Result: r.text("result"), Code: r.number("code"),
			})
		case audit.KindRevision:
			if i, known := of[r.text("ref")]; known {
				t.Messages[i].revise(r)
			}
		default: // looks into the trail, holds and whatever else is no conversation
		}
	}
	return t
}

// row is one record as a store answered it.
type row struct {
	columns []string
	values  []any
}

func (r row) value(name string) any {
	if i := slices.Index(r.columns, name); i >= 0 {
		return r.values[i]
	}
	return nil
}

func (r row) text(name string) string  { s, _ := r.value(name).(string); return s }
func (r row) number(name string) int64 { n, _ := r.value(name).(int64); return n }

func (r row) list(name string) []string {
	if s := r.text(name); s != "" {
		return strings.Split(s, ",")
	}
	return nil
}

func (r row) message() Message {
	m := Message{
		ID: r.text("id"), Seq: r.number("seq"), Time: instant(r.number("time")), Kind: r.text("kind"),
		Tenant: r.text("tenant"), Number: r.text("number"), App: r.text("app"), Direction: r.text("direction"),
		Type: r.text("type"), Category: r.text("category"), Template: r.text("template"),
		Changed: r.number("changed") == 1, Findings: r.text("findings"),
	}
	if m.Kind == string(audit.KindConsent) {
		m.Actor = r.text("actor")
	}
	if effect := r.text("effect"); effect != "" {
		m.Decision = &Decision{Effect: effect, Reasons: r.list("reasons"), Observed: r.list("observed"), Policy: r.text("revision")}
	}
	m.read(r.text("body"))
	if r.number("erased") == 1 {
		m.Erased = "what is kept sealed of it, or a part of that"
		if r.text("body") == "" {
			m.Erased = "its content"
		}
	}
	return m
}

// revise shows the body as a revision holds it.
func (m *Message) revise(r row) {
	body := r.text("body")
	if body == "" { // a later one holds it, or it is gone
		return
	}
	m.Text, m.Content, m.Files, m.Withheld = "", nil, nil, ""
	m.Erased, m.Revised = "", r.text("id")
	m.read(body)
}

func instant(micro int64) string {
	return time.UnixMicro(micro).UTC().Format("2006-01-02T15:04:05.000000Z")
}
