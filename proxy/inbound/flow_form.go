package inbound

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// flowQuestion is what the gateway must know of a decrypted request. The app
// gets all of it.
type flowQuestion struct {
	Action    string  `json:"action"`
	Token     string  `json:"flow_token"`
	Signature *string `json:"flow_token_signature"`
	Data      any     `json:"data"`
}

// failed reports a notice of an error in the person's client. The docs call the
// member by two names.
func (q *flowQuestion) failed() bool {
	data, _ := q.Data.(map[string]any)
	for _, name := range []string{"error", "error_key"} {
		if s, isText := data[name].(string); isText && s != "" {
			return true
		}
	}
	return false
}

var errFlow = errors.New("not a flow request")

func readFlow(plain []byte) (*flowQuestion, error) {
	q := &flowQuestion{}
	if json.Unmarshal(plain, q) != nil || q.Action == "" {
		return nil, errFlow
	}
	return q, nil
}

// flowAnswer is what the client takes (whatsapp.md 5.1).
type flowAnswer struct {
	Version jsontext.Value            `json:"version"`
	Screen  string                    `json:"screen"`
	Data    map[string]jsontext.Value `json:"data"`
}

// lastScreen ends a flow. Its answer names the flow's token.
const lastScreen = "SUCCESS"

// isAnswer reports whether the app's body is one that the client takes: a
// screen with an object of data, and nothing else beside.
func isAnswer(body []byte) bool {
	var a flowAnswer
	if json.Unmarshal(body, &a, json.RejectUnknownMembers(true)) != nil || a.Screen == "" || a.Data == nil {
		return false
	}
	return a.Screen != lastScreen || ends(a.Data["extension_message_response"])
}

func ends(done jsontext.Value) bool {
	var response struct {
		Params struct {
			Token string `json:"flow_token"`
		} `json:"params"`
	}
	return len(done) > 0 && json.Unmarshal(done, &response) == nil && response.Params.Token != ""
}

// isRefusal reports whether a body may go with a 427: nothing, or a sentence
// for the person.
func isRefusal(body []byte) bool {
	var sentence struct {
		Text string `json:"error_msg"`
	}
	return json.Unmarshal(body, &sentence, json.RejectUnknownMembers(true)) == nil
}
