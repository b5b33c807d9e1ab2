package dialect

import (
	"strconv"
	"time"
)

// Identity is who uses a person's number, in the old API's words.
type Identity struct {
	Hash         string
	Acknowledged bool
	Since        time.Time // of the last change, zero if none is known
}

// EncodeIdentity answers GET and PUT of /v1/contacts/{wa_id}/identity.
func EncodeIdentity(i Identity) (status int, body []byte) {
	out := strconv.AppendBool([]byte(`{"identity":{"acknowledged":`), i.Acknowledged)
	if !i.Since.IsZero() {
		out = strconv.AppendInt(append(out, `,"created_timestamp":`...), i.Since.UnixMilli(), 10)
	}
	return 200, appendMeta(append(appendMember(out, "hash", i.Hash), '}'))
}

// DecodeAcknowledge reads PUT /v1/contacts/{wa_id}/identity: the hash of the
// identity that the app vouches for.
func DecodeAcknowledge(contentType string, body []byte) (hash string, p *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return "", p
	}
	return t.words("hash")
}
