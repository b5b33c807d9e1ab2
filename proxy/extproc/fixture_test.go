package extproc_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	filterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"postern/proxy/edge"
	"postern/proxy/extproc"
	"postern/proxy/upstream"
)

// patience bounds every wait.
const patience = 30 * time.Second

// gate is a gateway's handler as far as this edge sees it: it reads the body,
// sends upstream and tells what became of it.
type gate struct {
	client *upstream.Client
	mu     sync.Mutex
	sent   []upstream.Answer
	lacks  []string
	ends   []extproc.End
	opened int
}

const token = "EAA-upstream"

func newGate(t testing.TB) *gate {
	t.Helper()
	// The client's own connections lead nowhere: what goes up goes by Envoy.
	c, err := upstream.New(upstream.Config{BaseURL: "https://127.0.0.1:1", Version: "v25.0", Timeout: patience, Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &gate{client: c}
}

// ServeHTTP sends what it is given, in brackets, and answers in brackets what
// comes back.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/refuse":
		w.Header().Set("X-Reason", "no")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "refused")
		return
	case "/panic":
		panic("a message")
	case "/abort":
		_, _ = io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	case "/large":
		if _, err := io.WriteString(w, strings.Repeat("x", 5<<20)); err == nil {
			panic("it was taken")
		}
		panic(http.ErrAbortHandler)
	case "/names":
		_, _ = io.WriteString(w, strings.Join(extproc.Names(r.Context()), " ")+" "+r.RemoteAddr)
		return
	}
	g.send(w, r)
}

func (g *gate) send(w http.ResponseWriter, r *http.Request) {
	body, err := edge.ReadBody(r, 1<<20)
	if err != nil && r.URL.Path != "/stubborn" {
		http.Error(w, "bad body", http.StatusBadRequest)
		return
	}
	if body != nil && r.URL.Path != "/added" {
		body = []byte("[" + string(body) + "]")
	}
	if r.URL.Path == "/added" {
		body = []byte("[added]")
	}
	a := g.client.Call(context.WithoutCancel(r.Context()), http.MethodPost, upstream.Credential{Token: token}, "/1/messages", body)
	g.mu.Lock()
	g.sent = append(g.sent, a)
	g.mu.Unlock()
	w.Header().Set("X-Own", "1")
	w.WriteHeader(http.StatusCreated)
	if r.URL.Path == "/silent" {
		return
	}
	_, _ = io.WriteString(w, "("+string(a.Body)+")")
}

func (g *gate) refuse(w http.ResponseWriter, _ *http.Request, f edge.Fault) {
	http.Error(w, string(f), http.StatusInternalServerError)
}

// StreamOpened implements extproc.Observer.
func (g *gate) StreamOpened() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened++
}

// StreamEnded implements extproc.Observer.
func (g *gate) StreamEnded(how extproc.End) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ends = append(g.ends, how)
}

// Misshapen implements extproc.Observer.
func (g *gate) Misshapen(lacks string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lacks = append(g.lacks, lacks)
}

// outcome waits for what became of the only send.
func (g *gate) outcome(t *testing.T) upstream.Answer {
	t.Helper()
	await(t, "a send", func() bool { return len(g.sent) == 1 }, &g.mu)
	return g.sent[0]
}

// ended waits for the end of the only stream.
func (g *gate) ended(t *testing.T, how extproc.End) {
	t.Helper()
	await(t, "an end", func() bool { return len(g.ends) > 0 }, &g.mu)
	if g.ends[len(g.ends)-1] != how || g.opened < len(g.ends) {
		t.Errorf("%d opened, ended %v, want %s", g.opened, g.ends, how)
	}
}

func await(t *testing.T, what string, holds func() bool, mu *sync.Mutex) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		mu.Lock()
		ok := holds()
		mu.Unlock()
		if ok {
			return
		}
	}
	t.Fatalf("waited %s for %s", patience, what)
}

// envoy is Envoy's side of a stream.
type envoy struct {
	api.ExternalProcessor_ProcessClient
	t   testing.TB
	cut context.CancelFunc
}

// start runs the edge with a gate behind it.
func start(t testing.TB, change ...func(*extproc.Config)) (*gate, func() *envoy) {
	t.Helper()
	g := newGate(t)
	cfg := extproc.Config{Handler: g, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 100, Observe: g}
	for _, c := range change {
		c(&cfg)
	}
	server := extproc.New(cfg)
	path := filepath.Join(t.TempDir(), "s")
	socket, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(socket) }()
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		stop, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.Stop(stop); err != nil {
			t.Error(err)
		}
		if err := <-failed; err != nil {
			t.Error(err)
		}
	})
	return g, func() *envoy {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		stream, err := api.NewExternalProcessorClient(conn).Process(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return &envoy{stream, t, cancel}
	}
}

func (e *envoy) say(m *api.ProcessingRequest) {
	e.t.Helper()
	if err := e.Send(m); err != nil {
		e.t.Fatal(err)
	}
}

func (e *envoy) hear() *api.ProcessingResponse {
	e.t.Helper()
	m, err := e.Recv()
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

func headers(all ...string) *corev3.HeaderMap {
	out := &corev3.HeaderMap{}
	for _, h := range all {
		i := strings.Index(h[1:], ": ") + 1
		out.Headers = append(out.Headers, &corev3.HeaderValue{Key: h[:i], RawValue: []byte(h[i+2:])})
	}
	return out
}

// request is the first message of a stream.
func request(path string, end bool, more ...string) *api.ProcessingRequest {
	const buffered = filterv3.ProcessingMode_BUFFERED
	return &api.ProcessingRequest{
		Request: &api.ProcessingRequest_RequestHeaders{RequestHeaders: &api.HttpHeaders{EndOfStream: end, Headers: headers(append([]string{
			":method: POST", ":path: " + path, ":authority: gateway.example", ":scheme: https", "authorization: Bearer key", "x-app: 1",
		}, more...)...)}},
		ProtocolConfig: &api.ProtocolConfiguration{RequestBodyMode: buffered, ResponseBodyMode: buffered},
	}
}

func requestBody(text string, end bool) *api.ProcessingRequest {
	return &api.ProcessingRequest{Request: &api.ProcessingRequest_RequestBody{RequestBody: &api.HttpBody{Body: []byte(text), EndOfStream: end}}}
}

// reply is what comes back, by Envoy's words for where it is from.
func reply(details string, end bool, more ...string) *api.ProcessingRequest {
	m := &api.ProcessingRequest{Request: &api.ProcessingRequest_ResponseHeaders{ResponseHeaders: &api.HttpHeaders{
		EndOfStream: end, Headers: headers(append([]string{":status: 200", "x-meta: 1"}, more...)...),
	}}}
	m.Attributes = attributes("response.code_details", details)
	return m
}

func attributes(pairs ...string) map[string]*structpb.Struct {
	fields := map[string]*structpb.Value{}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = structpb.NewStringValue(pairs[i+1])
	}
	return map[string]*structpb.Struct{"envoy.filters.http.ext_proc": {Fields: fields}}
}

func replyBody(text string) *api.ProcessingRequest {
	return &api.ProcessingRequest{Request: &api.ProcessingRequest_ResponseBody{ResponseBody: &api.HttpBody{Body: []byte(text), EndOfStream: true}}}
}

// set are the headers that a mutation writes.
func set(m *api.HeaderMutation) map[string]string {
	out := map[string]string{}
	for _, h := range m.GetSetHeaders() {
		out[h.Header.Key] = string(h.Header.RawValue)
	}
	return out
}
