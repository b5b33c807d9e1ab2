package clickhouse

import (
	"strings"

	"postern/audit"
)

// row is a record on its way to the table.
type row struct {
	*audit.Record
	leaf string // canonical leaf
}

// field is one column of records: its type as sent, and its value from a row.
// Exactly one of the functions is set.
type field struct {
	name, kind string
	text       func(*row) string
	number     func(*row) int64
	bit        func(*row) bool
	part       bool // the leaf commits to it and does not hold it
}

func textField(name string, f func(*row) string) field {
	return field{name: name, kind: "String", text: f}
}

// partField is what comes with a part.
func partField(name string, f func(*row) string) field {
	return field{name: name, kind: "String", text: f, part: true}
}

func bytesField(name string, f func(*row) string) field {
	return field{name: name, kind: "FixedString(16)", text: f}
}

func numberField(name string, f func(*row) int64) field {
	return field{name: name, kind: "Int64", number: f}
}

func bitField(name string, f func(*row) bool) field {
	return field{name: name, kind: "UInt8", bit: f}
}

// fields are the columns of records and held, in the order in which they are
// sent. Verify derives them again from leaf_input and compares.
var fields = []field{
	textField("chain", func(r *row) string { return r.Chain }),
	numberField("seq", func(r *row) int64 { return int64(r.Seq) }), //nolint:gosec // below 2^63
	bytesField("id", func(r *row) string { return string(r.ID[:]) }),
	textField("class", func(r *row) string { return audit.RetentionClass(r.Kind, r.Retention) }),
	textField("kind", func(r *row) string { return string(r.Kind) }),
	numberField("time", func(r *row) int64 { return r.Time }),
	bytesField("ref", func(r *row) string { return string(r.Ref[:]) }),
	textField("tenant", func(r *row) string { return r.Tenant }),
	textField("app", func(r *row) string { return r.App }),
	textField("number", func(r *row) string { return r.Number }),
	textField("actor", func(r *row) string { return r.Actor }),
	bytesField("subject", func(r *row) string { return string(r.Subject[:]) }),
	textField("country", func(r *row) string { return r.Country }),
	textField("direction", func(r *row) string { return r.Direction }),
	textField("dialect", func(r *row) string { return r.Dialect }),
	textField("type", func(r *row) string { return r.Type }),
	textField("category", func(r *row) string { return r.Category }),
	textField("template", func(r *row) string { return r.Template }),
	textField("effect", func(r *row) string { return string(r.Effect) }),
	textField("reason", func(r *row) string { return first(r.Reasons) }),
	textField("reasons", func(r *row) string { return strings.Join(r.Reasons, ",") }),
	textField("observed", func(r *row) string { return strings.Join(r.Observed, ",") }),
	textField("revision", func(r *row) string { return r.Revision }),
	textField("findings", func(r *row) string { return r.Findings }),
	bitField("changed", func(r *row) bool { return r.Changed }),
	textField("result", func(r *row) string { return r.Result }),
	numberField("code", func(r *row) int64 { return r.Code }),
	textField("retention", func(r *row) string { return r.Retention }),
	textField("labels", func(r *row) string { return strings.Join(r.Labels, ",") }),
	textField("message_id", func(r *row) string { return string(r.MessageID) }),
	partField("body", func(r *row) string { return r.body(audit.PartBody) }),
	partField("body_salt", func(r *row) string { return r.salt(audit.PartBody) }),
	partField("detail", func(r *row) string { return r.body(audit.PartDetail) }),
	partField("detail_salt", func(r *row) string { return r.salt(audit.PartDetail) }),
	partField("input", func(r *row) string { return r.body(audit.PartInput) }),
	partField("input_salt", func(r *row) string { return r.salt(audit.PartInput) }),
	{name: "erased", kind: "UInt8", bit: func(r *row) bool { return r.erased() }, part: true},
	textField("leaf_input", func(r *row) string { return r.leaf }),
}

// clearParts are those that are no secret from who may read the trail. The
// others are sealed and stay in the journal.
var clearParts = []string{audit.PartBody, audit.PartDetail, audit.PartInput}

func (r *row) part(name string) *audit.Part {
	for i := range r.Parts {
		if r.Parts[i].Name == name && !r.Parts[i].Erased {
			return &r.Parts[i]
		}
	}
	return nil
}

func (r *row) body(name string) string {
	if p := r.part(name); p != nil {
		return string(p.Body)
	}
	return ""
}

// salt goes with the body: with it the body is proved by the leaf, and once it
// is erased nobody can guess.
func (r *row) salt(name string) string {
	if p := r.part(name); p != nil {
		return string(p.Salt[:])
	}
	return ""
}

func (r *row) erased() bool {
	for i := range r.Parts {
		if r.Parts[i].Erased {
			return true
		}
	}
	return false
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
