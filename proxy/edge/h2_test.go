package edge_test

import (
	"testing"

	"postern/proxy/edge"
)

func get(path string, more ...field) []field {
	return append([]field{{":method", "GET"}, {":scheme", "https"}, {":authority", "gate.example"}, {":path", path}}, more...)
}

func posted(more ...field) []field {
	return append([]field{{":method", "POST"}, {":scheme", "https"}, {":authority", "gate.example"}, {":path", "/1"}}, more...)
}

func TestGoodH2(t *testing.T) {
	l := listen(t)
	if s := l.h2(t, posted(field{"authorization", "Bearer x"}, field{"content-length", "2"}), []byte("{}"), nil); s != 200 {
		t.Fatalf("status %d", s)
	}
	if served, refused := l.seen(); len(refused) != 0 || len(served) != 1 || served[0].body != "{}" || served[0].err != nil {
		t.Errorf("served %+v, refused %q", served, refused)
	}
	if s := l.h2(t, get("/v1/media//x/"), nil, nil); s != 200 {
		t.Fatalf("status %d", s)
	}
	if served, _ := l.seen(); len(served) != 1 || served[0].path != "/v1/media/x" {
		t.Errorf("served %+v", served)
	}
}

func TestShellRefusesH2(t *testing.T) {
	l := listen(t)
	method := func(m string) []field {
		return []field{{":method", m}, {":scheme", "https"}, {":authority", "gate.example"}, {":path", "/1"}}
	}
	for name, c := range map[string]struct {
		fields []field
		want   edge.Fault
	}{
		"lower-case method":  {method("post"), edge.FaultMethod},
		"unknown method":     {method("FOO"), edge.FaultMethod},
		"trace":              {method("TRACE"), edge.FaultMethod},
		"connect":            {[]field{{":method", "CONNECT"}, {":authority", "gate.example:443"}}, edge.FaultMethod},
		"blank in path":      {get("/1 2"), edge.FaultPath},
		"double slash":       {get("//v25.0/1"), edge.FaultPath},
		"dots":               {get("/v25.0/../1"), edge.FaultPath},
		"escape":             {get("/v25.0/%2e%2e/1"), edge.FaultPath},
		"fragment":           {get("/1#x"), edge.FaultPath},
		"star":               {get("*"), edge.FaultTarget},
		"absolute":           {get("http://other.example/1"), edge.FaultTarget},
		"two authorizations": {get("/1", field{"authorization", "Bearer a"}, field{"authorization", "Bearer b"}), edge.FaultHeader},
		"two 360dialog keys": {get("/1", field{"d360-api-key", "a"}, field{"d360-api-key", "b"}), edge.FaultHeader},
		"two content types":  {posted(field{"content-type", "application/json"}, field{"content-type", "text/plain"}), edge.FaultHeader},
		"host and authority": {get("/1", field{"host", "other.example"}), edge.FaultHeader},
		"gzip":               {posted(field{"content-encoding", "gzip"}), edge.FaultEncoding},
		"two access tokens":  {get("/1?access_token=a&access_token=b"), edge.FaultQuery},
		"announced trailer":  {posted(field{"trailer", "authorization"}), edge.FaultTrailer},
	} {
		t.Run(name, func(t *testing.T) {
			var body []byte
			if c.fields[0].value == "POST" {
				body = []byte("{}")
			}
			status := l.h2(t, c.fields, body, nil)
			served, refused := l.seen()
			if len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if status != 400 || len(refused) != 1 || refused[0] != c.want {
				t.Errorf("status %d, refused with %q, want %q", status, refused, c.want)
			}
		})
	}
}

func TestGoRefusesH2(t *testing.T) {
	l := listen(t)
	for name, fields := range map[string][]field{
		"no path":           {{":method", "GET"}, {":scheme", "https"}, {":authority", "gate.example"}},
		"empty path":        get(""),
		"connection header": get("/1", field{"connection", "close"}),
		"chunked":           posted(field{"transfer-encoding", "chunked"}),
		"upper-case name":   get("/1", field{"Authorization", "Bearer a"}),
		"two paths":         append(get("/1"), field{":path", "/2"}),
		"blank path":        get(" /1"),
	} {
		t.Run(name, func(t *testing.T) {
			status := l.h2(t, fields, nil, nil)
			if served, _ := l.seen(); len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if status == 200 {
				t.Error("the request was answered 200")
			}
		})
	}
}

func TestBrokenBodiesH2(t *testing.T) {
	l := listen(t)
	for name, c := range map[string]struct {
		fields  []field
		body    []byte
		trailer []field
		broken  bool
	}{
		"length too large": {posted(field{"content-length", "10"}), []byte("{}"), nil, true},
		"length too small": {posted(field{"content-length", "1"}), []byte("{}"), nil, true},
		"no length":        {posted(), []byte("{}"), nil, false},
		"trailer":          {posted(), []byte("{}"), []field{{"authorization", "Bearer x"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l.h2(t, c.fields, c.body, c.trailer)
			served, _ := l.seen()
			for _, s := range served {
				if c.broken && (s.err == nil || s.body != "") || !c.broken && s.body != "{}" || s.trailer != 0 && s.err == nil {
					t.Errorf("the handler saw %+v", s)
				}
			}
			if !c.broken && len(served) != 1 {
				t.Errorf("served %+v", served)
			}
		})
	}
}
