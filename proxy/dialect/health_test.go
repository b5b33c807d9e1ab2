package dialect

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestHealthShapes holds the three shapes against whatsapp.md 1.11.
func TestHealthShapes(t *testing.T) {
	type node = map[string]any
	at := func(state, role string) node { return node{"gateway_status": state, "role": role} }
	for _, c := range []struct {
		name  string
		shape HealthShape
		state GatewayStatus
		want  node
	}{
		{"left out", "", Connected, node{"gateway_status": "connected"}},
		{"single", HealthSingle, Unregistered, node{"gateway_status": "unregistered"}},
		{"zero", HealthSingle, "", node{"gateway_status": "disconnected"}},
		{"available", HealthAvailable, Connected, node{"gate.example:coreapp": at("connected", "coreapp"), "gate.example:master": at("disconnected", "primary_master")}},
		{"available, not registered", HealthAvailable, Unregistered, node{"gate.example:coreapp": at("unregistered", "coreapp"), "gate.example:master": at("unregistered", "primary_master")}},
		{"multiconnect", HealthMulti, Connected, node{"gate.example:coreapp": at("connected", "coreapp"), "gate.example:master": at("connected", "primary_master")}},
		{"multiconnect, down", HealthMulti, Disconnected, node{"gate.example:coreapp": at("disconnected", "coreapp"), "gate.example:master": at("disconnected", "primary_master")}},
	} {
		status, body := EncodeHealth(c.shape, "gate.example", c.state)
		var got struct {
			Health node `json:"health"`
			Meta   node `json:"meta"`
		}
		if err := json.Unmarshal(body, &got); err != nil || status != 200 || got.Meta["version"] == nil {
			t.Fatalf("%s: %d %s: %v", c.name, status, body, err)
		}
		want, err := json.Marshal(c.want)
		if err != nil {
			t.Fatal(err)
		}
		var back node
		if err := json.Unmarshal(want, &back); err != nil || !reflect.DeepEqual(got.Health, back) {
			t.Errorf("%s: %s, want %s", c.name, body, want)
		}
	}
}

func TestHealthOfUpstream(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   GatewayStatus
	}{
		{"registered", 200, `{"id":"1","status":"CONNECTED"}`, Connected},
		{"low quality", 200, `{"id":"1","status":"FLAGGED"}`, Connected},
		{"banned", 200, `{"id":"1","status":"BANNED"}`, Disconnected},
		{"restricted", 200, `{"id":"1","status":"RESTRICTED"}`, Disconnected},
		{"not registered", 200, `{"id":"1","status":"DISCONNECTED"}`, Unregistered},
		{"not verified", 200, `{"id":"1","status":"PENDING"}`, Unregistered},
		{"moved away", 200, `{"id":"1","status":"MIGRATED"}`, Unregistered},
		{"a word of its own", 200, `{"id":"1","status":"SOMETHING"}`, Connecting},
		{"no word", 200, `{"id":"1"}`, Connecting},
		{"no such number", 400, `{"error":{"message":"x","type":"GraphMethodException","code":100,"error_subcode":33}}`, Unregistered},
		{"token", 401, `{"error":{"message":"x","type":"OAuthException","code":190}}`, Disconnected},
		{"too many calls", 400, `{"error":{"message":"x","code":80007}}`, Connecting},
		{"too many calls, by status", 429, `{"error":{"message":"x","code":131056}}`, Connecting},
		{"an error with status 200", 200, `{"error":{"message":"x","code":131000}}`, Disconnected},
		{"a page", 502, `<html>`, Disconnected},
		{"a node with the wrong status", 500, `{"id":"1","status":"CONNECTED"}`, Disconnected},
		{"nothing", 200, ``, Disconnected},
	} {
		if got := DecodeHealth(c.status, []byte(c.body)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
