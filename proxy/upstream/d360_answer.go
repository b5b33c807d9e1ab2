package upstream

import (
	"encoding/json"
	"net/http"
	"strings"
)

// d360Problem is 360dialog's own error (whatsapp.md 2.3). Both spellings occur.
type d360Problem struct {
	Meta *struct {
		Message string `json:"developerMessage"`
		Snake   string `json:"developer_message"`
	} `json:"meta"`
}

// d360Answer gives an answer of 360dialog's in Meta's words: its own errors
// become Graph errors, what Meta said goes on as it is. HTTP 500 stays as it is,
// and so what became of a send is unknown: its meta says nothing of that.
func d360Answer(a Answer) Answer {
	if !a.Answered() || a.Status < http.StatusMultipleChoices || a.Status == http.StatusInternalServerError {
		return a
	}
	var p d360Problem
	if json.Unmarshal(a.Body, &p) != nil || p.Meta == nil {
		return a
	}
	text := or(p.Meta.Message, p.Meta.Snake)
	code, status := d360Code(a.Status, strings.ToLower(text))
	out, err := json.Marshal(map[string]any{"error": map[string]any{
		"message": "360dialog: " + text, "type": "OAuthException", "code": code, "is_transient": status >= http.StatusInternalServerError,
		"error_data": map[string]string{"messaging_product": "whatsapp", "details": "360dialog: " + text},
	}})
	if err != nil {
		return a
	}
	a.Status, a.Body = status, out
	return a
}

// d360Code is the code of Meta's that says most nearly what 360dialog does. The
// status counts and the words decide; httpCode in the body is not reliable.
func d360Code(status int, text string) (code, as int) {
	switch {
	case status == http.StatusUnauthorized:
		return 190, status // the gateway's own key
	case status == http.StatusForbidden:
		return 10, status
	case status == http.StatusNotFound:
		return 100, status
	case strings.Contains(text, "payment"):
		return 131042, http.StatusBadRequest
	case strings.Contains(text, "disabled"):
		return 131031, http.StatusForbidden
	case status == http.StatusTooManyRequests, strings.Contains(text, "limit"):
		return 130429, http.StatusTooManyRequests
	case status >= http.StatusInternalServerError:
		return 131016, status
	}
	return 100, http.StatusBadRequest
}

// translated gives a success in Meta's words: out makes them of what was read
// into in. What can not be read is no answer.
func translated(a Answer, in any, out func() any) Answer {
	if a = d360Answer(a); !a.Answered() || a.Status >= http.StatusMultipleChoices {
		return a
	}
	if err := json.Unmarshal(a.Body, in); err != nil {
		a.Status, a.Body, a.Err = 0, nil, ErrUnreadable
		return a
	}
	body, err := json.Marshal(out())
	if err != nil {
		a.Status, a.Body, a.Err = 0, nil, ErrUnreadable
		return a
	}
	a.Status, a.Body = http.StatusOK, body
	return a
}

// done is a success without a body of use.
func done(a Answer) Answer {
	if a = d360Answer(a); a.Answered() && a.Status < http.StatusMultipleChoices {
		a.Status, a.Body = http.StatusOK, []byte(`{"success":true}`)
	}
	return a
}

// numberNode is the node of a number as far as health_status tells of it: one
// that can send is connected.
func numberNode(number string) func(Answer) Answer {
	return func(a Answer) Answer {
		var in struct {
			Health json.RawMessage `json:"health_status"`
		}
		return translated(a, &in, func() any {
			out := map[string]any{"id": number}
			if len(in.Health) > 0 {
				out["health_status"] = in.Health
			}
			if sends(in.Health) {
				out["status"] = "CONNECTED"
			}
			return out
		})
	}
}

// sends reads a health_status: whether the number itself can send.
func sends(health []byte) bool {
	var in struct {
		Entities []struct {
			Type string `json:"entity_type"`
			Can  string `json:"can_send_message"`
		} `json:"entities"`
	}
	if json.Unmarshal(health, &in) != nil {
		return false
	}
	for _, e := range in.Entities {
		if e.Type == "PHONE_NUMBER" {
			return e.Can == "AVAILABLE" || e.Can == "LIMITED"
		}
	}
	return false
}
