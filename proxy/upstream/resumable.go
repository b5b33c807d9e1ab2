package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// Resumable gives a file to Meta's Resumable Upload API: a session of the app
// that the token belongs to, then its bytes in one go. handle names the file in
// later calls; without one the answer says why. Nothing is changed by it that
// anybody sees. 360dialog has no such API.
func (c *Client) Resumable(ctx context.Context, who Credential, mime string, content []byte) (handle string, a Answer) {
	if who.D360 != nil {
		return "", Answer{Err: &Blocked{noHandles}}
	}
	app, a := c.app(ctx, who)
	if app == "" {
		return "", a
	}
	q := url.Values{"file_length": {strconv.Itoa(len(content))}, "file_type": {mime}, "file_name": {"file" + extension(mime)}}
	a = c.do(ctx, http.MethodPost, who, "/"+app+"/uploads?"+q.Encode(), "", nil)
	session := member(a, "id")
	if !sessionID(session) {
		return "", a
	}
	a = c.offer(ctx, who, session, content)
	return member(a, "h"), a
}

// app is the id of the app that a token belongs to.
func (c *Client) app(ctx context.Context, who Credential) (string, Answer) {
	a := c.Inspect(ctx, who)
	var info struct {
		Data struct {
			AppID string `json:"app_id"`
		} `json:"data"`
	}
	if !a.Answered() || json.Unmarshal(a.Body, &info) != nil {
		return "", a
	}
	for _, c := range info.Data.AppID {
		if c < '0' || c > '9' {
			return "", a
		}
	}
	return info.Data.AppID, a
}

func member(a Answer, name string) string {
	var all map[string]any
	if !a.Answered() || json.Unmarshal(a.Body, &all) != nil {
		return ""
	}
	text, _ := all[name].(string)
	return text
}

// sessionID reports the id of an upload session, which becomes part of a path.
func sessionID(id string) bool {
	rest, ok := strings.CutPrefix(id, "upload:")
	return ok && rest != "" && len(id) < 2048 && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-_=?&:~", r)
	})
}

// offer posts the bytes of a session from its beginning.
func (c *Client) offer(ctx context.Context, who Credential, session string, content []byte) Answer {
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	defer cancel()
	var connected atomic.Bool
	req, err := http.NewRequestWithContext(traced(ctx, &connected), http.MethodPost, c.base+"/"+session, bytes.NewReader(content))
	if err != nil {
		return Answer{Err: errAsked}
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header["file_offset"] = []string{"0"} // the API knows it by this name
	req.Header.Set("Authorization", "OAuth "+who.Token)
	return given(c.meta, req, &connected)
}
