package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

func (w *world) fault(f sim.Fault) {
	w.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.Fatal(err)
	}
}

// TestEveryError wants each code with its status from the messages endpoint,
// and nothing taken.
func TestEveryError(t *testing.T) {
	documented := map[int]int{
		0: 401, 3: 500, 10: 403, 190: 401, 200: 403, 299: 403, 368: 403, 130497: 403, 131031: 403, 4: 400, 80007: 400,
		130429: 400, 131048: 400, 131056: 400, 131064: 400, 1: 400, 2: 503, 33: 400, 100: 400, 130472: 400,
		131000: 500, 131005: 403, 131008: 400, 131009: 400, 131016: 500, 131020: 400, 131021: 400, 131026: 400,
		131030: 400, 131037: 400, 131042: 400, 131044: 400, 131045: 500, 131047: 400, 131049: 400, 131050: 400,
		131051: 400, 131052: 400, 131053: 400, 131055: 400, 131057: 500, 131062: 400, 131063: 400, 132000: 400,
		132001: 404, 132005: 400, 132007: 400, 132008: 400, 132012: 400, 132015: 400, 132016: 400, 132068: 400,
		132069: 400, 133000: 500, 133004: 503, 133010: 400, 134102: 500, 135000: 400, 137000: 400,
	}
	w := start(t)
	for code, want := range documented {
		w.sim.ClearFaults("")
		w.fault(sim.Fault{To: "491511 234-5678", Action: sim.ActionError, Code: code, Details: "scripted"})
		status, body := w.send(text(ana))
		w.expectCode("fault", status, body, want, code)
		expect(t, "details", dig(t, body, "error", "error_data", "details"), "scripted")
	}
	if list, _ := w.sim.Accepted(0, 0); len(list) != 0 {
		t.Errorf("%d messages were taken", len(list))
	}
	w.sim.ClearFaults("")
	w.fault(sim.Fault{Action: sim.ActionError, Code: 130429, Status: 429, RetryAfter: 7})
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/"+phoneID+"/messages?access_token="+token, strings.NewReader(text(ana)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != 429 || res.Header.Get("Retry-After") != "7" {
		t.Errorf("rate: %d %v", res.StatusCode, res.Header)
	}
}

// attempt sends once over a fresh connection, so that nothing is retried.
func (w *world) attempt(ctx context.Context) (status int, body string, err error) {
	w.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", w.url+"/"+phoneID+"/messages?access_token="+token, strings.NewReader(text(ana)))
	if err != nil {
		w.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(res.Body)
	return res.StatusCode, string(out), err
}

func TestMisbehaviour(t *testing.T) {
	cases := []struct {
		fault    sim.Fault
		status   int  // 0: no answer
		broken   bool // the answer cannot be read to its end
		accepted int
	}{
		{sim.Fault{Action: sim.ActionCut}, 0, true, 0},
		{sim.Fault{Action: sim.ActionCut, When: sim.After}, 0, true, 1},
		{sim.Fault{Action: sim.ActionGarbage}, 200, false, 0},
		{sim.Fault{Action: sim.ActionGarbage, When: sim.After}, 200, false, 1},
		{sim.Fault{Action: sim.ActionTruncate}, 200, true, 0},
		{sim.Fault{Action: sim.ActionTruncate, When: sim.After}, 200, true, 1},
		{sim.Fault{Action: sim.ActionHTTP, Status: 502}, 502, false, 0},
		{sim.Fault{Action: sim.ActionHTTP, Status: 503, When: sim.After}, 503, false, 1},
		{sim.Fault{Action: sim.ActionError, Code: 131000, When: sim.After}, 500, false, 1},
		{sim.Fault{Action: sim.ActionSlow, DelayMS: 1}, 200, false, 1},
		{sim.Fault{Action: sim.ActionSlow, DelayMS: 1, When: sim.After}, 200, false, 1},
	}
	for _, c := range cases {
		w := start(t)
		w.fault(c.fault)
		status, body, err := w.attempt(t.Context())
		list, _ := w.sim.Accepted(0, 0)
		if status != c.status || (err != nil) != c.broken || len(list) != c.accepted {
			t.Errorf("%s %s: got %d %q %v and %d accepted", c.fault.Action, c.fault.When, status, body, err, len(list))
		}
		if len(list) > 0 && len(w.idle()) != 3 {
			t.Errorf("%s %s: taken, but its statuses are missing", c.fault.Action, c.fault.When)
		}
	}
}

func TestSlow(t *testing.T) {
	w := start(t)
	w.fault(sim.Fault{Action: sim.ActionSlow, DelayMS: 50})
	begin := time.Now()
	w.send(text(ana))
	if took := time.Since(begin); took < 50*time.Millisecond {
		t.Errorf("slow answer after %v", took)
	}
}

func TestHang(t *testing.T) {
	for when, taken := range map[string]int{sim.Before: 0, sim.After: 1} {
		w := start(t)
		w.fault(sim.Fault{Action: sim.ActionHang, When: when})
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, _, err := w.attempt(ctx)
			left <- err
		}()
		w.await("the hanging request", func() bool {
			list, _ := w.sim.Accepted(0, 0)
			return w.sim.Faults()[0].Hits == 1 && len(list) == taken
		})
		select {
		case err := <-left:
			t.Errorf("hang %s was answered: %v", when, err)
		default:
		}
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("hang %s: %v", when, err)
		}
		if list, _ := w.sim.Accepted(0, 0); len(list) != taken {
			t.Errorf("hang %s: %d taken", when, len(list))
		}
	}
}

