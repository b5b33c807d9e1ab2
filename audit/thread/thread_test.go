package thread

import (
	"encoding/json"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// record is one row in the columns that a conversation is made of.
func record(seq int64, kind, kindType, body string, more map[string]any) []any {
	columns := journal.SearchColumns()
	row := make([]any, len(columns))
	for i, name := range columns {
		switch name {
		case "seq", "time":
			row[i] = seq
		case "id":
			row[i] = "id" + string(rune('a'+seq))
		case "kind":
			row[i] = kind
		case "type":
			row[i] = kindType
		case "body":
			row[i] = body
		case "changed", "code", "erased":
			row[i] = int64(0)
		default:
			row[i] = ""
		}
		if v, ok := more[name]; ok {
			row[i] = v
		}
	}
	return row
}

const hostile = `</div><script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover='x' {{.}} javascript:alert(1)`

func webhook(message string) string {
	return `{"entry":[{"changes":[{"value":{"contacts":[{"wa_id":"4917****10"}],"messages":[` + message + `]}}]}]}`
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}

// conversed is a conversation newest first, as a search answers it.
func conversed() [][]any {
	return [][]any{
		record(9, "hold", "placed", "", map[string]any{"detail": "MATTER-1", "labels": "MATTER-1"}),
		record(8, "inbound", "contacts", webhook(`{"contacts":[{"name":{"formatted_name":"Third Party"}}]}`), nil),
		record(7, "admission", "text", "", map[string]any{"erased": int64(1), "direction": "outbound", "effect": "allow"}),
		record(6, "delivery", "", "", map[string]any{"ref": "idf", "result": "delivered", "code": int64(200)}),
		record(5, "status", "read", "", map[string]any{"ref": "idd", "result": "read"}),
		record(4, "settle", "document", "", map[string]any{"ref": "idd", "result": "accepted"}),
		record(3, "admission", "document", `{"document":{"filename":"`+"invoice.pdf"+`","caption":`+quoted(hostile)+`,"mime_type":"application/pdf"}}`,
			map[string]any{"direction": "outbound", "effect": "allow", "reasons": "ok,quiet_hours", "app": hostile, "template": hostile, "labels": "privileged",
				"observed": "night", "revision": "rev1", "findings": "PERSON_NAME:1", "changed": int64(1)}),
		record(2, "status", "sent", "", map[string]any{"ref": "idz", "result": "lost"}),
		record(1, "inbound", "text", webhook(`{"from":"4917****10","text":{"body":"Card [CREDIT_CARD:tok1] of a***@e***.com"}}`), map[string]any{"direction": "inbound"}),
		record(0, "consent", "given", "", map[string]any{"actor": "ana"}),
	}
}

func collected(t *testing.T) Thread {
	t.Helper()
	all := conversed()
	th, n, err := Collect(audit.NewSubjectID(), journal.Search{}, func(s journal.Search) (journal.Hits, error) {
		// Two pages, cut in the midst.
		if s.Before == 0 {
			return journal.Hits{Table: journal.Table{Columns: journal.SearchColumns(), Rows: all[:4]}, Next: 6}, nil
		}
		return journal.Hits{Table: journal.Table{Columns: journal.SearchColumns(), Rows: all[4:]}}, nil
	})
	if err != nil || n != len(all) {
		t.Fatal(n, err)
	}
	return th
}

func TestThread(t *testing.T) {
	m := collected(t).Messages
	if len(m) != 5 {
		t.Fatalf("%d messages: %+v", len(m), m)
	}
	if m[0].Type != "given" || m[0].Actor != "ana" {
		t.Errorf("consent: %+v", m[0])
	}
	if m[1].Text != "Card [CREDIT_CARD:tok1] of a***@e***.com" || strings.Contains(string(m[1].Content), "4917") {
		t.Errorf("inbound: %+v", m[1])
	}
	if d := m[2]; len(d.Files) != 1 || d.Files[0].Name != "invoice.pdf" || len(d.Outcomes) != 3 || d.Outcomes[1].Result != "read" ||
		strings.Join(d.Decision.Reasons, " ") != "ok quiet_hours" || !strings.Contains(d.Text, "onerror") {
		t.Errorf("document: %+v", d)
	}
	if m[3].Erased == "" || m[3].Text != "" {
		t.Errorf("erased: %+v", m[3])
	}
	if m[4].Withheld == "" || m[4].Content != nil {
		t.Errorf("contacts: %+v", m[4])
	}
	raw, err := json.Marshal(m)
	if err != nil || strings.Contains(string(raw), "MATTER") || strings.Contains(string(raw), "privileged") || strings.Contains(string(raw), "Third Party") {
		t.Errorf("%v: %s", err, raw)
	}
}

// TestASendRoundTheGateIsOfTheConversation: the person had it, whoever sent it.
func TestASendRoundTheGateIsOfTheConversation(t *testing.T) {
	rows := [][]any{record(0, "unmatched_send", "status/sent", "", map[string]any{"direction": "outbound", "result": "unmatched"})}
	talk, _, err := Collect(audit.NewSubjectID(), journal.Search{}, func(journal.Search) (journal.Hits, error) {
		return journal.Hits{Table: journal.Table{Columns: journal.SearchColumns(), Rows: rows}}, nil
	})
	if err != nil || len(talk.Messages) != 1 || talk.Messages[0].Kind != "unmatched_send" || !strings.Contains(pageOf(t, talk), "unmatched_send") {
		t.Errorf("%+v (%v)", talk.Messages, err)
	}
}

var (
	tag       = regexp.MustCompile(`<[^>]*>?`)
	attribute = regexp.MustCompile(`[a-z-]+="[^"]*"`)
	ours      = regexp.MustCompile(`^</?(!DOCTYPE html|html|head|meta|title|style|body|h1|p|article|header|div|mark|footer)( (lang|charset|http-equiv|content|name|class|id)@)*>$`)
)

// pageOf is a conversation's page, whose markup is ours alone.
func pageOf(t *testing.T, talk Thread) string {
	t.Helper()
	var b strings.Builder
	if err := talk.HTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, found := range tag.FindAllString(page, -1) {
		plain := attribute.ReplaceAllStringFunc(found, func(a string) string { name, _, _ := strings.Cut(a, "="); return name + "@" })
		if !ours.MatchString(plain) {
			t.Errorf("the page has %s", found)
		}
	}
	return page
}

// TestHTML: nothing of a record is markup, and nothing points outside.
func TestHTML(t *testing.T) {
	page := pageOf(t, collected(t))
	if !strings.Contains(html.UnescapeString(page), hostile) || !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Errorf("what was said, or the policy, is missing:\n%s", page)
	}
	for what, want := range map[string]string{
		"decision and reasons": "Decision: allow · ok · quiet_hours", "outcome": "Z status: read<", "outcome with its code": "delivery: delivered (200)",
		"erasure": "Erased: its content", "what is withheld": "Not shown: contact cards name third parties", "file": "File: document “invoice.pdf”, application/pdf",
		"who gave consent": "consent · given · by ana", "direction and effect": `class="outbound allow"`,
		"rule that only observed": "observed night", "policy": "policy rev1", "findings": "Personal data found: PERSON_NAME:1", "change": "What left differs from what was asked.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks the %s, %q", what, want)
		}
	}
	if strings.Contains(page, "MATTER") || strings.Contains(page, "privileged") || strings.Contains(page, "Third Party") {
		t.Error("the page has what is not of the conversation")
	}
	if strings.Count(page, "<mark>") != 3 || !strings.Contains(page, "<mark>[CREDIT_CARD:tok1]</mark>") || !strings.Contains(page, "<mark>a***@e***.com</mark>") {
		t.Errorf("marks are missing:\n%s", page)
	}
}

