package message

// What a person or an app wrote must not end up in a log line because somebody
// printed the struct around it: these types print what they are, never what
// they hold.

// String gives the type.
func (m Message) String() string { return "message(" + string(m.Type) + ")" }

// GoString is String, so that %#v shows no more.
func (m Message) GoString() string { return m.String() }

// String gives the kind.
func (e Event) String() string { return "event(" + string(e.Kind) + ")" }

// GoString is String.
func (e Event) GoString() string { return e.String() }

// String gives nothing of the person.
func (p Party) String() string { return "party" }

// GoString is String.
func (p Party) GoString() string { return p.String() }

// String gives the path.
func (p Phrase) String() string { return "phrase(" + p.Path + ")" }

// GoString is String.
func (p Phrase) GoString() string { return p.String() }
