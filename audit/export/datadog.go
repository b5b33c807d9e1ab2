package export

import (
	"context"
	"net/http"
	"time"
)

// Datadog is Datadog's intake of logs, POST /api/v2/logs (Datadog, "Send logs"):
// at most 1,000 events and 5 MB a request, 1 MB an event; more of one event is
// cut off there, so a larger one is shrunk here.
type Datadog struct {
	to  HTTP
	now func() time.Time
}

// NewDatadog makes the sink. now says how old events are.
func NewDatadog(to HTTP, now func() time.Time) *Datadog { return &Datadog{to: to, now: now} }

// Takes implements Sink, with room for what is around each event.
func (d *Datadog) Takes() Takes { return Takes{Events: 1000, Bytes: 4 << 20, Event: 900 << 10} }

// oldest is how old a log's own time may be; Datadog takes 18 hours. An older
// event has the time of its arrival there, and its own as postern.time.
const oldest = 17 * time.Hour

// Send implements Sink.
func (d *Datadog) Send(ctx context.Context, events []Event) error {
	body := []byte{'['}
	for i, e := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = d.log(body, e)
	}
	packed, err := zip(append(body, ']'))
	if err != nil {
		return err
	}
	h := http.Header{}
	h.Set("DD-API-KEY", d.to.Secret())
	h.Set("Content-Type", "application/json")
	h.Set("Content-Encoding", "gzip")
	a, err := d.to.post(ctx, "/api/v2/logs", h, packed)
	if err != nil {
		return err
	}
	if a.status != http.StatusAccepted && a.status != http.StatusOK {
		return statusFault(a)
	}
	return nil
}

func (d *Datadog) log(b []byte, e Event) []byte {
	b = append(b, `{"ddsource":"postern","service":"postern","hostname":`...)
	b = appendText(b, e.Chain)
	b = append(b, `,"status":"`...)
	b = append(b, [...]string{Info: "info", Notice: "notice", Warning: "warning"}[e.Level]...)
	b = append(b, `","message":`...)
	b = appendText(b, "postern "+e.Kind)
	if d.now().Sub(e.Time) < oldest {
		b = append(b, `,"timestamp":"`...)
		b = append(e.Time.AppendFormat(b, "2006-01-02T15:04:05.000Z"), '"')
	}
	b = append(append(b, `,"postern":`...), e.JSON...)
	return append(b, '}')
}
