package pii

import (
	"slices"
	"strings"
)

// ScanValue is Scan for a string that stands in a document: where it holds JSON,
// such as response_json of a flow, all strings and numbers inside are scanned,
// decoded, each with its name as label. Spans of such findings count in the inner
// string.
func (s *Scanner) ScanValue(text string, hint Hint, dst []Finding) []Finding {
	if !jsonText(text) {
		return s.Scan(text, hint, dst)
	}
	_, dst = s.TreatValue(text, hint, Treatment{Sink: Forward}, nil, dst)
	return dst
}

// TreatValue is Treat for a string that stands in a document, as ScanValue is
// Scan. What was JSON stays JSON.
func (s *Scanner) TreatValue(text string, hint Hint, t Treatment, labels *Labels, dst []Finding) (Treated, []Finding) {
	if !jsonText(text) {
		return s.Treat(text, hint, t, labels, dst)
	}
	if labels == nil {
		labels = &Labels{}
	}
	w := &walk{s: s, t: t, hint: hint, labels: labels, words: true}
	doc, err := w.document([]byte(text), FieldText, "")
	if err != nil {
		return s.Treat(text, hint, t, labels, dst)
	}
	for _, l := range doc.Found {
		dst = append(dst, l.Finding)
	}
	return Treated{Text: string(doc.Body), Changed: doc.Changed, Blocked: doc.Blocked}, dst
}

// LabelOf is the member's name at the end of a path such as
// contacts[0].phones[1].phone, for Hint.Label. Texts that people write have none:
// body, caption and the like say nothing.
func LabelOf(path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if at := strings.IndexByte(name, '['); at > 0 {
		name = name[:at]
	}
	if slices.Contains(speechless, name) {
		return ""
	}
	return name
}

// speechless are names of members that hold what people write.
var speechless = []string{"body", "caption", "text", "title", "description", "footer", "header", "details", "message", "payload", "root"}
