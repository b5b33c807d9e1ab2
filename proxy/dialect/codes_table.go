package dialect

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// errorsFile holds the error codes of the Cloud and the On-Premises API, and
// what becomes of the one in the words of the other.
//
//go:embed errors.json
var errorsFile []byte

// errorTable is that file.
type errorTable struct {
	Cloud  []cloudError  `json:"cloud"`  // ascending, without overlap
	OnPrem []onpremError `json:"onprem"` // ascending
}

// cloudError is a code of the Cloud API, or all of Code to Through.
type cloudError struct {
	Code    int    `json:"code"`
	Through int    `json:"through,omitzero"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	// OnPrem is its place in the old API, nil where none is known.
	OnPrem *flatCode `json:"onprem,omitzero"`
	// Hint says what a person can do; {type} stands for the kind of message.
	Hint string `json:"hint,omitzero"`
}

// onpremError is a code of the On-Premises API.
type onpremError struct {
	Code   int    `json:"code"`
	Title  string `json:"title"`
	Status int    `json:"status,omitzero"` // of an answer, 0 where it is told by webhooks alone
	Cloud  []int  `json:"cloud,omitzero"`  // nearest codes of the Cloud API
}

// flatCode is an On-Premises code, with the status of an answer to a request
// and the code where a webhook uses another.
type flatCode struct {
	Code    int `json:"code"`
	Status  int `json:"status"`
	Webhook int `json:"webhook"`
}

var errorCodes = readErrors(errorsFile)

// readErrors reads the table, which is part of the program: a bad one is a
// mistake in the program.
func readErrors(raw []byte) errorTable {
	var t errorTable
	if err := json.Unmarshal(raw, &t, json.RejectUnknownMembers(true)); err != nil {
		panic(fmt.Sprintf("read errors.json: %v", err))
	}
	return t
}

// cloudRow is the row of a Cloud code; the zero value where it has none.
func cloudRow(code int) cloudError {
	i, found := slices.BinarySearchFunc(errorCodes.Cloud, code, func(e cloudError, code int) int {
		if e.Code < code && code <= e.Through {
			return 0
		}
		return e.Code - code
	})
	if !found {
		return cloudError{}
	}
	return errorCodes.Cloud[i]
}

func onpremRow(code int) (onpremError, bool) {
	i, found := slices.BinarySearchFunc(errorCodes.OnPrem, code, func(e onpremError, code int) int { return e.Code - code })
	if !found {
		return onpremError{}, false
	}
	return errorCodes.OnPrem[i], true
}

// flatTitle is never empty: one published client sees a failure only by it.
func flatTitle(code int) string {
	if row, ok := onpremRow(code); ok {
		return row.Title
	}
	return "Generic error"
}

// flatOf maps any Cloud code. Most On-Premises codes are the last four digits
// of the Cloud code; that regularity is only the fallback.
func flatOf(code int) flatCode {
	if f := cloudRow(code).OnPrem; f != nil {
		return *f
	}
	if row, ok := onpremRow(code - 130000); ok {
		return flatCode{row.Code, max(row.Status, 400), row.Code}
	}
	return flatCode{genericError, 500, genericError}
}

// genericError is the old API's code for what it has no other for.
const genericError = 1000

// cloudNote adds to a text what the On-Premises code cannot say.
func cloudNote(code, cloud int, text string) string {
	if code == genericError {
		text = "Cloud API code " + strconv.Itoa(cloud) + ": " + text
	}
	if cloud == 131050 {
		text = "policy:opted_out: " + text
	}
	return text
}

// hinted adds to upstream's words on a code what a person can do. subject is
// the kind of message where it is known.
func hinted(text string, code int, subject string) string {
	hint := strings.ReplaceAll(cloudRow(code).Hint, "{type}", or(subject, "file"))
	switch {
	case hint == "":
		return text
	case text == "":
		return hint
	case !strings.HasSuffix(text, "."):
		text += "."
	}
	return text + " " + hint
}
