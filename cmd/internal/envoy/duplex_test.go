package envoy

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"text/template"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/grpc"

	"postern/cmd/internal/envoytest"
)

//go:embed testdata/duplex.yaml
var duplexText string

const (
	fileSize = 100 << 20 // of the largest files there are
	bounded  = 32 << 20  // what a file may cost in memory
)

// TestFullDuplex is what Envoy's FULL_DUPLEX_STREAMED mode does with a large
// file: why files go to the gateway's own listener (proxy/extproc/README.md).
func TestFullDuplex(t *testing.T) {
	processor := &duplex{sent: make(chan struct{})}
	e := processor.start(t)
	at := "http://" + e.Address(t, "files")
	before, _ := envoytest.Memory(t, e.Process())
	grown := func() int { _, most := envoytest.Memory(t, e.Process()); return most - before }
	if got := fetch(t, http.MethodPost, at+"/taken", &blank{left: fileSize}, nil); got != int64(len("104857600")) {
		t.Errorf("the answer to an upload has %d bytes", got)
	}
	if got := fetch(t, http.MethodGet, at+"/passed", nil, nil); got != fileSize {
		t.Errorf("%d bytes passed", got)
	}
	if n := grown(); n > bounded {
		t.Errorf("what goes through the processor costs Envoy %d MiB", n>>20)
	}
	if got := fetch(t, http.MethodGet, at+"/given", nil, processor.sent); got != fileSize {
		t.Errorf("%d bytes were given", got)
	}
	if n := grown(); n < fileSize/2 {
		t.Errorf("a file of the processor's own costs Envoy %d MiB: if it makes the processor wait by now, files can go this way", n>>20)
	}
}

// duplex is a processor in that mode. It takes files in itself (/taken), gives
// them from itself (/given), or passes what comes.
type duplex struct {
	extproc.UnimplementedExternalProcessorServer
	sent chan struct{} // closed once a file of its own was handed to Envoy
}

// start runs it with an Envoy before it and an upstream that has a file.
func (d *duplex) start(t *testing.T) *envoytest.Envoy {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, &blank{left: fileSize}) // whoever asked counts
	}))
	t.Cleanup(upstream.Close)
	dir, err := os.MkdirTemp("", "duplex") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	server, ended := grpc.NewServer(), make(chan error, 1)
	extproc.RegisterExternalProcessorServer(server, d)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	var config bytes.Buffer
	at := map[string]string{"Port": strconv.Itoa(upstream.Listener.Addr().(*net.TCPAddr).Port), "Socket": l.Addr().String()}
	if err := template.Must(template.New("").Parse(duplexText)).Execute(&config, at); err != nil {
		t.Fatal(err)
	}
	return envoytest.Start(t, config.Bytes())
}

// Process implements extproc.ExternalProcessorServer.
func (d *duplex) Process(s extproc.ExternalProcessor_ProcessServer) error {
	m, err := s.Recv()
	if err != nil {
		return err
	}
	for _, h := range m.GetRequestHeaders().GetHeaders().GetHeaders() {
		switch string(h.RawValue) {
		case "/taken":
			return takes(s)
		case "/given":
			return d.gives(s)
		}
	}
	return passes(s, m)
}

// takes reads a body to its end and answers how long it is.
func takes(s extproc.ExternalProcessor_ProcessServer) error {
	for n := 0; ; {
		m, err := s.Recv()
		if err != nil {
			return err
		}
		n += len(m.GetRequestBody().GetBody())
		if m.GetRequestBody().GetEndOfStream() {
			return s.Send(&extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ImmediateResponse{ImmediateResponse: &extproc.ImmediateResponse{
				Status: &typev3.HttpStatus{Code: typev3.StatusCode_OK}, Body: []byte(strconv.Itoa(n)),
			}}})
		}
	}
}

// gives answers with a file that is nobody else's answer.
func (d *duplex) gives(s extproc.ExternalProcessor_ProcessServer) error {
	defer close(d.sent)
	ok := []*corev3.HeaderValue{{Key: ":status", RawValue: []byte("200")}}
	err := give(s, &extproc.StreamedImmediateResponse{Response: &extproc.StreamedImmediateResponse_HeadersResponse{
		HeadersResponse: &extproc.HttpHeaders{Headers: &corev3.HeaderMap{Headers: ok}},
	}})
	piece := make([]byte, 64<<10)
	for n := len(piece); err == nil && n <= fileSize; n += len(piece) {
		err = give(s, &extproc.StreamedImmediateResponse{Response: &extproc.StreamedImmediateResponse_BodyResponse{
			BodyResponse: &extproc.StreamedBodyResponse{Body: piece, EndOfStream: n == fileSize},
		}})
	}
	return err
}

func give(s extproc.ExternalProcessor_ProcessServer, r *extproc.StreamedImmediateResponse) error {
	return s.Send(&extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_StreamedImmediateResponse{StreamedImmediateResponse: r}})
}

// passes gives a request without a body and its answer on, as they come.
func passes(s extproc.ExternalProcessor_ProcessServer, m *extproc.ProcessingRequest) error {
	for {
		out := &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestHeaders{RequestHeaders: &extproc.HeadersResponse{}}}
		switch in := m.Request.(type) {
		case *extproc.ProcessingRequest_ResponseHeaders:
			out.Response = &extproc.ProcessingResponse_ResponseHeaders{ResponseHeaders: &extproc.HeadersResponse{}}
		case *extproc.ProcessingRequest_ResponseBody:
			out.Response = &extproc.ProcessingResponse_ResponseBody{ResponseBody: &extproc.BodyResponse{Response: &extproc.CommonResponse{
				BodyMutation: &extproc.BodyMutation{Mutation: &extproc.BodyMutation_StreamedResponse{
					StreamedResponse: &extproc.StreamedBodyResponse{Body: in.ResponseBody.Body, EndOfStream: in.ResponseBody.EndOfStream},
				}},
			}}}
		}
		if err := s.Send(out); err != nil {
			return err
		}
		var err error
		if m, err = s.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// fetch sends a request and counts what comes back, which it begins to read
// after that, if it is not nil.
func fetch(t *testing.T, method, url string, body io.Reader, after <-chan struct{}) int64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 2 * patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	if after != nil {
		select {
		case <-after:
		case <-time.After(patience):
		}
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// blank is a file of zeros.
type blank struct{ left int }

// Read implements io.Reader.
func (b *blank) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n := min(b.left, len(p))
	clear(p[:n])
	b.left -= n
	return n, nil
}
