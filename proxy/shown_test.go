package proxy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postern/audit"
	"postern/policies"
	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
)

// under is a house under a policy of files.
func under(t *testing.T, files map[string]string) *house {
	t.Helper()
	h := newHouse(t, options{})
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var err error
	h.policy, err = policy.Load(t.Context(), policies.Files, folder)
	h.check(err)
	h.restart()
	h.says(customer, "hello", h.now())
	return h
}

// TestACardIsShownOnce: where one of record and delivery hashes cards, neither masks
// them, as settings, packs, or entities of packs have it.
func TestACardIsShownOnce(t *testing.T) {
	const gift = `entities:
  GIFT_CARD: {type: CREDIT_CARD, pattern: 'GIFT-\d{8}', examples: {match: [GIFT-12345678], no_match: [GIFT-1]}}
`
	for name, c := range map[string]struct{ settings, pack string }{
		"hash for the app":    {`record: {"*": redact, CREDIT_CARD: mask}, inbound: {"*": keep}`, "policy: [{types: [CREDIT_CARD], direction: in, sink: forward, action: hash}]\n"},
		"hash in the record":  {`record: {"*": redact, CREDIT_CARD: keep}, inbound: {"*": keep, CREDIT_CARD: mask}`, "policy: [{types: [CREDIT_CARD], sink: record, action: hash}]\n"},
		"token in the record": {`record: {"*": redact, CREDIT_CARD: keep}, inbound: {"*": keep, CREDIT_CARD: mask}`, "policy: [{types: [CREDIT_CARD], sink: record, action: token}]\n"},
		"an entity":           {`record: {"*": redact, CREDIT_CARD: mask}, inbound: {"*": keep}`, gift + "policy: [{types: [GIFT_CARD], direction: in, sink: forward, action: hash}]\n"},
		"one record":          {`record: {"*": redact, CREDIT_CARD: mask}, inbound: {"*": keep}`, gift + "policy: [{types: [GIFT_CARD], sink: record, action: hash}]\n"},
	} {
		h := under(t, map[string]string{"settings.yaml": "personal_data: {packs: [own], " + c.settings + "}\n", "pii/own.yaml": "pack: own\n" + c.pack})
		h.says(customer, "my card 4111 1111 1111 1111 and GIFT-12345678", h.now())
		records, hooks := h.records(audit.KindInbound), h.hooks()
		kept, given := part(records[len(records)-1], audit.PartBody), hooks[len(hooks)-1]
		hashed := strings.Contains(kept+given, "[CREDIT_CARD:") || strings.Contains(kept+given, "tok_CREDIT_CARD")
		if !hashed || strings.Contains(kept+given, "**** 1111") || strings.Contains(kept, "4111") {
			t.Errorf("%s: kept %s, given %s", name, kept, given)
		}
	}
}

// TestACardOfACallIsShownOnce is that of what an app asks for beside messages.
func TestACardOfACallIsShownOnce(t *testing.T) {
	h := under(t, map[string]string{
		"settings.yaml": `personal_data: {packs: [own], record: {"*": redact, CREDIT_CARD: mask}}` + "\n",
		"pii/own.yaml":  "pack: own\nentities:\n  GIFT_CARD: {type: CREDIT_CARD, pattern: 'GIFT-\\d{8}', examples: {match: [GIFT-12345678], no_match: [GIFT-1]}}\npolicy: [{types: [GIFT_CARD], sink: record, action: hash}]\n",
	})
	adm, p := h.gate.AdmitCall(t.Context(), proxy.CallRequest{
		Caller: callerOf(bankCloud), Number: bankCloud, Kind: audit.KindManage, Call: dialect.CallProfile, Name: "profile/post", Body: []byte(`{"about":"4111 1111 1111 1111 or GIFT-12345678"}`),
	})
	if p != nil || !adm.Take() {
		t.Fatal(p)
	}
	if body := part(h.records(audit.KindManage)[0], audit.PartBody); !strings.Contains(body, "[CREDIT_CARD_1] or [CREDIT_CARD:") {
		t.Errorf("kept: %s", body)
	}
}

