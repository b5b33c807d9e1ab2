package crash

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// load is apps that send and people who write, until it is stopped.
type load struct {
	w     *world
	book  *ledger
	token string // of the On-Premises app; it outlives every kill

	stop chan struct{}
	wg   sync.WaitGroup
}

func newLoad(t testing.TB, w *world) *load {
	t.Helper()
	l := &load{w: w, book: &ledger{}}
	basic := base64.StdEncoding.EncodeToString([]byte(w.env["POSTERN_ONPREM_USER"] + ":" + w.env["POSTERN_ONPREM_PASSWORD"]))
	code, raw, err := w.post(w.env["POSTERN_URL"]+"/v1/users/login", map[string]string{"Authorization": "Basic " + basic}, nil)
	check(t, err)
	var answer struct {
		Users []struct {
			Token string `json:"token"`
		} `json:"users"`
	}
	check(t, json.Unmarshal(raw, &answer))
	if code != http.StatusOK || len(answer.Users) != 1 {
		t.Fatalf("login: %d %s", code, raw)
	}
	l.token = answer.Users[0].Token
	return l
}

// start begins with so many workers. think is the mean time each takes between
// two actions; 0 is none.
func (l *load) start(rng *rand.Rand, workers int, think time.Duration) {
	l.stop = make(chan struct{})
	for range workers {
		own := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		l.wg.Go(func() {
			for !l.stopped(own, think) {
				l.act(own)
			}
		})
	}
}

// finish stops the workers and waits for what they have under way.
func (l *load) finish() {
	close(l.stop)
	l.wg.Wait()
}

func (l *load) stopped(rng *rand.Rand, think time.Duration) bool {
	var after <-chan time.Time
	if think > 0 {
		after = time.After(time.Duration(rng.Int64N(int64(2 * think))))
	} else {
		closed := make(chan time.Time)
		close(closed)
		after = closed
	}
	select {
	case <-l.stop:
		return true
	case <-after:
	}
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// act does one thing that an app or a person would do.
func (l *load) act(rng *rand.Rand) {
	n := rng.IntN(100)
	if s := l.book.again(); s != nil && n < 50 {
		l.ask(s)
		return
	} else if s != nil {
		l.book.heard(s, 0, nil, errLater)
	}
	switch {
	case n < 15:
		l.write(rng)
	case n < 20:
		l.markRead()
	case n < 40:
		l.ask(l.newSend(rng, "d360"))
	case n < 60:
		l.ask(l.newSend(rng, "onprem"))
	default:
		l.ask(l.newSend(rng, "cloud"))
	}
}

var errLater = fmt.Errorf("not asked yet")

// newSend is a message to the person who may be sent everything.
func (l *load) newSend(rng *rand.Rand, family string) *send {
	s := &send{family: family, phone: l.phone(family), mark: l.book.mark()}
	l.book.begin(s)
	if rng.IntN(2) == 0 {
		s.key = "key-" + s.mark
	}
	to := l.w.env["DEMO_CONSENTED"]
	if family == "cloud" && rng.IntN(4) == 0 {
		s.body = fmt.Appendf(nil, `{"messaging_product":"whatsapp","to":"+%s","type":"template","template":{"name":%q,"language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":%q}]}]}}`,
			to, l.w.env["DEMO_TEMPLATE"], s.mark)
		return s
	}
	s.body = text(family, to, s.mark)
	return s
}

func text(family, to, mark string) []byte {
	if family == "cloud" {
		return fmt.Appendf(nil, `{"messaging_product":"whatsapp","to":"+%s","type":"text","text":{"body":"Your parcel %s is on its way."},"biz_opaque_callback_data":"own value"}`, to, mark)
	}
	return fmt.Appendf(nil, `{"to":"%s","type":"text","text":{"body":"Your parcel %s is on its way."}}`, to, mark)
}

func (l *load) phone(family string) string {
	return l.w.env[map[string]string{"cloud": "POSTERN_PHONE_ID", "d360": "POSTERN_D360_PHONE_ID", "onprem": "POSTERN_ONPREM_PHONE_ID"}[family]]
}

// ask sends, or asks again what became of a send.
func (l *load) ask(s *send) {
	code, answer, err := l.try(s)
	l.book.heard(s, code, answer, err)
}

func (l *load) try(s *send) (int, []byte, error) {
	url, header := l.w.env["POSTERN_URL"]+"/v1/messages", map[string]string{}
	switch s.family {
	case "cloud":
		url = l.w.env["POSTERN_URL"] + "/v25.0/" + s.phone + "/messages"
		header["Authorization"] = "Bearer " + l.w.env["POSTERN_CLOUD_TOKEN"]
	case "d360":
		header["D360-API-KEY"] = l.w.env["POSTERN_D360_V1_KEY"]
	default:
		header["Authorization"] = "Bearer " + l.token
	}
	if s.key != "" {
		header["Idempotency-Key"] = s.key
	}
	code, answer, err := l.w.post(url, header, s.body)
	if err == nil && l.w.site.Front && ofEnvoy(answer) {
		err = errByEnvoy
	}
	return code, answer, err
}

// write makes a person nobody knows write to one of the three numbers.
func (l *load) write(rng *rand.Rand) {
	family := []string{"cloud", "d360", "onprem"}[rng.IntN(3)]
	p := writer{phone: l.phone(family), mark: l.book.mark()}
	p.number = fmt.Sprintf("49171%07d", 3_000_000+rng.IntN(6_000_000))
	var told struct {
		ID string `json:"id"`
	}
	err := l.w.tell(http.MethodPost, "/_sim/inbound", map[string]any{
		"phone_number_id": p.phone, "from": p.number, "type": "text", "wait": false,
		"text": map[string]string{"body": "When will " + p.mark + " arrive?"},
	}, &told)
	if err != nil {
		return // the simulator takes it or it was never written
	}
	p.id = told.ID
	l.book.wrote(p, family == "cloud")
}

// markRead marks a person's message as read, once.
func (l *load) markRead() {
	p, ok := l.book.nextUnread()
	if !ok {
		return
	}
	body := fmt.Appendf(nil, `{"messaging_product":"whatsapp","status":"read","message_id":%q}`, p.id)
	l.try(&send{family: "cloud", phone: p.phone, body: body})
}
