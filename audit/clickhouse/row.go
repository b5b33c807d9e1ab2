package clickhouse

import (
	"strings"

	"postern/audit"
)

// row is a record on its way to the table.
type row struct {
	*audit.Record
	leaf []byte // canonical leaf
}

// field is one column of records: its type as sent, and its value from a row.
// Exactly one of the functions is set.
type field struct {
	name, kind string
	width      int // bytes of a value of kindFixed
	word       func(*row) string
	bytes      func(*row) []byte
	number     func(*row) int64
	bit        func(*row) bool
	part       bool // the leaf commits to it and does not hold it
}

// wordField has few different values.
func wordField(name string, f func(*row) string) field {
	return field{name: name, kind: kindWord, word: f}
}

// partField is what comes with a part.
func partField(name string, f func(*row) []byte) field {
	return field{name: name, kind: kindText, bytes: f, part: true}
}

func idField(name string, f func(*row) []byte) field {
	return field{name: name, kind: kindFixed, width: len(audit.ID{}), bytes: f}
}

func textField(name string, f func(*row) []byte) field {
	return field{name: name, kind: kindText, bytes: f}
}

func numberField(name string, f func(*row) int64) field {
	return field{name: name, kind: kindNumber, number: f}
}

func bitField(name string, f func(*row) bool) field {
	return field{name: name, kind: kindBit, bit: f}
}

// add puts a row's value at the end of the column.
func (f *field) add(c *column, r *row) {
	switch {
	case f.word != nil:
		c.words.add(f.word(r))
	case f.number != nil:
		c.addNumber(f.number(r))
	case f.bit != nil:
		c.addBit(f.bit(r))
	case f.kind == kindText:
		c.addText(f.bytes(r))
	default:
		c.data = append(c.data, f.bytes(r)...)
	}
}

// text is the value of a column of words or bytes.
func (f *field) text(r *row) string {
	if f.word != nil {
		return f.word(r)
	}
	return string(f.bytes(r))
}

// fields are the columns of records and held, in the order in which they are
// sent. Verify derives them again from leaf_input and compares.
var fields = []field{
	wordField("chain", func(r *row) string { return r.Chain }),
	numberField("seq", func(r *row) int64 { return int64(r.Seq) }), //nolint:gosec // below 2^63
	idField("id", func(r *row) []byte { return r.ID[:] }),
	wordField("class", func(r *row) string { return audit.RetentionClass(r.Kind, r.Retention) }),
	wordField("kind", func(r *row) string { return string(r.Kind) }),
	numberField("time", func(r *row) int64 { return r.Time }),
	idField("ref", func(r *row) []byte { return r.Ref[:] }),
	wordField("tenant", func(r *row) string { return r.Tenant }),
	wordField("app", func(r *row) string { return r.App }),
	wordField("number", func(r *row) string { return r.Number }),
	wordField("actor", func(r *row) string { return r.Actor }),
	idField("subject", func(r *row) []byte { return r.Subject[:] }),
	wordField("country", func(r *row) string { return r.Country }),
	wordField("direction", func(r *row) string { return r.Direction }),
	wordField("dialect", func(r *row) string { return r.Dialect }),
	wordField("type", func(r *row) string { return r.Type }),
	wordField("category", func(r *row) string { return r.Category }),
	wordField("template", func(r *row) string { return r.Template }),
	wordField("effect", func(r *row) string { return string(r.Effect) }),
	wordField("reason", func(r *row) string { return first(r.Reasons) }),
	wordField("reasons", func(r *row) string { return strings.Join(r.Reasons, ",") }),
	wordField("observed", func(r *row) string { return strings.Join(r.Observed, ",") }),
	wordField("revision", func(r *row) string { return r.Revision }),
	wordField("findings", func(r *row) string { return r.Findings }),
	bitField("changed", func(r *row) bool { return r.Changed }),
	wordField("result", func(r *row) string { return r.Result }),
	numberField("code", func(r *row) int64 { return r.Code }),
	wordField("retention", func(r *row) string { return r.Retention }),
	wordField("labels", func(r *row) string { return strings.Join(r.Labels, ",") }),
	textField("message_id", func(r *row) []byte { return r.MessageID }),
	partField("body", func(r *row) []byte { return r.body(audit.PartBody) }),
	partField("body_salt", func(r *row) []byte { return r.salt(audit.PartBody) }),
	partField("detail", func(r *row) []byte { return r.body(audit.PartDetail) }),
	partField("detail_salt", func(r *row) []byte { return r.salt(audit.PartDetail) }),
	partField("input", func(r *row) []byte { return r.body(audit.PartInput) }),
	partField("input_salt", func(r *row) []byte { return r.salt(audit.PartInput) }),
	{name: "erased", kind: kindBit, bit: func(r *row) bool { return r.erased() }, part: true},
	textField("leaf_input", func(r *row) []byte { return r.leaf }),
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

func (r *row) body(name string) []byte {
	if p := r.part(name); p != nil {
		return p.Body
	}
	return nil
}

// salt goes with the body: with it the body is proved by the leaf, and once it
// is erased nobody can guess.
func (r *row) salt(name string) []byte {
	if p := r.part(name); p != nil {
		return p.Salt[:]
	}
	return nil
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
