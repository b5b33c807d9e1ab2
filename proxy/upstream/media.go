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
	"strconv"
	"time"
)

// transferTime bounds one file's way, in either direction.
const transferTime = 10 * time.Minute

// ErrForeign says that a file lies at a host that is not Meta's: it was not asked.
var ErrForeign = errors.New("media link leads to a host that is not Meta's")

var errMisses = errors.New("too many files were asked for that 360dialog does not have; it would block the number's files")

// File is a file that goes up.
type File struct {
	Mime    string
	Length  int64
	Content io.Reader
	Life    time.Duration // whole minutes; 0 leaves it to upstream
}

// Upload gives a file to a business number: POST /{number}/media as multipart
// with file, type and messaging_product (Cloud API, Media). It is streamed.
func (c *Client) Upload(ctx context.Context, who Credential, number string, f File) Answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := formHead(form, f); err != nil {
		return Answer{Err: fmt.Errorf("build upload: %w", err)}
	}
	// The file stands between the head of its part, which ends the buffer, and the closing line.
	tail := []byte("\r\n--" + form.Boundary() + "--\r\n")
	length := int64(body.Len()) + f.Length + int64(len(tail))
	content := io.MultiReader(&body, io.LimitReader(f.Content, f.Length), bytes.NewReader(tail))
	return c.ask(ctx, who, request{
		method: http.MethodPost, path: "/" + number + "/media", kind: form.FormDataContentType(), body: content, length: length, within: transferTime,
	})
}

// formHead writes everything that stands before the file's bytes.
func formHead(form *multipart.Writer, f File) error {
	fields := [][2]string{{"messaging_product", "whatsapp"}, {"type", f.Mime}}
	if f.Life > 0 {
		fields = append(fields, [2]string{"ttl_minutes", strconv.Itoa(int(f.Life / time.Minute))})
	}
	for _, field := range fields {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="file`+extension(f.Mime)+`"`)
	h.Set("Content-Type", f.Mime)
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
// followed: Meta's token goes to the host of the link, if that is one of its
// own, and 360dialog's key to 360dialog. Without a credential none goes:
// pictures of profiles are for everybody.
func (c *Client) Download(ctx context.Context, who Credential, link string) (Download, error) {
	var to provider = meta{base: c.base, client: c.meta}
	if who != (Credential{}) {
		var err error
		if to, err = c.provider(who); err != nil {
			return Download{}, err
		}
	}
	there, err := to.file(link)
	if err != nil {
		return Download{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, there.url, nil)
	if err != nil {
		cancel()
		return Download{}, fmt.Errorf("build media request: %w", err)
	}
	there.sign(req.Header)
	resp, err := there.client.Do(req)
	if err != nil {
		cancel()
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err // without the link, which leads to the file
		}
		return Download{}, fmt.Errorf("ask for media: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer cancel()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		return Download{Answer: there.read(Answer{Status: resp.StatusCode, Body: body, Sent: true})}, errors.Join(err, resp.Body.Close())
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
