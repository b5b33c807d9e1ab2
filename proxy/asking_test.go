package proxy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/person"
)

// request is a send by the app of the number; body without messaging_product.
func (h *house) request(number, body string) proxy.Request {
	h.t.Helper()
	who := callerOf(number)
	if who.Dialect == dialect.Cloud {
		body = `{"messaging_product":"whatsapp",` + body[1:]
	}
	msg, p := dialect.DecodeSend(who.Dialect, "application/json", []byte(body))
	if p != nil {
		h.t.Fatalf("decode: %s %s %s", p.Kind, p.Param, p.Details)
	}
	return proxy.Request{Caller: who, Number: number, Message: msg, Raw: []byte(body)}
}

func text(to, body string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":%q}}`, to, body)
}

func template(to, name string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"template","template":{"name":%q,"language":{"code":"en_US"}}}`, to, name)
}

// admit takes a request through the gate.
func (h *house) admit(number, body string) (*proxy.Admission, *dialect.Problem) {
	h.t.Helper()
	adm, answer, p := h.gate.Admit(h.t.Context(), h.request(number, body))
	if answer != nil {
		h.t.Fatal("an earlier answer without Idempotency-Key")
	}
	return adm, p
}

// allowed admits what must be admitted, takes the body and settles.
func (h *house) allowed(number, body string) (*proxy.Admission, string) {
	h.t.Helper()
	adm, p := h.admit(number, body)
	if p != nil {
		h.t.Fatalf("refused: %s %s", p.Reason, p.Details)
	}
	out, ok := adm.Take()
	if !ok {
		h.t.Fatal("nothing to send")
	}
	return adm, string(out)
}

// sent is allowed with upstream's answer.
func (h *house) sent(number, body, wamid string) *proxy.Admission {
	h.t.Helper()
	adm, _ := h.allowed(number, body)
	h.check(h.gate.Settle(h.t.Context(), adm, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: wamid}}))
	return adm
}

// refused admits what must be refused and wants the reason.
func (h *house) refused(reason, number, body string) {
	h.t.Helper()
	adm, p := h.admit(number, body)
	if adm != nil || p == nil || p.Reason != reason {
		h.t.Fatalf("want a refusal by %q, got %+v", reason, p)
	}
}

// wamid is a fresh message id of upstream's.
func (h *house) wamid() string {
	h.serial++
	return "wamid.HBgMNDkxNzEzOTIwMDAx" + strconv.Itoa(h.serial)
}

// update is Meta's webhook with updates in one list of a number's value.
func update(number, list string, items ...map[string]any) []byte {
	waba, ok := accounts[number]
	if !ok {
		waba = proxy.Account{WABA: "1"}
	}
	raw, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{
		"id": waba.WABA, "changes": []any{map[string]any{"field": "messages", "value": map[string]any{
			"messaging_product": "whatsapp", "metadata": map[string]any{"phone_number_id": number, "display_phone_number": "493023125001"},
			list: items,
		}}},
	}}})
	if err != nil {
		panic(err)
	}
	return raw
}

// wrote is a text of a person.
func (h *house) wrote(from, body string, at time.Time) map[string]any {
	return map[string]any{"id": h.wamid(), "from": from, "timestamp": strconv.FormatInt(at.Unix(), 10), "type": "text", "text": map[string]any{"body": body}}
}

// status is a state of a message.
func (h *house) status(wamid, state, opaque string, at time.Time) map[string]any {
	s := map[string]any{"id": wamid, "status": state, "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": "491713920001"}
	if opaque != "" {
		s["biz_opaque_callback_data"] = opaque
	}
	return s
}

// receive takes a webhook that must be recorded.
func (h *house) receive(tenant string, raw []byte) {
	h.t.Helper()
	h.check(h.gate.Receive(h.t.Context(), tenant, raw))
}

// says has the person write to the bank's Cloud number.
func (h *house) says(from, body string, at time.Time) {
	h.t.Helper()
	h.receive("bank", update(bankCloud, "messages", h.wrote(from, body, at)))
}

// flush waits until everything queued before is committed.
func (h *house) flush() {
	h.t.Helper()
	now := h.now()
	h.check(h.journal.Append(context.Background(), journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "test", Type: "flush",
	}}}))
}

// records are the trail's records of a kind, in order.
func (h *house) records(kind audit.Kind) []audit.Record {
	h.t.Helper()
	h.flush()
	var out []audit.Record
	h.check(h.journal.Records(context.Background(), 0, func(r *audit.Record) error {
		if r.Kind == kind {
			c := *r
			c.Parts = slices.Clone(r.Parts)
			out = append(out, c)
		}
		return nil
	}))
	return out
}

// part is a clear part of a record as text, "" if there is none.
func part(r audit.Record, name string) string {
	for _, p := range r.Parts {
		if p.Name == name {
			return string(p.Body)
		}
	}
	return ""
}

// original opens what was kept sealed of a record; "" if nothing was.
func (h *house) original(r audit.Record) string {
	h.t.Helper()
	sealed := part(r, audit.PartOriginal)
	if sealed == "" {
		return ""
	}
	opener, err := h.people.Opener(h.t.Context(), r.Subject, "messages", person.Month(time.UnixMicro(r.Time)))
	h.check(err)
	plain, err := opener.Unseal(append(r.ID[:], audit.PartOriginal...), []byte(sealed))
	h.check(err)
	return string(plain)
}

// queued opens the stored body of the n-th delivery.
func (h *house) queued(n int) string {
	h.t.Helper()
	h.mu.Lock()
	row := h.delivered[n].Row
	h.mu.Unlock()
	opener, err := h.people.Opener(h.t.Context(), row.Subject, delivery.Class, row.Month)
	h.check(err)
	plain, err := opener.Unseal(row.ID[:], row.Body)
	h.check(err)
	return string(plain)
}
