package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// transferTime bounds one file's way, in either direction.
const transferTime = 10 * time.Minute

// mediaHosts are the domains from which Meta hands out files. Its token goes to
// no other.
var mediaHosts = []string{"facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com"}

// ErrForeign says that a file lies at a host that is not Meta's: it was not asked.
var ErrForeign = errors.New("media link leads to a host that is not Meta's")

// File is a file that goes up.
type File struct {
	Mime    string
	Length  int64
	Content io.Reader
}

// Upload gives a file to a business number: POST /{number}/media as multipart
// with file, type and messaging_product (Cloud API, Media). It is streamed.
func (m *Meta) Upload(ctx context.Context, token, number string, f File) Answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := formHead(form, f.Mime); err != nil {
		return Answer{Err: fmt.Errorf("build upload: %w", err)}
	}
	// The file stands between the head of its part, which ends the buffer, and the closing line.
	tail := []byte("\r\n--" + form.Boundary() + "--\r\n")
	length := int64(body.Len()) + f.Length + int64(len(tail))
	content := io.MultiReader(&body, io.LimitReader(f.Content, f.Length), bytes.NewReader(tail))
	return m.send(ctx, transferTime, token, "/"+number+"/media", form.FormDataContentType(), content, length)
}

// formHead writes everything that stands before the file's bytes.
func formHead(form *multipart.Writer, kind string) error {
	for _, field := range [][2]string{{"messaging_product", "whatsapp"}, {"type", kind}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="file`+extension(kind)+`"`)
	h.Set("Content-Type", kind)
	_, err := form.CreatePart(h)
	return err
}

func extension(kind string) string {
	all, err := mime.ExtensionsByType(kind)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}

// Download is a file that comes down. Its owner closes Body.
type Download struct {
	Answer Answer // of upstream, where it gave no file
	Length int64  // -1 if not said
	Mime   string
	Body   io.ReadCloser // nil where upstream gave no file
}

// Download asks for a file by the link that upstream gave. Redirects are not
// followed: the token goes to the host of the link, if that is one of Meta's.
// Without a token none goes: pictures of profiles are for everybody.
func (m *Meta) Download(ctx context.Context, token, link string) (Download, error) {
	if !m.hands(link) {
		return Download{}, ErrForeign
	}
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		cancel()
		return Download{}, fmt.Errorf("build media request: %w", err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := m.client.Do(req)
	if err != nil {
		cancel()
		return Download{}, fmt.Errorf("ask for media: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer cancel()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		return Download{Answer: Answer{Status: resp.StatusCode, Body: body, Sent: true}}, errors.Join(err, resp.Body.Close())
	}
	return Download{
		Answer: Answer{Status: resp.StatusCode, Sent: true}, Length: resp.ContentLength, Mime: resp.Header.Get("Content-Type"),
		Body: ending{resp.Body, cancel},
	}, nil
}

type ending struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (e ending) Close() error {
	defer e.cancel()
	return e.ReadCloser.Close()
}

// hands reports whether a link may be asked with the token: at the host that
// calls go to, or over TLS at one of Meta's.
func (m *Meta) hands(link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Opaque != "" {
		return false
	}
	if base, err := url.Parse(m.base); err == nil && u.Scheme == base.Scheme && u.Host == base.Host {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && slices.ContainsFunc(mediaHosts, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// send posts a body of known length that is not in memory.
func (m *Meta) send(ctx context.Context, within time.Duration, token, path, kind string, body io.Reader, length int64) Answer {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var connected atomic.Bool
	req, err := http.NewRequestWithContext(traced(ctx, &connected), http.MethodPost, m.base+path, body)
	if err != nil {
		return Answer{Err: fmt.Errorf("build upstream request: %w", err)}
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", kind)
	return m.answer(req, token, &connected)
}
