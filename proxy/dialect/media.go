package dialect

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// MediaID is the id an old dialect's client knows a file by: a UUID, as the
// On-Premises API gave out.
func MediaID(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ParseMediaID is the inverse of MediaID.
func ParseMediaID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	raw, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil || MediaID([16]byte(raw)) != s {
		return id, false
	}
	return [16]byte(raw), true
}

// EncodeUploaded answers an upload with the id that the app shall know.
func EncodeUploaded(d Dialect, id string) (status int, body []byte) {
	if d.Flat() {
		out := append(appendText([]byte(`{"media":[{"id":`), id), '}', ']')
		return 200, appendMeta(out)
	}
	return 200, append(appendText([]byte(`{"id":`), id), '}')
}

// MediaNode is what upstream says of a file.
type MediaNode struct {
	ID     string
	URL    string // where upstream hands it out
	Mime   string
	SHA256 string // hex or base64
	Bytes  int64  // -1 if not said
}

// Sum is the file's SHA-256, which upstream writes in hex or base64; nil where
// it is neither.
func (n MediaNode) Sum() []byte {
	if raw, err := hex.DecodeString(n.SHA256); err == nil && len(raw) == sha256.Size {
		return raw
	}
	if raw, err := base64.StdEncoding.DecodeString(n.SHA256); err == nil && len(raw) == sha256.Size {
		return raw
	}
	return nil
}

// DecodeMediaNode reads upstream's node of a file.
func DecodeMediaNode(body []byte) (MediaNode, error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "id") == "" || t.str(0, "url") == "" {
		return MediaNode{}, ErrAnswer
	}
	n := MediaNode{ID: t.str(0, "id"), URL: t.str(0, "url"), Mime: t.str(0, "mime_type"), SHA256: t.str(0, "sha256"), Bytes: -1}
	if size, ok := t.integer(0, "file_size"); ok && size >= 0 {
		n.Bytes = size
	}
	return n, nil
}

// EncodeMediaNode answers with a file's node; URL leads to the gateway.
func EncodeMediaNode(n MediaNode) (status int, body []byte) {
	out := appendText([]byte(`{"messaging_product":"whatsapp","url":`), n.URL)
	out = appendMember(out, "mime_type", n.Mime)
	out = appendMember(out, "sha256", n.SHA256)
	if n.Bytes >= 0 {
		out = strconv.AppendInt(append(out, `,"file_size":`...), n.Bytes, 10)
	}
	out = appendMember(out, "id", n.ID)
	return 200, append(out, '}')
}

// DecodeUploaded reads the id that upstream gave a file.
func DecodeUploaded(body []byte) (id string, err error) {
	t, err := parse(body, true)
	if err != nil || t.str(0, "id") == "" {
		return "", ErrAnswer
	}
	return t.str(0, "id"), nil
}
