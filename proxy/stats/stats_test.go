package stats_test

import (
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/proxy/dialect"
	"postern/proxy/stats"
)

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// text is what Prometheus reads, without help and types.
func text(all []dialect.Metric) string {
	_, body := dialect.EncodePrometheus(all)
	var out []string
	for line := range strings.Lines(string(body)) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "\n")
}

func record(kind audit.Kind, app string, after time.Duration) audit.Record {
	at := begin.Add(after)
	return audit.Record{ID: audit.NewID(at), Kind: kind, Time: at.UnixMicro(), App: app, Dialect: "onprem"}
}

func TestMessages(t *testing.T) {
	c := stats.New(func() time.Time { return begin })
	note := func(r audit.Record, change func(*audit.Record)) audit.ID {
		if change != nil {
			change(&r)
		}
		c.Record(&r)
		return r.ID
	}
	allow := func(r *audit.Record) { r.Effect = audit.EffectAllow }
	sent := note(record(audit.KindAdmission, "shop", 0), allow)
	note(record(audit.KindAdmission, "shop", 0), allow)
	note(record(audit.KindAdmission, "shop", 0), func(r *audit.Record) { r.Effect = audit.EffectDeny })
	note(record(audit.KindAdmission, "desk", 0), allow)
	note(record(audit.KindAdmission, "shop", 0), func(r *audit.Record) { allow(r); r.Dialect = "cloud" })
	settle := func(r *audit.Record) { r.Ref, r.Result = sent, "accepted" }
	note(record(audit.KindSettle, "shop", 250*time.Millisecond), settle)
	note(record(audit.KindSettle, "shop", 250*time.Millisecond), settle) // of none that is open
	note(record(audit.KindStatus, "shop", 0), func(r *audit.Record) { r.Result = "read" })
	note(record(audit.KindInbound, "shop", 0), nil)

	got := text(c.App("shop", stats.Waiting{Queue: 2, Callbacks: 3}))
	want := `callback_queue_size 2
in_message_from_server 1
in_message_persisted 1
out_message_persisted 2
out_message_sent_duration_ms_count{result="accepted"} 1
out_message_sent_duration_ms_sum{result="accepted"} 250
out_message_status{status="read"} 1
pending_callbacks 3
pending_messages 1`
	if got != want {
		t.Errorf("shop:\n%s\nwant:\n%s", got, want)
	}
	if got := text(c.Database("desk", stats.Waiting{})); got != "db_pending_callbacks 0\ndb_pending_messages 1" {
		t.Errorf("desk:\n%s", got)
	}
	if got := text(c.App("nobody", stats.Waiting{})); strings.Contains(got, " 1") {
		t.Errorf("an app that did nothing:\n%s", got)
	}
}

func TestCalls(t *testing.T) {
	now := begin
	c := stats.New(func() time.Time { return now })
	c.Request("shop", "POST", "/v1/media", 200, 30*time.Millisecond)
	c.Request("shop", "POST", "/v1/media", 400, 10*time.Millisecond)
	c.Request("shop", "GET", "/v1/media/{id}", 200, time.Millisecond)
	c.Request("shop", "POST", "/v1/messages", 201, 5*time.Millisecond)
	c.Callback("shop", 200, 40*time.Millisecond)
	c.Callback("shop", 301, time.Millisecond)
	c.Callback("shop", 0, 2*time.Millisecond)
	now = now.Add(90 * time.Second)

	got := text(c.App("shop", stats.Waiting{}))
	for _, want := range []string{
		`endpoint_requests_duration_ms_count{method="POST_v1_media",result="ok"} 1`, `endpoint_requests_duration_ms_sum{method="POST_v1_media",result="400"} 10`,
		`endpoint_requests_duration_ms_count{method="GET_v1_media_id",result="ok"} 1`, `media_uploads{result="ok"} 1`, `media_uploads{result="400"} 1`, `media_downloads{result="ok"} 1`,
		`callback_requests_duration_ms_count{result="success"} 1`, `callback_requests_duration_ms_sum{result="success"} 40`,
		`callback_requests_duration_ms_count{result="301"} 1`, `callback_requests_duration_ms_count{result="0"} 1`,
	} {
		if !strings.Contains(got+"\n", want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	web := text(c.Web("shop", "gate"))
	for _, want := range []string{
		`api_requests_duration_ms_count{node="gate",result="201",method="POST_v1_messages"} 1`, `web_handled_requests{node="gate"} 4`, `web_uptime{node="gate"} 90`,
	} {
		if !strings.Contains(web+"\n", want+"\n") {
			t.Errorf("no %s in\n%s", want, web)
		}
	}
}
