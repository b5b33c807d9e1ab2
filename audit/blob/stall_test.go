package blob_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
)

// way is a proxy before a server that stops to pass bytes on, and keeps its
// connections open.
type way struct {
	addr     string
	up, down atomic.Int64 // bytes of a connection that pass; 0: all
	taken    atomic.Int64 // connections
}

func newWay(t *testing.T, to string) *way {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, done := &way{addr: l.Addr().String()}, make(chan struct{})
	var all sync.WaitGroup
	t.Cleanup(func() {
		close(done)
		_ = l.Close() // it is the end
		all.Wait()
	})
	all.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			w.taken.Add(1)
			all.Go(func() { w.serve(from, to, done) })
		}
	})
	return w
}

func (w *way) serve(from net.Conn, addr string, done <-chan struct{}) {
	defer from.Close() //nolint:errcheck // it is the end
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close() //nolint:errcheck // it is the end
	ended := make(chan struct{}, 2)
	go func() { pass(to, from, &w.up, done); ended <- struct{}{} }()
	go func() { pass(from, to, &w.down, done); ended <- struct{}{} }()
	select {
	case <-ended:
	case <-done:
	}
}

// pass copies until the limit, then stands still until the test has ended.
func pass(to io.Writer, from io.Reader, limit *atomic.Int64, done <-chan struct{}) {
	buf, n := make([]byte, 16<<10), int64(0)
	for {
		got, err := from.Read(buf)
		if most := limit.Load(); most > 0 && n+int64(got) > most {
			<-done
			return
		}
		if _, bad := to.Write(buf[:got]); bad != nil || err != nil {
			return
		}
		n += int64(got)
	}
}

// TestS3StandsStill: what does not move is given up after so many tries, and
// leaves nothing at the server.
func TestS3StandsStill(t *testing.T) {
	t.Parallel()
	s := s3test.Start(t)
	name := s.Bucket(t, false)
	content := bytes.Repeat([]byte("0123456789abcdef"), 17<<16) // two parts
	if err := store(bucket(t, s, name, nil), "there", content); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		up, down int64
		try      func(*blob.S3) error
	}{
		"an upload": {up: 1 << 20, try: func(b *blob.S3) error { return store(b, "half", content) }},
		"a download": {down: 1 << 20, try: func(b *blob.S3) error {
			_, err := fetch(b, "there")
			return err
		}},
		"an answer": {down: 1, try: func(b *blob.S3) error { return store(b, "small", []byte("x")) }},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWay(t, s.Addr)
			b := bucket(t, s, name, func(c *blob.S3Config) { c.Endpoint, c.Idle = "http://"+w.addr, time.Second })
			if err := b.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.up.Store(c.up)
			w.down.Store(c.down)
			if err := c.try(b); err == nil || !strings.Contains(err.Error(), "stood still: no byte moved for 1s") {
				t.Errorf("%v", err)
			}
			if n := w.taken.Load(); n > 8 {
				t.Errorf("%d connections", n)
			}
			if what == "an upload" {
				unfinished(t, s, name)
			}
		})
	}
}

// unfinished finds no upload that was begun and not ended.
func unfinished(t *testing.T, s *s3test.Server, name string) {
	t.Helper()
	c, err := minio.New(s.Addr, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s3test.Region})
	if err != nil {
		t.Fatal(err)
	}
	for u := range c.ListIncompleteUploads(t.Context(), name, "", true) {
		t.Errorf("an upload is left: %s %v", u.Key, u.Err)
	}
}

// TestAnswerBreaksOff: what did not come whole is not taken for an object that
// ends early.
func TestAnswerBreaksOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 08:00:00 GMT")
		w.Header().Set("ETag", `"1"`)
		_, _ = io.WriteString(w, "cut") //nolint:errcheck // the client sees what came
	}))
	defer server.Close()
	b, err := blob.NewS3(blob.S3Config{
		Endpoint: server.URL, Bucket: "broken", Region: s3test.Region, PathStyle: true, Tries: 1,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: "id", Secret: "secret"} },
	})
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := b.Get(t.Context(), "files/one")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	got, err := io.ReadAll(r)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || string(got) != "cut" {
		t.Errorf("%q, %v", got, err)
	}
}
