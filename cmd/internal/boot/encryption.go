package boot

import (
	"strings"

	"postern/crypto/jwe"
)

// Encryption is the payload encryption of a number. With it messages leave
// through Meta's encrypted messages API and in no other way; without a key, the
// zero value, they leave in the clear inside TLS.
type Encryption struct {
	On          bool        `json:"on"`
	Key         Secret      `json:"key"`          // RSA private key, PEM: opens Meta's answers
	KeyPrevious Secret      `json:"key_previous"` // opens answers while a new key is exchanged
	Content     jwe.Content `json:"content"`
	Wrap        jwe.Wrap    `json:"key_wrap"`
}

// encryption reads the section of a number, and judges the keys that can be read
// here.
func (r *reader) encryption(s *section) Encryption {
	defer s.done()
	if s.node == nil {
		return Encryption{}
	}
	e := Encryption{
		On:          true,
		Key:         s.secret("key", true),
		KeyPrevious: s.secret("key_previous", false),
		Content:     jwe.Content(s.text("content", string(jwe.A256GCM), contentRemedy)),
		Wrap:        jwe.Wrap(s.text("key_wrap", string(jwe.OAEP), wrapRemedy)),
	}
	r.expect(e.Content.Valid(), s.at("content"), "is not a content encryption of the API", contentRemedy)
	r.expect(e.Wrap.Valid(), s.at("key_wrap"), "is not a key wrap of the API", wrapRemedy)
	r.privateKey(e.Key, s.at("key"))
	r.privateKey(e.KeyPrevious, s.at("key_previous"))
	return e
}

const (
	contentRemedy = "write A256GCM, A128GCM or A128CBC-HS256"
	wrapRemedy    = "write RSA-OAEP, or RSA-OAEP-256 if Meta says so"
)

func (r *reader) privateKey(s Secret, path string) {
	if !s.IsSet() {
		return
	}
	if _, err := jwe.ParsePrivate([]byte(s.Value())); err != nil {
		what, write, _ := strings.Cut(err.Error(), "; ")
		r.reportAt(path, path+": "+what, write)
	}
}
