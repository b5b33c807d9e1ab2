package extproc_test

import (
	"testing"

	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
)

// BenchmarkStream is a send with all four questions, Envoy's side in the same
// process.
func BenchmarkStream(b *testing.B) {
	g, open := start(b)
	const text = `{"messaging_product":"whatsapp","to":"15550100001","type":"text","text":{"body":"Your appointment is on Monday"}}`
	said := []*api.ProcessingRequest{
		request("/v25.0/1/messages", false, "content-type: application/json", "user-agent: app", "accept: */*"),
		requestBody(text, true), reply("via_upstream", false, "content-type: application/json"), replyBody(`{"messages":[{"id":"wamid.1"}]}`),
	}
	b.ReportAllocs()
	for b.Loop() {
		e := open()
		for _, m := range said {
			e.say(m)
			e.hear()
		}
		e.cut()
	}
	if len(g.lacks) > 0 {
		b.Fatal(g.lacks)
	}
}
