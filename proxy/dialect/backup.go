package dialect

import "encoding/base64"

// leastPassword bounds the password of a backup from below, in bytes: whoever
// has the backup may guess at leisure.
const leastPassword = 8

// DecodeBackup reads POST /v1/settings/backup.
func DecodeBackup(contentType string, body []byte) (password string, p *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return "", p
	}
	password, p = t.words("password")
	if p == nil && len(password) < leastPassword {
		p = &Problem{Kind: Invalid, Param: "password", Details: "The password of a backup has 8 to 256 bytes."}
	}
	return password, p
}

// DecodeRestore reads POST /v1/settings/restore.
func DecodeRestore(contentType string, body []byte) (password string, data []byte, p *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return "", nil, p
	}
	if password, p = t.words("password"); p != nil {
		return "", nil, p
	}
	n := t.child(0, "data")
	if !t.is(n, '"') || t.nodes[n].text == "" {
		return "", nil, &Problem{Kind: Missing, Param: "data", Details: "The data that /v1/settings/backup gave is needed."}
	}
	data, err := base64.StdEncoding.DecodeString(t.nodes[n].text)
	if err != nil {
		return "", nil, ForeignBackup()
	}
	return password, data, nil
}

// ForeignBackup is the answer to data that this gateway never made.
func ForeignBackup() *Problem {
	return &Problem{Kind: Invalid, Param: "data", Details: "This is no whole backup of this gateway. " +
		"One of WhatsApp's own client goes with /v1/account or /v1/account/verify as backup, to register its number at upstream."}
}

// EncodeBackup answers POST /v1/settings/backup.
func EncodeBackup(data []byte) (status int, body []byte) {
	out := appendText([]byte(`{"settings":{"data":`), base64.StdEncoding.EncodeToString(data))
	return 200, appendMeta(append(out, '}'))
}

// NumberBackup is what WhatsApp's own client gave out to register its number
// elsewhere. Only upstream can read it.
type NumberBackup struct{ Data, Password string }

// backup reads the backup beside a registration, nil without one.
func (t *tree) backup() (*NumberBackup, *Problem) {
	n := t.child(0, "backup")
	if n == none || t.is(n, 'n') {
		return nil, nil
	}
	b := &NumberBackup{Data: t.str(n, "data"), Password: t.str(n, "password")}
	if b.Data == "" || b.Password == "" {
		return nil, &Problem{Kind: Invalid, Param: "backup", Details: "A backup is an object of data and password, as WhatsApp's own client gave them."}
	}
	return b, nil
}
