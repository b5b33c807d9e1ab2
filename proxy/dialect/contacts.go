package dialect

// ContactCheck is the body of POST /v1/contacts.
type ContactCheck struct {
	Inputs []string // as written by the app
	Wait   bool     // blocking: "wait"
	Force  bool
}

// maxContacts is how many numbers one check may hold.
const maxContacts = 1000

// DecodeContacts reads a contact check.
func DecodeContacts(contentType string, body []byte) (ContactCheck, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return ContactCheck{}, p
	}
	c := ContactCheck{Wait: t.str(0, "blocking") == "wait", Force: t.is(t.child(0, "force_check"), 't')}
	list := t.child(0, "contacts")
	if !t.is(list, '[') || t.count(list) == 0 {
		return ContactCheck{}, &Problem{Kind: Missing, Param: "contacts", Details: "A list of numbers is needed."}
	}
	if t.count(list) > maxContacts {
		return ContactCheck{}, &Problem{Kind: Invalid, Param: "contacts", Details: "At most 1000 numbers can be checked at once."}
	}
	for n := t.nodes[list].first; n != none; n = t.nodes[n].next {
		if !t.is(n, '"') && !t.is(n, '0') {
			return ContactCheck{}, &Problem{Kind: Invalid, Param: "contacts", Details: "Every number must be a string."}
		}
		c.Inputs = append(c.Inputs, t.nodes[n].text)
	}
	return c, nil
}

// CheckedContact is one answer of a contact check. Status is "valid",
// "invalid" or "processing"; WaID is answered only when valid.
type CheckedContact struct{ Input, Status, WaID string }

// EncodeContacts answers a contact check.
func EncodeContacts(checked []CheckedContact) (status int, body []byte) {
	out := []byte(`{"contacts":[`)
	for i, c := range checked {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(append(out, `{"input":`...), c.Input)
		out = appendMember(out, "status", c.Status)
		if c.Status == "valid" {
			out = appendMember(out, "wa_id", c.WaID)
		}
		out = append(out, '}')
	}
	return 200, appendMeta(append(out, ']'))
}
