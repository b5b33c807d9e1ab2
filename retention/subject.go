package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Request is what a person asked for and nobody has answered yet. It names the
// person by subject id, and how identity was proved, by a word and a reference.
type Request struct {
	ID        audit.ID        `json:"id"` // of the record that says it came in
	Tenant    string          `json:"tenant"`
	Subject   audit.SubjectID `json:"subject"`
	Type      RequestType     `json:"type"`
	ProvedBy  Proof           `json:"proved_by"`
	Reference string          `json:"reference,omitempty"` // of the case in the business's own files
	Actor     string          `json:"actor"`               // who took it
	Received  int64           `json:"received"`            // microseconds
	Deadline  int64           `json:"deadline"`            // microseconds
}

// RequestType is what a person may ask for.
type RequestType string

// Types of requests.
const (
	RequestAccess        RequestType = "access"
	RequestErasure       RequestType = "erasure"
	RequestRestriction   RequestType = "restriction"
	RequestRectification RequestType = "rectification"
)

// RequestTypes are all there are.
func RequestTypes() []RequestType {
	return []RequestType{RequestAccess, RequestErasure, RequestRectification, RequestRestriction}
}

// Proof is how a person showed who they are.
type Proof string

// Proofs are all there are; "other" is explained by the reference.
func Proofs() []Proof {
	return []Proof{"in_person", "id_document", "login", "callback", ProvedOther}
}

// ProvedOther is a proof that only the reference describes.
const ProvedOther Proof = "other"

// scopeRequest is the settings scope of open requests: key is the id.
const scopeRequest = "request"

// ErrNoRequest means that no such request is open.
var ErrNoRequest = errors.New("no such request is open")

// Row stores the request until Answered.
func (q *Request) Row() (journal.Setting, error) {
	value, err := json.Marshal(q)
	if err != nil {
		return journal.Setting{}, fmt.Errorf("encode request: %w", err)
	}
	return journal.Setting{Scope: scopeRequest, Key: q.ID.String(), Value: value, Time: q.Received}, nil
}

// Answered takes the request off the list of open ones.
func (q *Request) Answered(now time.Time) journal.Setting {
	return journal.Setting{Scope: scopeRequest, Key: q.ID.String(), Time: now.UnixMicro()}
}

// Requests are those that are open, the nearest deadline first.
func Requests(ctx context.Context, j *journal.Journal) ([]Request, error) {
	rows, err := j.Settings(ctx, scopeRequest)
	if err != nil {
		return nil, fmt.Errorf("look up requests of persons: %w", err)
	}
	out := make([]Request, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Value, &out[i]); err != nil || out[i].ID.String() != row.Key {
			return nil, errors.New("look up requests of persons: a stored one is damaged; verify the journal")
		}
	}
	slices.SortStableFunc(out, func(a, b Request) int { return int(min(max(a.Deadline-b.Deadline, -1), 1)) })
	return out, nil
}

// OpenRequests is the Open of a JournalSource: what a person waits for keeps
// what is known of them from going meanwhile. An erasure keeps nothing.
func OpenRequests(j *journal.Journal) func(context.Context) (map[audit.SubjectID]string, error) {
	return func(ctx context.Context) (map[audit.SubjectID]string, error) {
		all, err := Requests(ctx, j)
		out := map[audit.SubjectID]string{}
		for _, q := range all {
			if q.Type != RequestErasure {
				out[q.Subject] = string(q.Type)
			}
		}
		return out, err
	}
}

// DueSoon reports whether the deadline is near, or over.
func (q *Request) DueSoon(now time.Time, warn time.Duration) bool {
	return now.UnixMicro() >= q.Deadline-warn.Microseconds()
}
