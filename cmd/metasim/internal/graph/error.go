// Package graph holds the error answers of Meta's Graph API: the table of
// codes with their HTTP status and title, and the JSON form they travel in.
// It never fails: a code outside the table is answered as a plain 400.
package graph

import (
	"fmt"

	"github.com/go-json-experiment/json"
)

// Error is one refusal as Graph answers it. Details is the sentence under
// error_data; it names parameters, never their values.
type Error struct {
	Status  int    // HTTP status of the answer
	Code    int    // error.code
	Subcode int    // error.error_subcode, left out when zero
	Type    string // error.type, OAuthException when empty
	Title   string // sentence after the code in error.message
	Details string // error.error_data.details, left out when empty
}

// New returns the error for a code of the table, with its documented status
// and title.
func New(code int, details string) *Error {
	known, ok := Lookup(code)
	if !ok {
		known = Entry{Status: 400, Title: "Invalid request"}
	}
	return &Error{Status: known.Status, Code: code, Title: known.Title, Details: details}
}

// Newf is New with a formatted sentence.
func Newf(code int, format string, args ...any) *Error {
	return New(code, fmt.Sprintf(format, args...))
}

// Method returns the error Graph gives for a node or a method it does not
// have: code 100, subcode 33, type GraphMethodException.
func Method(title string) *Error {
	return &Error{Status: 400, Code: 100, Subcode: 33, Type: "GraphMethodException", Title: title}
}

// Error says code and title, without the details.
func (e *Error) Error() string {
	return fmt.Sprintf("(#%d) %s", e.Code, e.Title)
}

type errorData struct {
	Product string `json:"messaging_product"`
	Details string `json:"details"`
}

type errorBody struct {
	Message   string     `json:"message"`
	Type      string     `json:"type"`
	Code      int        `json:"code"`
	Data      *errorData `json:"error_data,omitempty"`
	Subcode   int        `json:"error_subcode,omitzero"`
	Transient bool       `json:"is_transient,omitzero"`
	Trace     string     `json:"fbtrace_id"`
}

// Body returns the JSON answer; trace becomes error.fbtrace_id.
func (e *Error) Body(trace string) []byte {
	known, _ := Lookup(e.Code)
	body := errorBody{
		Message: e.Error(), Type: e.Type, Code: e.Code,
		Subcode: e.Subcode, Transient: known.Transient, Trace: trace,
	}
	if body.Type == "" {
		body.Type = "OAuthException"
	}
	if e.Details != "" {
		body.Data = &errorData{Product: "whatsapp", Details: e.Details}
	}
	out, err := json.Marshal(map[string]errorBody{"error": body})
	if err != nil { // only invalid UTF-8 in a sentence could do this
		return []byte(`{"error":{"message":"(#1) Unknown error","type":"OAuthException","code":1,"fbtrace_id":"none"}}`)
	}
	return out
}

// Report is the form of an error inside a webhook (statuses[].errors[]).
type Report struct {
	Code    int         `json:"code"`
	Title   string      `json:"title"`
	Message string      `json:"message"`
	Data    *ReportData `json:"error_data,omitempty"`
	Href    string      `json:"href"`
}

// ReportData is error_data of a webhook error.
type ReportData struct {
	Details string `json:"details"`
}

// Report returns the error in its webhook form.
func (e *Error) Report() Report {
	r := Report{
		Code: e.Code, Title: e.Title, Message: e.Title,
		Href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
	}
	if e.Details != "" {
		r.Data = &ReportData{Details: e.Details}
	}
	return r
}