// TestLimitsHoldUnderEveryOperator: what stands in place of a number is never longer
// than WhatsApp takes, in every field that has a limit; where it would be, stars stand.
func TestLimitsHoldUnderEveryOperator(t *testing.T) {
	const number = "+49 151 23456789"
	fill := func(n int) string { return strings.Repeat("x", n-len(number)-1) + " " + number }
	for _, operator := range []string{"redact", "mask", "hash", "token", "drop"} {
		h := under(t, map[string]string{"settings.yaml": fmt.Sprintf(`personal_data: {outbound: {"*": keep, PHONE: %s}}`+"\n", operator)})
		for field, c := range map[string]struct {
			limit int
			body  string
		}{
			"text":               {4096, `{"to":"+%s","type":"text","text":{"body":%q}}`},
			"caption":            {1024, `{"to":"+%s","type":"image","image":{"link":"https://a.example/x.jpg","caption":%q}}`},
			"body":               {1024, `{"to":"+%s","type":"interactive","interactive":{"type":"button","body":{"text":%q},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"ok"}}]}}}`},
			"footer":             {60, `{"to":"+%s","type":"interactive","interactive":{"type":"button","body":{"text":"b"},"footer":{"text":%q},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"ok"}}]}}}`},
			"header":             {60, `{"to":"+%s","type":"interactive","interactive":{"type":"button","header":{"type":"text","text":%q},"body":{"text":"b"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"ok"}}]}}}`},
			"title of a button":  {20, `{"to":"+%s","type":"interactive","interactive":{"type":"button","body":{"text":"b"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":%q}}]}}}`},
			"title of a row":     {24, `{"to":"+%s","type":"interactive","interactive":{"type":"list","body":{"text":"b"},"action":{"button":"o","sections":[{"title":"s","rows":[{"id":"1","title":%q}]}]}}}`},
			"words of a row":     {72, `{"to":"+%s","type":"interactive","interactive":{"type":"list","body":{"text":"b"},"action":{"button":"o","sections":[{"title":"s","rows":[{"id":"1","title":"t","description":%q}]}]}}}`},
			"title of a section": {24, `{"to":"+%s","type":"interactive","interactive":{"type":"list","body":{"text":"b"},"action":{"button":"o","sections":[{"title":%q,"rows":[{"id":"1","title":"t"}]}]}}}`},
			"button of a list":   {20, `{"to":"+%s","type":"interactive","interactive":{"type":"list","body":{"text":"b"},"action":{"button":%q,"sections":[{"title":"s","rows":[{"id":"1","title":"t"}]}]}}}`},
			"button of a link":   {20, `{"to":"+%s","type":"interactive","interactive":{"type":"cta_url","body":{"text":"b"},"action":{"name":"cta_url","parameters":{"display_text":%q,"url":"https://a.example"}}}}`},
		} {
			over := `{"messaging_product":"whatsapp",` + fmt.Sprintf(c.body, customer, fill(c.limit)+"x")[1:]
			if _, problem := dialect.DecodeSend(dialect.Cloud, "application/json", []byte(over)); problem == nil {
				t.Errorf("%s takes more than %d", field, c.limit)
			}
			adm, problem := h.admit(bankCloud, fmt.Sprintf(c.body, customer, fill(c.limit)))
			if problem != nil {
				t.Errorf("%s, %s: refused: %s", operator, field, problem.Details)
				continue
			}
			out, _ := adm.Take()
			if !adm.Changed || !json.Valid(out) || strings.Contains(string(out), "23456789") {
				t.Errorf("%s, %s: %s", operator, field, out)
			}
			if long := longest(t, out); long > c.limit {
				t.Errorf("%s, %s: %d characters of %d", operator, field, long, c.limit)
			}
		}
	}
}

