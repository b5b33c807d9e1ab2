package export

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/audit"
)

// Filter says which records become events and what of them is in an event. The
// zero value takes every record with DefaultFields.
type Filter struct {
	Fields  []string // beside what every event has; nil: DefaultFields
	Payload bool     // the redacted body, too
	Tenants []string // records of these only; nil: all
	Kinds   []string // kinds of record; nil: all
}

// field is a member of an event that a Filter can ask for, in the order of the
// event. Names and forms are those of the leaf (../FORMAT.md, section 3).
type field struct {
	name     string
	ordinary bool // in DefaultFields: nothing about one person
	large    bool // left out first where a receiver takes no event of that size
	write    func(e *encoder, r *audit.Record)
}

// fields leave out the sealed parts: no configuration lets them out.
var fields = []field{
	{"ref", true, false, func(e *encoder, r *audit.Record) { e.hex("ref", nonZero(r.Ref)) }},
	{"tenant", true, false, func(e *encoder, r *audit.Record) { e.text("tenant", r.Tenant) }},
	{"app", true, false, func(e *encoder, r *audit.Record) { e.text("app", r.App) }},
	{"number", true, false, func(e *encoder, r *audit.Record) { e.text("number", r.Number) }},
	{"actor", false, false, func(e *encoder, r *audit.Record) { e.text("actor", r.Actor) }},
	{"subject", false, false, func(e *encoder, r *audit.Record) { e.hex("subject", nonZero(r.Subject)) }},
	{"country", false, false, func(e *encoder, r *audit.Record) { e.text("country", r.Country) }},
	{"direction", true, false, func(e *encoder, r *audit.Record) { e.text("direction", r.Direction) }},
	{"dialect", true, false, func(e *encoder, r *audit.Record) { e.text("dialect", r.Dialect) }},
	{"type", true, false, func(e *encoder, r *audit.Record) { e.text("type", r.Type) }},
	{"category", true, false, func(e *encoder, r *audit.Record) { e.text("category", r.Category) }},
	{"template", true, false, func(e *encoder, r *audit.Record) { e.text("template", r.Template) }},
	{"effect", true, false, func(e *encoder, r *audit.Record) { e.text("effect", string(r.Effect)) }},
	{"reasons", true, false, func(e *encoder, r *audit.Record) { e.list("reasons", r.Reasons) }},
	{"observed", true, false, func(e *encoder, r *audit.Record) { e.list("observed", r.Observed) }},
	{"revision", true, false, func(e *encoder, r *audit.Record) { e.text("revision", r.Revision) }},
	{"findings", true, false, func(e *encoder, r *audit.Record) { e.text("findings", r.Findings) }},
	{"changed", true, false, func(e *encoder, r *audit.Record) { e.one("changed", r.Changed) }},
	{"mac", false, false, func(e *encoder, r *audit.Record) { e.hex("mac", r.Mac) }},
	{"mac_key", false, false, func(e *encoder, r *audit.Record) { e.integer("mac_key", int64(r.MacKey)) }},
	{"message_id", false, false, func(e *encoder, r *audit.Record) { e.hex("message_id", r.MessageID) }},
	{"result", true, false, func(e *encoder, r *audit.Record) { e.text("result", r.Result) }},
	{"code", true, false, func(e *encoder, r *audit.Record) { e.integer("code", r.Code) }},
	{"retention", true, false, func(e *encoder, r *audit.Record) { e.text("retention", r.Retention) }},
	{"labels", true, false, func(e *encoder, r *audit.Record) { e.list("labels", r.Labels) }},
	{"facts", false, true, func(e *encoder, r *audit.Record) { e.text("facts", r.Facts) }},
	{"detail", false, true, func(e *encoder, r *audit.Record) { e.text("detail", part(r, audit.PartDetail)) }},
	{"body", false, true, func(e *encoder, r *audit.Record) { e.text("body", part(r, audit.PartBody)) }},
}

func nonZero[T ~[16]byte](id T) []byte {
	if id == (T{}) {
		return nil
	}
	return id[:]
}

func part(r *audit.Record, name string) string {
	for i := range r.Parts {
		if r.Parts[i].Name == name && !r.Parts[i].Erased {
			return string(r.Parts[i].Body)
		}
	}
	return ""
}

// DefaultFields are those that say nothing about one person: no subject, no
// operator's name, no keyed hash, no text.
func DefaultFields() []string { return names(func(f field) bool { return f.ordinary }) }

func names(take func(field) bool) []string {
	var out []string
	for _, f := range fields {
		if take(f) {
			out = append(out, f.name)
		}
	}
	return out
}

// always are the members that every event has where the record has them.
var always = []string{"schema", "chain", "seq", "prev", "leaf", "previous_exported", "id", "kind", "time", "erased", "erasure", "omitted"}

var (
	errPayload = errors.New("body leaves only with include_payload: true")
	errSealed  = errors.New("sealed parts of a record never leave; open one with postern audit show --reveal")
)

// CheckField says why an event cannot have this member, nil where it can.
func CheckField(name string, payload bool) error {
	switch name {
	case audit.PartBody:
		if !payload {
			return errPayload
		}
		return nil
	case audit.PartOriginal, audit.PartSent, audit.PartInput, audit.PartAnswer:
		return errSealed
	}
	if slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) || slices.Contains(always, name) {
		return nil
	}
	return fmt.Errorf("no such field; there are %s", strings.Join(names(func(field) bool { return true }), ", "))
}

// chosen are the fields of an event, in their order.
func (f Filter) chosen() ([]field, error) {
	asked := f.Fields
	if asked == nil {
		asked = DefaultFields()
	}
	for _, name := range asked {
		if err := CheckField(name, f.Payload); err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
	}
	var out []field
	for _, known := range fields {
		if slices.Contains(asked, known.name) || f.Payload && known.name == audit.PartBody {
			out = append(out, known)
		}
	}
	return out, nil
}

// narrows reports whether some records are no events.
func (f Filter) narrows() bool { return f.Tenants != nil || f.Kinds != nil }

// Kinds are the kinds of record that this version writes.
func Kinds() []string {
	return []string{
		string(audit.KindAdmission), string(audit.KindMedia), string(audit.KindManage), string(audit.KindRead), string(audit.KindSettle),
		string(audit.KindInbound), string(audit.KindStatus), string(audit.KindUnmatchedSend), string(audit.KindUndecodable),
		string(audit.KindEvent), string(audit.KindDelivery), string(audit.KindConsent), string(audit.KindConfig), string(audit.KindAccess),
		string(audit.KindTrailRead), string(audit.KindRequest), string(audit.KindErasure), string(audit.KindRetention), string(audit.KindHold),
		string(audit.KindLife), string(audit.KindUnauth), string(audit.KindRevision),
	}
}

// passes reports whether a record becomes an event. An erasure always does: who
// has the events of the records it covers has to hear of it.
func (f Filter) passes(r *audit.Record) bool {
	if r.Kind == audit.KindErasure {
		return true
	}
	return (f.Tenants == nil || slices.Contains(f.Tenants, r.Tenant)) && (f.Kinds == nil || slices.Contains(f.Kinds, string(r.Kind)))
}
