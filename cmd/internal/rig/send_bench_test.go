package rig

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/metasim/sim"
)

// BenchmarkSend is one message on its whole way, simulator and client
// included, for profiles: make bench measures the gateway alone.
func BenchmarkSend(b *testing.B) {
	r := Start(b, Options{
		Settings: func(s *sim.Settings) { s.Statuses = []string{} },
	})
	client := r.Client(b)
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	client.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	url, token := r.Env["POSTERN_URL"]+"/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/messages", "Bearer "+r.Env["POSTERN_CLOUD_TOKEN"]
	importPeople(b, r)
	var n atomic.Int64
	b.ResetTimer()
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			body := `{"messaging_product":"whatsapp","to":"+` + person(i) +
				`","type":"text","text":{"body":"Your order ` + strconv.FormatInt(i, 10) + ` has left our house and comes tomorrow."}}`
			req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader([]byte(body)))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header.Set("Authorization", token)
			req.Header.Set("Content-Type", "application/json")
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("send: %d %v", resp.StatusCode, err)
				return
			}
			resp.Body.Close() //nolint:errcheck // read to its end
		}
	})
}

// people is how many take turns, so that Meta's limit for a pair is not met.
const people = 2000

func person(i int64) string { return "49171" + strconv.FormatInt(3920100+i%people, 10) }

// importPeople opens the window of everybody who will be written to.
func importPeople(b *testing.B, r *Rig) {
	b.Helper()
	var data strings.Builder
	data.WriteString("fact,number,time,business\n")
	at := r.Clock.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	for i := range int64(people) {
		fmt.Fprintf(&data, "window,+%s,%s,%s\n", person(i), at, r.Env["POSTERN_PHONE_ID"])
	}
	var done admin.Imported
	r.Admin(b, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data.String()}, &done)
	if len(done.Problems) > 0 {
		b.Fatal(done.Problems[0])
	}
}
