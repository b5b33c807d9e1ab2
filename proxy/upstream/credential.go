package upstream

import (
	"fmt"
	"io"
)

// Credential is what a tenant is known by at the one who connects it to
// WhatsApp: a token at Meta, or a key for each number at 360dialog. It holds
// one of the two, and goes nowhere but where that is from. The zero value makes
// no call.
type Credential struct {
	Token string // Meta's
	App   string // id of Meta's app that the token belongs to; "" where Meta is asked
	D360  *D360  // nil for a tenant of Meta's
}

// D360 is a tenant's contract with 360dialog. Of its numbers each has a key of
// its own (360DOCS: one key is one number).
type D360 struct {
	BaseURL string            // "https://waba-v2.360dialog.io", without trailing slash
	Keys    map[string]string // by phone_number_id
	number  string            // what calls without a number are about, see On
}

// On is the credential for calls that name no number, but are about one: those
// of its files.
func (c Credential) On(number string) Credential {
	if c.D360 == nil {
		return c
	}
	at := *c.D360
	at.number = number
	return Credential{D360: &at}
}

// Secret is what calls about a number carry, which no answer may show.
func (c Credential) Secret(number string) string {
	if c.D360 != nil {
		return c.D360.Keys[number]
	}
	return c.Token
}

// Format answers every verb with the same word.
func (Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[credential]") }
