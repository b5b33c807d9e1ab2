package graph_test

import (
	"testing"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
)

// documented is the table of the reference: code and HTTP status.
var documented = map[int]int{
	0: 401, 3: 500, 10: 403, 190: 401, 200: 403, 299: 403, 368: 403, 130497: 403, 131031: 403,
	4: 400, 80007: 400, 130429: 400, 131048: 400, 131056: 400, 131064: 400, 133016: 400,
	1: 400, 2: 503, 33: 400, 100: 400, 130472: 400, 131000: 500, 131005: 403, 131008: 400, 131009: 400,
	131016: 500, 131020: 400, 131041: 400, 131059: 400, 131201: 400, 131215: 400, 131021: 400, 131026: 400,
	131030: 400, 131037: 400, 131042: 400, 131044: 400, 131045: 500, 131047: 400, 131049: 400, 131050: 400,
	131051: 400, 131052: 400, 131053: 400, 131055: 400, 131057: 500, 131062: 400, 131063: 400,
	132000: 400, 132001: 404, 132005: 400, 132007: 400, 132008: 400, 132012: 400, 132015: 400, 132016: 400,
	132068: 400, 132069: 400, 133000: 500, 133004: 503, 133005: 400, 133006: 400, 133008: 400, 133009: 400,
	133010: 400, 133015: 400, 134011: 400, 134100: 400, 134101: 400, 134102: 500, 135000: 400, 137000: 400,
	138000: 400, 138018: 400, 139000: 400, 139006: 400, 139100: 400, 139103: 400, 147001: 400, 147005: 400,
	2388019: 400, 2388040: 400, 2388047: 400, 2388072: 400, 2388073: 400, 2388293: 400, 2388299: 400,
	2388001: 400, 2388012: 400, 2388091: 400, 2388093: 400, 2388103: 400, 2494100: 400, 2494055: 400,
}

func TestEveryDocumentedCode(t *testing.T) {
	for code, status := range documented {
		entry, ok := graph.Lookup(code)
		if !ok || entry.Status != status || entry.Title == "" {
			t.Errorf("code %d: got %+v, known %v, want status %d", code, entry, ok, status)
		}
	}
}

func TestBodyShape(t *testing.T) {
	var got struct {
		Error map[string]any `json:"error"`
	}
	if err := json.Unmarshal(graph.New(131047, "more than 24 hours").Body("Atrace"), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"message": "(#131047) Re-engagement message", "type": "OAuthException",
		"code": float64(131047), "fbtrace_id": "Atrace",
	}
	for name, value := range want {
		if got.Error[name] != value {
			t.Errorf("error.%s = %v, want %v", name, got.Error[name], value)
		}
	}
	data, _ := got.Error["error_data"].(map[string]any)
	if len(data) != 2 || data["messaging_product"] != "whatsapp" || data["details"] != "more than 24 hours" {
		t.Errorf("error_data = %v", data)
	}
}
