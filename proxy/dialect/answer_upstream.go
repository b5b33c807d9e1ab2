package dialect

import (
	"errors"
	"strings"
)

// Sent is upstream's answer to an accepted send. Success is set instead of ID
// for calls that are only confirmed, such as mark as read.
type Sent struct {
	ID            string // message id
	WaID          string
	UserID        string
	Input         string
	MessageStatus string // templates: accepted, held_for_quality_assessment, ...
	GroupID       string
	Success       bool
}

// ErrAnswer says that upstream's answer cannot be read: what became of the
// message is unknown.
var ErrAnswer = errors.New("read upstream answer: not a Cloud API answer")

// DecodeAnswer reads upstream's answer to a send. Exactly one of the three
// results is set: an accepted send, upstream's error (an error object counts
// with any status), or ErrAnswer.
func DecodeAnswer(status int, body []byte) (Sent, *UpstreamError, error) {
	t, err := parse(body, true)
	if err != nil || !t.is(0, '{') {
		return Sent{}, nil, ErrAnswer
	}
	if e := t.child(0, "error"); t.is(e, '{') {
		return Sent{}, decodeError(t, e, status), nil
	}
	if status < 200 || status > 299 {
		return Sent{}, nil, ErrAnswer
	}
	m := t.elem(t.child(0, "messages"), 0)
	c := t.elem(t.child(0, "contacts"), 0)
	s := Sent{
		ID: t.str(m, "id"), MessageStatus: t.str(m, "message_status"), GroupID: t.str(m, "group_id"),
		WaID: t.str(c, "wa_id"), UserID: t.str(c, "user_id"), Input: t.str(c, "input"),
		Success: t.is(t.child(0, "success"), 't'),
	}
	if s.ID == "" && !s.Success {
		return Sent{}, nil, ErrAnswer
	}
	return s, nil, nil
}

func decodeError(t *tree, e int32, status int) *UpstreamError {
	code, _ := t.integer(e, "code")
	sub, _ := t.integer(e, "error_subcode")
	return &UpstreamError{
		Status: status, Code: int(code), Subcode: int(sub),
		Message: t.str(e, "message"), Type: t.str(e, "type"), Trace: t.str(e, "fbtrace_id"),
		Details: t.str(e, "error_data", "details"), Title: t.str(e, "error_data", "title"),
		UserTitle: t.str(e, "error_user_title"), UserMessage: t.str(e, "error_user_msg"),
		Transient: t.is(t.child(e, "is_transient"), 't'),
	}
}

// Refused reports that the credential the gateway itself uses upstream was
// refused: an alarm for operators, not a matter of the app's.
func (e *UpstreamError) Refused() bool {
	return e.Code == 190 || e.Code == 0 && (e.Status == 401 || strings.EqualFold(e.Type, "OAuthException"))
}
