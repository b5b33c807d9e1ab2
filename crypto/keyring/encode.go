package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

// The JSON of a keystore is put together here, since encoding/json would leave
// copies of it in buffers that it shares with the whole program.

// keyText is more than one key takes in the file, indented.
const keyText = 512

// appendJSON appends b without white space, as encoding/json would write it.
// What needs escapes does not pass validate.
func (b *body) appendJSON(to []byte) []byte {
	to = appendMember(to, `{"id":"`, b.ID)
	to = appendMember(to, `","name":"`, b.Name)
	to = strconv.AppendUint(append(to, `","generation":`...), b.Generation, 10)
	to = b.Created.AppendFormat(append(to, `,"created":"`...), time.RFC3339Nano)
	to = append(to, `","keys":[`...)
	for i := range b.Keys {
		if i > 0 {
			to = append(to, ',')
		}
		to = b.Keys[i].appendJSON(to)
	}
	return append(to, `]}`...)
}

func (r *record) appendJSON(to []byte) []byte {
	to = appendMember(to, `{"purpose":"`, string(r.Purpose))
	to = strconv.AppendUint(append(to, `","version":`...), uint64(r.Version), 10)
	to = appendMember(to, `,"state":"`, string(r.State))
	to = r.Created.AppendFormat(append(to, `","created":"`...), time.RFC3339Nano)
	to = append(to, '"')
	if r.Seals > 0 {
		to = strconv.AppendUint(append(to, `,"seals":`...), r.Seals, 10)
	}
	if r.Wrapped != "" {
		to = append(appendMember(to, `,"wrapped":"`, r.Wrapped), '"')
	} else if len(r.Material) > 0 {
		to = append(base64.StdEncoding.AppendEncode(append(to, `,"material":"`...), r.Material), '"')
	}
	if len(r.Public) > 0 {
		to = append(base64.StdEncoding.AppendEncode(append(to, `,"public":"`...), r.Public), '"')
	}
	return append(to, '}')
}

func appendMember(to []byte, name, value string) []byte {
	return append(append(to, name...), value...)
}

// marshal is b without white space. The caller wipes it.
func (b *body) marshal() []byte {
	return b.appendJSON(make([]byte, 0, keyText*(len(b.Keys)+1)))
}

// indented is the whole file around kept. The caller wipes it.
func (f file) indented(kept []byte) ([]byte, error) {
	head, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	whole := make([]byte, 0, len(head)+len(kept)+len(`,"body":}`))
	whole = append(append(whole, head[:len(head)-1]...), `,"body":`...)
	whole = append(append(whole, kept...), '}')
	defer wipe(whole)
	out := bytes.NewBuffer(make([]byte, 0, 4*len(whole)))
	if err := json.Indent(out, whole, "", "  "); err != nil {
		wipe(out.Bytes())
		return nil, err
	}
	return append(out.Bytes(), '\n'), nil
}
