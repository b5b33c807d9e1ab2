package media

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// SessionLife is how long an upload may be begun after it was announced.
const SessionLife = 24 * time.Hour

// Session is an upload that an app announced (Graph API, Resumable Upload). Its
// id says all of it, signed: nothing is kept before the file is there.
type Session struct {
	App    string `json:"a"`
	Mime   string `json:"t"`
	Length int64  `json:"l"`
	Until  int64  `json:"u"` // Unix seconds
}

// Announce gives the id of an upload's session.
func (s *Store) Announce(app, mime string, length int64) (string, error) {
	switch {
	case length <= 0:
		return "", ErrEmpty
	case length > limitOf(mime):
		return "", ErrTooLarge
	}
	text, err := json.Marshal(Session{App: app, Mime: mime, Length: length, Until: s.cfg.Now().Add(SessionLife).Unix()})
	if err != nil {
		return "", fmt.Errorf("announce upload: %w", err)
	}
	_, sum, err := s.cfg.Keys.MAC(keyring.Original, []byte("upload-session"), text)
	if err != nil {
		return "", fmt.Errorf("announce upload: %w", err)
	}
	return dialect.SessionPrefix + base64.RawURLEncoding.EncodeToString(text) + "." + base64.RawURLEncoding.EncodeToString(sum[:16]), nil
}

// Session reads an id that Announce gave to an app; any other is unknown.
func (s *Store) Session(id, app string) (Session, error) {
	var out Session
	head, tail, _ := strings.Cut(strings.TrimPrefix(id, dialect.SessionPrefix), ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	given, errSum := base64.RawURLEncoding.DecodeString(tail)
	if err != nil || errSum != nil {
		return out, ErrUnknown
	}
	sums, err := s.cfg.Keys.MACs(keyring.Original, []byte("upload-session"), text)
	if err != nil {
		return out, fmt.Errorf("check upload session: %w", err)
	}
	for _, v := range sums {
		if hmac.Equal(v.Sum[:16], given) && json.Unmarshal(text, &out) == nil && out.App == app && s.cfg.Now().Unix() <= out.Until {
			return out, nil
		}
	}
	return Session{}, ErrUnknown
}
