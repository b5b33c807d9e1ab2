package reveal

import (
	"regexp"
	"strings"
	"testing"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

const caller = "+4917139200099" // a number of fiction that people write about

// tokenised is a policy under which numbers stand in the trail as tokens.
const tokenised = `personal_data: {record: {PHONE: token}}`

var token = regexp.MustCompile(`tok_PHONE_v1_[a-z2-7]{16}`)

// TestTokens: a number stands in records as a token, the same in all of them, which
// who may reveal can open, and which is over with the record or the person.
func TestTokens(t *testing.T) {
	h := newHouse(t, rig.Options{Policies: map[string]string{"settings.yaml": tokenised}})
	sent := h.send(t, "Your advisor is at "+caller)
	heard := h.hear(t, "call 0171 39200099 or "+caller)
	tok := h.tokenOf(t, sent)
	t.Run("one value, one token", func(t *testing.T) {
		if other := h.tokenOf(t, heard); other != tok {
			t.Errorf("%s and %s", tok, other)
		}
		if n := len(token.FindAllString(h.bodyOf(t, heard), -1)); n != 2 {
			t.Errorf("%d tokens, want 2", n)
		}
	})
	t.Run("found and opened", func(t *testing.T) {
		found, err := as[admin.TokenFound](t, h, "rita", "token.find", admin.FindToken{Token: tok})
		check(t, err)
		if len(found.Records) != 2 || found.Records[0].ID != heard || found.More {
			t.Errorf("%d records", len(found.Records))
		}
		if got := h.shown(t, "rita", admin.Reveal{ID: sent, Parts: []string{tok}, Reason: because})[tok]; got != caller {
			t.Error("the value is not what was written")
		}
		rows := h.opened(t)
		if label := rows[len(rows)-1][4]; label != "reason:CASE-123,part:token" {
			t.Errorf("on record as %s", label)
		}
	})
	t.Run("who may not", func(t *testing.T) {
		for _, name := range []string{"ann", "olaf", "reader"} {
			_, err := as[admin.TokenFound](t, h, name, "token.find", admin.FindToken{Token: tok})
			wantCode(t, name, err, admin.Forbidden)
			h.refusals++
			h.refused(t, name, admin.Reveal{ID: sent, Parts: []string{tok}, Reason: because}, admin.Forbidden, "this needs reveal")
		}
		for _, bad := range []string{"", "tok_PHONE", "tok_PHONE_v1_UPPERCASEUPPERCA", tok + "x", "tok_phone_v1_aaaaaaaaaaaaaaaa"} {
			_, err := as[admin.TokenFound](t, h, "rita", "token.find", admin.FindToken{Token: bad})
			wantCode(t, bad, err, admin.Invalid)
		}
		_, err := as[admin.TokenFound](t, h, "rita", "token.find", admin.FindToken{Token: "tok_PHONE_v1_aaaaaaaaaaaaaaaa"})
		wantCode(t, "a token of elsewhere", err, admin.NotFound)
		h.refused(t, "rita", admin.Reveal{ID: sent, Parts: []string{"tok_PHONE_v1_aaaaaaaaaaaaaaaa"}, Reason: because}, admin.NotFound, "keeps no value of this token")
	})
	t.Run("over with the person", func(t *testing.T) {
		h.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Tenant: "demo", Number: "+" + writer}, Reason: "request", Confirm: "erase"}, nil)
		h.refused(t, "rita", admin.Reveal{ID: heard, Parts: []string{tok}, Reason: because}, admin.NotFound, "keeps no value of this token")
		if got := h.shown(t, "rita", admin.Reveal{ID: sent, Parts: []string{tok}, Reason: because})[tok]; got != caller {
			t.Error("another person's record lost its value")
		}
	})
}

// bodyOf is what the trail keeps of a record in the clear.
func (h *house) bodyOf(t *testing.T, id audit.ID) string {
	t.Helper()
	body := h.SQL(t, "SELECT body FROM audit WHERE id = '"+id.String()+"'")[0][0]
	if strings.Contains(body, "39200099") {
		t.Error("the trail holds the number")
	}
	return body
}

func (h *house) tokenOf(t *testing.T, id audit.ID) string {
	t.Helper()
	tok := token.FindString(h.bodyOf(t, id))
	if tok == "" {
		t.Fatal("no token stands there")
	}
	return tok
}
