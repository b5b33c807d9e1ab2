package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// Resumable gives a file to Meta's Resumable Upload API: a session of the app
// that the token belongs to, then its bytes in one go, streamed. handle names the file in
// later calls; without one the answer says why. Nothing is changed by it that
// anybody sees. 360dialog has no such API.
func (c *Client) Resumable(ctx context.Context, who Credential, f File) (handle string, a Answer) {
	if who.D360 != nil {
		return "", Answer{Err: &Blocked{noHandles}}
	}
	app, a := c.app(ctx, who)
	if app == "" {
		return "", a
	}
	q := url.Values{"file_length": {strconv.FormatInt(f.Length, 10)}, "file_type": {f.Mime}, "file_name": {"file" + extension(f.Mime)}}
	a = c.do(ctx, http.MethodPost, who, "/"+app+"/uploads?"+q.Encode(), "", nil)
	session := member(a, "id")
	if !sessionID(session) {
		return "", a
	}
	a = c.offer(ctx, who, session, f)
	return member(a, "h"), a
}

// ErrNoApp says that upstream does not tell which app a token belongs to.
var ErrNoApp = errors.New("upstream does not say which app the token belongs to; write app_id of the tenant")

// app is the id of the app that a token belongs to: as it is written, or as
// upstream says.
func (c *Client) app(ctx context.Context, who Credential) (string, Answer) {
	if who.App != "" {
		return who.App, Answer{}
	}
	a := c.Inspect(ctx, who)
	var info struct {
		Data struct {
			AppID string `json:"app_id"`
		} `json:"data"`
	}
	if !a.Answered() {
		return "", a
	}
	err := json.Unmarshal(a.Body, &info)
	if id := info.Data.AppID; err == nil && id != "" && strings.Trim(id, "0123456789") == "" {
		return id, a
	}
	return "", Answer{Err: ErrNoApp}
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
func (c *Client) offer(ctx context.Context, who Credential, session string, f File) Answer {
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	defer cancel()
	var connected atomic.Bool
	req, err := http.NewRequestWithContext(traced(ctx, &connected), http.MethodPost, c.base+"/"+session, io.LimitReader(f.Content, f.Length))
	if err != nil {
		return Answer{Err: errAsked}
	}
	req.ContentLength = f.Length
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header["file_offset"] = []string{"0"} // the API knows it by this name
	req.Header.Set("Authorization", "OAuth "+who.Token)
	return given(c.meta, req, &connected)
}
