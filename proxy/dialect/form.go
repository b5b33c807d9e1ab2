package dialect

import (
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"postern/proxy/message"
)

// jsonBody gives the JSON of a body. Cloud also takes a form with JSON text in
// its fields; everything else but JSON is refused.
func jsonBody(d Dialect, contentType string, body []byte) ([]byte, *Problem) {
	media, params, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	switch {
	case err != nil || charset != "" && charset != "utf-8" && charset != "utf8":
	case media == "application/json":
		return body, nil
	case media == "application/x-www-form-urlencoded" && d == Cloud:
		return formBody(body)
	}
	return nil, &Problem{Kind: ContentType, Details: "The Content-Type must be application/json in UTF-8."}
}

// credentials are form fields that belong to the request, not to the message.
var credentials = map[string]bool{"access_token": true, "appsecret_proof": true, "appsecret_time": true, "format": true, "method": true}

// formBody writes the fields of a form as one JSON object, which then goes the
// same way as a JSON body. Fields given twice are refused.
func formBody(body []byte) ([]byte, *Problem) {
	out := []byte{'{'}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(string(body), "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		name, nerr := url.QueryUnescape(k)
		value, verr := url.QueryUnescape(v)
		if nerr != nil || verr != nil || seen[name] || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, &Problem{Kind: Malformed, Param: safeName(name), Details: "A form field is not well formed or given twice."}
		}
		seen[name] = true
		if credentials[name] {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendField(out, name, value)
	}
	return append(out, '}'), nil
}

func appendField(out []byte, name, value string) []byte {
	out = append(appendText(out, name), ':')
	_, object := contentShapes[message.Type(name)]
	switch {
	case (object || name == "context" || name == "typing_indicator") && jsontext.Value(value).IsValid():
		return append(out, value...)
	case name == "preview_url" && (value == "true" || value == "false"):
		return append(out, value...)
	}
	return appendText(out, value)
}