func TestFailedLater(t *testing.T) {
	w := start(t)
	w.fault(sim.Fault{To: ana, Action: sim.ActionFailed, Code: 131026})
	if status, body := w.send(text(ana)); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	bodies := w.idle()
	if len(bodies) != 1 || dig(t, bodies[0], value("statuses", 0, "errors", 0, "code")...) != "131026" {
		t.Errorf("got %v", bodies)
	}
}

// pattern sends n messages and writes down which were refused.
func (w *world) pattern(n int) string {
	w.Helper()
	var b strings.Builder
	for range n {
		status, _ := w.send(text(ana))
		b.WriteByte(map[bool]byte{true: '.', false: 'x'}[status == 200])
	}
	return b.String()
}

func TestRules(t *testing.T) {
	cases := []struct {
		fault sim.Fault
		want  string
	}{
		{sim.Fault{}, "xxxxxx"},
		{sim.Fault{Nth: 3}, "..x..."},
		{sim.Fault{Every: 2}, ".x.x.x"},
		{sim.Fault{Times: 2}, "xx...."},
		{sim.Fault{To: "+16505550101"}, "......"},
		{sim.Fault{PhoneID: phoneID, Path: "messages", Method: "POST", Type: "text", To: ana}, "xxxxxx"},
		{sim.Fault{PhoneID: "106540000000002"}, "......"},
		{sim.Fault{Path: "media"}, "......"},
		{sim.Fault{Type: "image"}, "......"},
	}
	for _, c := range cases {
		w := start(t)
		c.fault.Action, c.fault.Code = sim.ActionError, 131000
		w.fault(c.fault)
		if got := w.pattern(6); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.fault, got, c.want)
		}
	}
}

func TestProbabilityFollowsTheSeed(t *testing.T) {
	run := func(seed uint64) string {
		w := start(t, func(c *sim.Config, _ *sim.Settings) { c.Seed = seed })
		w.fault(sim.Fault{Action: sim.ActionError, Code: 2, Probability: 0.3})
		return w.pattern(60)
	}
	first := run(1)
	if first != run(1) {
		t.Error("the same seed drew other faults")
	}
	if first == run(2) {
		t.Error("another seed drew the same faults")
	}
	if n := strings.Count(first, "x"); n < 8 || n > 30 {
		t.Errorf("%d of 60 hit at probability 0.3", n)
	}
}

func TestFaultsByControl(t *testing.T) {
	w := start(t)
	status, body := w.call("POST", "/_sim/faults", `{"to":"`+ana+`","action":"error","code":130429,"times":1}`)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	id := dig(t, body, "id")
	status, answer := w.send(text(ana))
	w.expectCode("scripted", status, answer, 400, 130429)
	_, body = w.call("GET", "/_sim/faults", "")
	expect(t, "hits", dig(t, body, "faults", 0, "hits"), "1")
	_, body = w.call("DELETE", "/_sim/faults?id="+id, "")
	expect(t, "after clearing", dig(t, body, "faults"), "[]")
}

// TestSameSeedSameIDs: two runs of one script give the same ids.
func TestSameSeedSameIDs(t *testing.T) {
	run := func(seed uint64) string {
		w := start(t, func(c *sim.Config, _ *sim.Settings) { c.Seed = seed })
		w.send(text(ana))
		told, err := w.sim.Inbound(t.Context(), sim.Inbound{From: ana, Message: map[string]any{"type": "image"}})
		if err != nil {
			t.Fatal(err)
		}
		w.send(text(ana))
		list, _ := w.sim.Accepted(0, 0)
		return fmt.Sprint(list[0].WAMID, told.ID, list[1].WAMID)
	}
	first, again, other := run(5), run(5), run(6)
	if first != again || first == other {
		t.Error("ids do not follow the seed")
	}
}
