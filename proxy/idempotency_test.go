package proxy_test

import (
	"strings"
	"sync"
	"testing"

	"postern/audit"
	"postern/proxy"
	"postern/proxy/dialect"
)

func TestIdempotencyGivesTheSameAnswer(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "hello", h.now())
	req := h.request(bankCloud, text(customer, "once"))
	req.Idempotency = "key-1"
	adm, answer, p := h.gate.Admit(t.Context(), req)
	if p != nil || answer != nil {
		t.Fatal(p, answer)
	}
	// A second one waits until the first has its answer.
	var wait sync.WaitGroup
	wait.Go(func() {
		again, answer, p := h.gate.Admit(t.Context(), req)
		if again != nil || p != nil || answer == nil || string(answer.Body) != `{"ok":1}` || answer.Status != 200 {
			t.Errorf("the waiting one got %v %+v %+v", again.Granted(), answer, p)
		}
	})
	h.check(h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: h.wamid()}, Answer: proxy.Answer{Status: 200, Body: []byte(`{"ok":1}`)}}))
	wait.Wait()
	other := h.request(bankCloud, text(customer, "twice"))
	other.Idempotency = "key-1"
	if _, _, p := h.gate.Admit(t.Context(), other); p == nil || p.Kind != dialect.IdempotencyReuse {
		t.Errorf("another body: %+v", p)
	}
	h.restart()
	if _, answer, p := h.gate.Admit(t.Context(), req); p != nil || answer == nil || string(answer.Body) != `{"ok":1}` {
		t.Errorf("after a restart: %+v %+v", answer, p)
	}
	if n := len(h.records(audit.KindAdmission)); n != 1 {
		t.Errorf("%d admissions", n)
	}
}

// admitted is a house in which a send under a key is let through.
func admitted(t *testing.T) (*house, proxy.Request, *proxy.Admission) {
	t.Helper()
	h := newHouse(t, options{})
	h.says(customer, "hello", h.now())
	req := h.request(bankCloud, text(customer, "once"))
	req.Idempotency = "key-1"
	first, _, p := h.gate.Admit(t.Context(), req)
	if p != nil {
		t.Fatal(p)
	}
	return h, req, first
}

// TestWhatWasNotSentFreesItsKey: the repeat is let through, also the one that
// waited meanwhile, and is the only one that is.
func TestWhatWasNotSentFreesItsKey(t *testing.T) {
	h, req, first := admitted(t)
	var wait sync.WaitGroup
	wait.Go(func() {
		second, answer, p := h.gate.Admit(t.Context(), req)
		if p != nil || answer != nil || !second.Granted() {
			t.Errorf("the waiting one got %v %+v %+v", second.Granted(), answer, p)
			return
		}
		if err := h.gate.Settle(t.Context(), second, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: h.wamid()}, Answer: proxy.Answer{Status: 200, Body: []byte(`{"ok":2}`)}}); err != nil {
			t.Error(err)
		}
	})
	h.check(h.gate.Settle(t.Context(), first, proxy.Outcome{Result: proxy.NotSent, Answer: proxy.Answer{Status: 503, Body: []byte(`{"ok":0}`)}}))
	wait.Wait()
	h.restart()
	if _, answer, p := h.gate.Admit(t.Context(), req); p != nil || answer == nil || string(answer.Body) != `{"ok":2}` {
		t.Errorf("the third time: %+v %+v", answer, p)
	}
	if n := len(h.records(audit.KindAdmission)); n != 2 {
		t.Errorf("%d admissions", n)
	}
}

// TestWhatIsRefusedForGoodKeepsItsKey: nothing left, and another try would end no
// other way.
func TestWhatIsRefusedForGoodKeepsItsKey(t *testing.T) {
	h, req, first := admitted(t)
	h.check(h.gate.Settle(t.Context(), first, proxy.Outcome{Result: proxy.NotSent, Answer: proxy.Answer{Status: 400, Body: []byte(`{"ok":0}`)}}))
	if _, answer, p := h.gate.Admit(t.Context(), req); p != nil || answer == nil || string(answer.Body) != `{"ok":0}` {
		t.Errorf("again: %+v %+v", answer, p)
	}
}

func TestCrashedKeyIsUnknownAndNeverSentAgain(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "hello", h.now())
	req := h.request(bankCloud, text(customer, "once"))
	req.Idempotency = "key-1"
	if adm, _, p := h.gate.Admit(t.Context(), req); p != nil || !adm.Granted() {
		t.Fatal(p)
	}
	h.restart()
	if n, err := h.gate.Recover(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	adm, answer, p := h.gate.Admit(t.Context(), req)
	if adm != nil || p != nil || answer == nil || answer.Status != 500 || !strings.Contains(string(answer.Body), "131000") {
		t.Errorf("%v %+v %+v", adm.Granted(), answer, p)
	}
}
