package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Splunk is Splunk's HTTP Event Collector (Splunk, "Format events for HTTP Event
// Collector", "About HTTP Event Collector Indexer Acknowledgment"). Where the
// token has acknowledgement on, a batch counts once the indexers have it.
type Splunk struct {
	to      HTTP
	channel string
	pause   func(ctx context.Context, d time.Duration) error
}

// NewSplunk makes the sink. The channel that requests name is of the export's
// name and chain, and so the same after every start.
func NewSplunk(to HTTP, chain, name string) *Splunk {
	sum := sha256.Sum256([]byte("postern export channel\n" + chain + "\n" + name))
	h := hex.EncodeToString(sum[:16])
	return &Splunk{to: to, channel: h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], pause: pause}
}

// Takes implements Sink. Splunk's own limit of a request is larger.
func (s *Splunk) Takes() Takes { return Takes{Events: 1000, Bytes: 1 << 20, Event: 512 << 10} }

func (s *Splunk) header() http.Header {
	h := http.Header{}
	h.Set("Authorization", "Splunk "+s.to.Secret())
	h.Set("Content-Type", "application/json")
	h.Set("X-Splunk-Request-Channel", s.channel)
	return h
}

// hecAnswer is what the collector says; ackId is there where the token has
// acknowledgement on.
type hecAnswer struct {
	Code  int    `json:"code"`
	AckID *int64 `json:"ackId"`
}

// Send implements Sink.
func (s *Splunk) Send(ctx context.Context, events []Event) error {
	var body []byte
	for _, e := range events {
		body = append(body, `{"time":`...)
		body = strconv.AppendInt(body, e.Time.Unix(), 10)
		body = fmt.Appendf(body, `.%06d,"host":`, e.Time.Nanosecond()/1000)
		body = appendText(body, e.Chain)
		body = append(append(body, `,"source":"postern","sourcetype":"postern:audit","event":`...), e.JSON...)
		body = append(body, '}', '\n')
	}
	a, err := s.to.post(ctx, "/services/collector/event", s.header(), body)
	if err != nil {
		return err
	}
	var said hecAnswer
	decoded := json.Unmarshal(a.body, &said)
	if a.status != http.StatusOK {
		return hecFault(a, said.Code)
	}
	if decoded != nil || said.Code != 0 {
		return &Fault{class: refused, what: "what answers is no HTTP Event Collector; check the address of the export"}
	}
	if said.AckID == nil {
		return nil
	}
	return s.acknowledged(ctx, *said.AckID)
}

// hecFault adds what Splunk's code says: some of its 400s are about the token's
// settings and not about the events.
func hecFault(a answer, code int) *Fault {
	f := statusFault(a)
	if code != 0 {
		f.what = fmt.Sprintf("%s, Splunk's code %d", f.what, code)
	}
	switch code {
	case 7:
		f.class, f.what = refused, f.what+": the token may not write to its index; allow it in Splunk"
	case 10, 11, 14:
		f.class, f.what = refused, f.what+": about channel and acknowledgement; check the token's settings in Splunk"
	}
	return f
}

// Acknowledgement is asked for soon, then every second, for two minutes: Splunk
// forgets it after a while, and then the batch is sent again.
const (
	ackFirst = 100 * time.Millisecond
	ackEvery = time.Second
	ackTries = 120
)

// ackFault is why nobody says whether a batch is indexed. The batch itself was
// taken: nothing is wrong with its events, whatever the status.
func ackFault(a answer) *Fault {
	var said hecAnswer
	_ = json.Unmarshal(a.body, &said) // without a code the status alone is said
	f := hecFault(a, said.Code)
	if f.class == rejected {
		f.class = refused
	}
	f.what = "asked for an acknowledgement, " + f.what
	return f
}

func (s *Splunk) acknowledged(ctx context.Context, id int64) error {
	asked, path := fmt.Appendf(nil, `{"acks":[%d]}`, id), "/services/collector/ack?channel="+s.channel
	for n := range ackTries {
		a, err := s.to.post(ctx, path, s.header(), asked)
		if err != nil {
			return err
		}
		if a.status != http.StatusOK {
			return ackFault(a)
		}
		var said struct {
			Acks map[string]bool `json:"acks"`
		}
		if err := json.Unmarshal(a.body, &said); err != nil {
			return &Fault{class: later, what: "Splunk's acknowledgement cannot be read"}
		}
		if said.Acks[strconv.FormatInt(id, 10)] {
			return nil
		}
		if err := s.pause(ctx, min(ackFirst<<min(n, 10), ackEvery)); err != nil {
			return err
		}
	}
	return &Fault{class: later, what: "Splunk took a batch and did not acknowledge it within two minutes"}
}