// longest is the length of the longest text of a message, in characters.
func longest(t *testing.T, raw []byte) (n int) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc, "biz_opaque_callback_data") // an id of ours
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case string:
			n = max(n, len([]rune(x)))
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			for _, e := range x {
				walk(e)
			}
		}
	}
	walk(doc)
	return n
}

// TestPiecesOfAConversation: what came in the minute before, in the same direction of
// the same conversation, up to three pieces, makes a card whole; nothing else does.
func TestPiecesOfAConversation(t *testing.T) {
	const other = "491713920002"
	type said struct {
		from, text string
		wait       time.Duration
	}
	for name, c := range map[string]struct {
		said  []said
		whole bool
	}{
		"two pieces":              {[]said{{customer, "4111 1111", 0}, {customer, "1111 1111", 0}}, true},
		"four pieces":             {[]said{{customer, "4111", 0}, {customer, "1111", 0}, {customer, "1111", 0}, {customer, "1111", 0}}, true},
		"five pieces":             {[]said{{customer, "411", 0}, {customer, "111", 0}, {customer, "111", 0}, {customer, "111", 0}, {customer, "1111", 0}}, false},
		"a minute between":        {[]said{{customer, "4111 1111", 0}, {customer, "1111 1111", time.Minute}}, false},
		"less than that":          {[]said{{customer, "4111 1111", 0}, {customer, "1111 1111", 59 * time.Second}}, true},
		"less than that, twice":   {[]said{{customer, "4111", 0}, {customer, "1111", 40 * time.Second}, {customer, "1111 1111", 40 * time.Second}}, true},
		"old pieces are gone":     {[]said{{customer, "4111 1111", 0}, {customer, "11", 61 * time.Second}, {customer, "11 1111", time.Second}}, false},
		"words between":           {[]said{{customer, "4111 1111", 0}, {customer, "and then", 0}, {customer, "1111 1111", 0}}, false},
		"somebody else between":   {[]said{{customer, "4111 1111", 0}, {other, "and then", 0}, {customer, "1111 1111", 0}}, true},
		"two people":              {[]said{{customer, "4111 1111", 0}, {other, "1111 1111", 0}}, false},
		"what is whole begins no": {[]said{{customer, "4111 1111", 0}, {customer, "1111 1111", 0}, {customer, "4111 1111", 0}, {customer, "11", 0}}, true},
	} {
		h := newHouse(t, options{})
		for _, s := range c.said {
			h.forward(s.wait)
			h.says(s.from, s.text, h.now())
		}
		found := 0
		for _, r := range h.records(audit.KindInbound) {
			if strings.Contains(r.Findings, "CREDIT_CARD") {
				found++
			}
		}
		if (found == 1) != c.whole || found > 1 || h.alarmed("value_in_pieces") != found {
			t.Errorf("%s: %d cards, %d alarms", name, found, h.alarmed("value_in_pieces"))
		}
	}
	h := newHouse(t, options{settings: "personal_data: {pieces: false}\n"})
	h.says(customer, "4111 1111", h.now())
	h.says(customer, "1111 1111", h.now())
	if n := h.alarmed("value_in_pieces"); n != 0 {
		t.Errorf("switched off: %d alarms", n)
	}
	h = newHouse(t, options{settings: `personal_data: {outbound: {"*": keep}}` + "\n"})
	h.says(customer, "4111 1111", h.now())
	h.allowed(bankCloud, text(customer, "1111 1111"))
	if n := h.alarmed("value_in_pieces"); n != 0 {
		t.Errorf("of the other direction: %d alarms", n)
	}
	h.receive("bank", update(bankOnPrem, "messages", h.wrote(customer, "1111 1111", h.now())))
	if n := h.alarmed("value_in_pieces"); n != 0 {
		t.Errorf("of another number: %d alarms", n)
	}
}
