package sim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/cmd/metasim/sim"
)

// BenchmarkSend is the cost of one accepted text with statuses off, without
// the network.
func BenchmarkSend(b *testing.B) {
	settings := sim.DefaultSettings()
	settings.Statuses, settings.Window = nil, sim.WindowOff
	s, err := sim.New(sim.Config{
		Numbers: []sim.Number{{ID: phoneID, Display: "+4915550100001", Account: account}},
		Tokens:  []string{token}, Settings: &settings,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest("POST", "/v24.0/"+phoneID+"/messages", strings.NewReader(text(ana)))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		s.ServeHTTP(res, req)
		if res.Code != http.StatusOK {
			b.Fatal(res.Body)
		}
	}
}