// TestTooLong: at the bound all is shown, above it nothing, and no page more is
// asked for.
func TestTooLong(t *testing.T) {
	one := [][]any{record(0, "inbound", "text", "", nil)}
	for _, over := range []int{0, 1} {
		left, asked := 200_000+over, 0
		_, n, err := Collect(audit.NewSubjectID(), journal.Search{}, func(s journal.Search) (journal.Hits, error) {
			if asked++; asked > 21 || s.Limit != 10_000 {
				t.Fatalf("page %d of %d records is asked for", asked, s.Limit)
			}
			rows := min(left, s.Limit)
			left -= rows
			return journal.Hits{Table: journal.Table{Columns: journal.SearchColumns(), Rows: slices.Repeat(one, rows)}, Next: uint64(left)}, nil //nolint:gosec // small
		})
		if over == 0 && (err != nil || n != 200_000) || over > 0 && (!errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "narrow it")) {
			t.Errorf("%d more than the bound: %d, %v", over, n, err)
		}
	}
}

// TestThreadShowsTheNewestBody: a message says what its newest revision holds, and
// says so; one that has no body any more hides none.
func TestThreadShowsTheNewestBody(t *testing.T) {
	gone := map[string]any{"erased": int64(1), "direction": "inbound", "effect": "allow"}
	of := func(id string) map[string]any { return map[string]any{"ref": id, "direction": "inbound"} }
	rows := [][]any{
		record(0, "inbound", "text", "", gone),
		record(1, "revision", "text", "", of("ida")),
		record(2, "revision", "text", webhook(`{"from":"x","text":{"body":"card [CREDIT_CARD_1]"}}`), of("ida")),
		record(3, "revision", "text", `{"text":{"body":"of nothing that is here"}}`, of("idz")),
		record(4, "inbound", "text", "", gone),
		record(5, "revision", "text", "", of("ide")),
	}
	m := Of(audit.NewSubjectID(), journal.Table{Columns: journal.SearchColumns(), Rows: rows}).Messages
	if len(m) != 2 {
		t.Fatalf("%d messages: %+v", len(m), m)
	}
	if m[0].Text != "card [CREDIT_CARD_1]" || m[0].Revised != "idc" || m[0].Erased != "" || len(m[0].Content) == 0 {
		t.Errorf("revised: %+v", m[0])
	}
	if m[1].Text != "" || m[1].Revised != "" || m[1].Erased == "" {
		t.Errorf("erased: %+v", m[1])
	}
}
