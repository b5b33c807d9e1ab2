package dialect

import (
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// SessionPrefix begins the id of an upload session, as at Meta; the rest is plain
// characters.
const SessionPrefix = "upload:"

// sessionPath is how the table writes the path of a session.
const sessionPath = "upload:{session}"

// session puts the table's word in place of a session's id, which becomes the
// route's.
func (r *Route) session(segments []string) []string {
	if len(segments) != 1 || !strings.HasPrefix(segments[0], SessionPrefix) {
		return segments
	}
	r.ID = segments[0]
	return []string{sessionPath}
}

// uploadTypes are what the Resumable Upload API takes.
var uploadTypes = []string{"image/jpeg", "image/jpg", "image/png", "application/pdf", "video/mp4"}

// DecodeSession reads POST /{app}/uploads, whose parameters stand in the query, a
// form or a JSON object.
func DecodeSession(contentType string, query url.Values, body []byte) (kind string, length int64, p *Problem) {
	get := func(string) string { return "" }
	if len(body) > 0 {
		raw, p := jsonBody(Cloud, contentType, body)
		if p != nil {
			return "", 0, p
		}
		t, err := parse(raw, true)
		if err != nil {
			return "", 0, &Problem{Kind: Malformed, Details: "The body is no JSON object or form."}
		}
		get = func(name string) string { return t.str(0, name) }
		if n, ok := t.integer(0, "file_length"); ok {
			length = n
		}
	}
	if kind, _, _ = mime.ParseMediaType(or(query.Get("file_type"), get("file_type"))); !slices.Contains(uploadTypes, kind) { //nolint:errcheck // it is none of them then
		return "", 0, &Problem{Kind: Malformed, Param: "file_type", Details: "file_type must be one of " + strings.Join(uploadTypes, ", ") + "."}
	}
	if text := query.Get("file_length"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = 0
		}
		length = n
	}
	if length <= 0 {
		return "", 0, &Problem{Kind: Malformed, Param: "file_length", Details: "file_length must be the file's length in bytes."}
	}
	return kind, length, nil
}

// EncodeSession answers the announcement of an upload.
func EncodeSession(id string) (status int, body []byte) {
	return 200, append(appendText([]byte(`{"id":`), id), '}')
}

// EncodeOffset answers how far an upload is: a file is taken whole or not at all.
func EncodeOffset(id string) (status int, body []byte) {
	return 200, append(appendText([]byte(`{"id":`), id), `,"file_offset":0}`...)
}

// EncodeHandle answers an upload with the handle by which templates and profiles
// name it.
func EncodeHandle(handle string) (status int, body []byte) {
	return 200, append(appendText([]byte(`{"h":`), handle), '}')
}
