package proxy

// Like messages, what carries them prints what it is and never what it holds.

// String names the business number.
func (r Request) String() string { return "request(" + r.Number + ")" }

// GoString is String, so that %#v shows no more.
func (r Request) GoString() string { return r.String() }

// String gives the id of the record.
func (a *Admission) String() string {
	if a == nil {
		return "no admission"
	}
	return "admission(" + a.ID.String() + ")"
}

// GoString is String.
func (a *Admission) GoString() string { return a.String() }

// String gives the result.
func (o Outcome) String() string { return "outcome(" + string(o.Result) + ")" }

// GoString is String.
func (o Outcome) GoString() string { return o.String() }
