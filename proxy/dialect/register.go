package dialect

import "strings"

// DecodePIN reads POST /v1/settings/account/two-step.
func DecodePIN(contentType string, body []byte) (pin string, p *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return "", p
	}
	pin, p = t.pin()
	if p == nil && pin == "" {
		p = &Problem{Kind: Missing, Param: "pin", Details: "A PIN of six digits is needed."}
	}
	return pin, p
}

// pin is the six digits of two-step verification, "" without any.
func (t *tree) pin() (string, *Problem) {
	n := t.child(0, "pin")
	pin := t.str(n)
	switch {
	case n == none, t.is(n, 'n'), t.is(n, '"') && pin == "":
		return "", nil
	case !t.is(n, '"') || len(pin) != 6 || !digits(pin):
		return "", &Problem{Kind: Invalid, Param: "pin", Details: "The PIN is a text of six digits."}
	}
	return pin, nil
}

// EncodePIN is the body of upstream's call that sets the PIN.
func EncodePIN(pin string) []byte {
	return append(appendText([]byte(`{"pin":`), pin), '}')
}

// Account is the body of POST /v1/account.
type Account struct {
	Number string // digits, with country code
	Method string // of the Cloud API: "SMS" or "VOICE"
	PIN    string // "" for none
	Backup *NumberBackup
}

// DecodeAccount reads POST /v1/account. The certificate that it held has no use
// at the Cloud API.
func DecodeAccount(contentType string, body []byte) (Account, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return Account{}, p
	}
	country, number := strings.TrimPrefix(t.str(0, "cc"), "+"), t.str(0, "phone_number")
	for _, f := range [][2]string{{"cc", country}, {"phone_number", number}, {"method", t.str(0, "method")}} {
		if f[1] == "" {
			return Account{}, &Problem{Kind: Missing, Param: f[0], Details: "Country code, number and method are needed."}
		}
	}
	a := Account{Number: plainDigits(country + number), Method: strings.ToUpper(t.str(0, "method"))}
	if a.Method != "SMS" && a.Method != "VOICE" {
		return Account{}, &Problem{Kind: Invalid, Param: "method", Details: "The method is sms or voice."}
	}
	if a.PIN, p = t.pin(); p != nil {
		return Account{}, p
	}
	a.Backup, p = t.backup()
	return a, p
}

func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Registration is what upstream says of a business number.
type Registration struct {
	Name   string // as people see it
	Active bool   // registered: it can send
}

// RegistrationFields are what a number is asked for.
const RegistrationFields = "verified_name,status"

// DecodeRegistration reads upstream's answer.
func DecodeRegistration(body []byte) (Registration, error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "id") == "" {
		return Registration{}, ErrAnswer
	}
	return Registration{Name: t.str(0, "verified_name"), Active: t.str(0, "status") == "CONNECTED"}, nil
}

// EncodeCodeRequest is the body of upstream's call that has a code sent.
func EncodeCodeRequest(method string) []byte {
	return append(appendMember([]byte(`{"language":"en_US"`), "code_method", method), '}')
}

// EncodeAccount answers POST /v1/account: 201 where the number is registered,
// 202 where a code was sent.
func EncodeAccount(name string, registered bool) (status int, body []byte) {
	if registered {
		return 201, appendMeta([]byte{'{'})
	}
	return 202, appendMeta(append(appendText([]byte(`{"account":[{"vname":`), name), '}', ']'))
}

// Verify is the body of POST /v1/account/verify. PIN and backup may stand here or
// with POST /v1/account.
type Verify struct {
	Code   string // six digits
	PIN    string // "" for none
	Backup *NumberBackup
}

// DecodeVerify reads POST /v1/account/verify.
func DecodeVerify(contentType string, body []byte) (Verify, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return Verify{}, p
	}
	v := Verify{Code: plainDigits(strings.ReplaceAll(t.str(0, "code"), "-", ""))}
	switch {
	case t.str(0, "code") == "":
		return Verify{}, &Problem{Kind: Missing, Param: "code", Details: "The code that was sent to the number is needed."}
	case len(v.Code) != 6:
		return Verify{}, &Problem{Kind: Invalid, Param: "code", Details: "The code has six digits."}
	}
	if v.PIN, p = t.pin(); p != nil {
		return Verify{}, p
	}
	v.Backup, p = t.backup()
	return v, p
}

// EncodeCode is the body of upstream's call that checks a code.
func EncodeCode(code string) []byte {
	return append(appendText([]byte(`{"code":`), code), '}')
}

// EncodeRegister is the body of upstream's call that registers a number; with a
// backup it keeps what WhatsApp knew of the number (whatsapp.md 3.4 and 7.1).
func EncodeRegister(pin string, b *NumberBackup) []byte {
	out := appendMember(newProfile(), "pin", pin)
	if b != nil {
		out = appendText(append(out, `,"backup":{"data":`...), b.Data)
		out = append(appendMember(out, "password", b.Password), '}')
	}
	return append(out, '}')
}

// EncodeVerified answers POST /v1/account/verify.
func EncodeVerified() (status int, body []byte) { return 201, appendMeta([]byte{'{'}) }
