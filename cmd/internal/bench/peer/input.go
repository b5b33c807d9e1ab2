package peer

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/open-policy-agent/opa/v1/util"
	"google.golang.org/protobuf/encoding/protojson"
)

// input is what OPA's plugin for Envoy makes of a request, and beside it what
// Postern's rules read: of the body what it says, of the person that they wrote
// an hour ago. Nobody scans the text or looks anything up, so that OPA is shown
// at its best.
func input(req *auth.CheckRequest, types []string, now time.Time) (map[string]any, error) {
	raw, err := protojson.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	var in map[string]any
	if err := util.UnmarshalJSON(raw, &in); err != nil {
		return nil, fmt.Errorf("decode request: %w", err)
	}
	call := req.GetAttributes().GetRequest().GetHttp()
	where, err := url.Parse(call.GetPath())
	if err != nil {
		return nil, fmt.Errorf("read path: %w", err)
	}
	var body map[string]any
	if err := util.UnmarshalJSON([]byte(call.GetBody()), &body); err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	path := strings.Split(strings.TrimPrefix(where.Path, "/"), "/")
	in["version"] = map[string]any{"ext_authz": "v3", "encoding": "protojson"}
	in["parsed_path"], in["parsed_query"], in["parsed_body"], in["truncated_body"] = path, where.Query(), body, false
	describe(in, path, body, types, now)
	return in, nil
}

// describe adds policy.Input as far as the rules for messages read it. Of what
// Postern finds out by its lists and clocks (input.checks) the type is looked
// up and all else said to be well.
func describe(in map[string]any, path []string, body map[string]any, types []string, now time.Time) {
	number := ""
	if len(path) > 1 {
		number = path[1]
	}
	kind, _ := body["type"].(string)
	allowed := "ok"
	if !slices.Contains(types, kind) {
		allowed = "refused"
	}
	to, _ := body["to"].(string)
	text, _ := body["text"].(map[string]any)
	words, _ := text["body"].(string)
	hour := now.Add(-time.Hour).Unix()
	for name, value := range map[string]any{
		"kind": "message", "direction": "outbound", "number": number, "dialect": "cloud",
		"peer":     map[string]any{"subject": to, "country": "DE", "has_number": true, "has_user_id": false},
		"message":  map[string]any{"type": kind, "sub": "", "category": "service", "reply": false, "length": len(words)},
		"findings": []any{},
		"facts": map[string]any{
			"missing": []any{}, "window": map[string]any{"open": true, "expires": hour + 24*3600}, "consent": map[string]any{},
			"optout": map[string]any{"marketing": false, "all": false}, "identity": "ok", "account": "ok", "restricted": false,
		},
		"time": map[string]any{"now": now.Unix()},
		"checks": map[string]any{
			"form": "free", "facts": "ok", "type": allowed, "country": "ok", "consent": "", "after_stop": false, "category": "",
			"media": "ok", "link": "ok", "pii": "ok", "quiet": false, "next": 0, "next_at": "", "residency": "ok",
		},
	} {
		in[name] = value
	}
}
