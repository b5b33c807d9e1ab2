package audit

import "time"

// NewRevision begins the record that holds the body of first from now on: about
// the same person, message and moment, so that whatever keeps, holds or erases
// the one does so with the other. Who made it, by which packs and why is the
// caller's to say. See FORMAT.md, section 6.
func NewRevision(first *Record, now time.Time, body []byte) Record {
	return Record{
		Version: Version, ID: NewID(now), Kind: KindRevision, Time: first.Time, Ref: first.ID, Tenant: first.Tenant, App: first.App, Number: first.Number,
		Subject: first.Subject, Country: first.Country, Direction: first.Direction, Dialect: first.Dialect, Type: first.Type, Category: first.Category,
		Template: first.Template, Retention: RetentionClass(first.Kind, first.Retention), Labels: []string{LabelRevises + string(first.Kind)},
		Parts: []Part{NewPart(PartBody, body)},
	}
}
