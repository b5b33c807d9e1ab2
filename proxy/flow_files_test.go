package proxy_test

import (
	"strings"
	"testing"

	"postern/audit"
	"postern/proxy"
)

const fileKeys = `{"encrypted_hash":"aGFzaA==","iv":"aXY=","encryption_key":"a2V5LTQ3MTE=","hmac_key":"bWFj","plaintext_hash":"cGxhaW4="}`

// withFile is a request with a file at two places, one of them written so that
// only a reader of JSON finds it, and an object that only looks like one.
const withFile = `{"action":"data_exchange","flow_token":"t","data":{"a/b":[{"media_id":"1","cdn_url":"https://cdn.example/one","file_name":"ann@example.org.png","data":"app's own","encryption_metadata":` + fileKeys + `}],` +
	`"n":1.50,"deep":{"x":{"\u0065ncryption_metadata":` + fileKeys + `,"cdn_url":7}},"other":{"cdn_url":"https://cdn.example/two"}}}`

func TestFlowFilesAreFoundAndFilledIn(t *testing.T) {
	h := newHouse(t, options{})
	for name, c := range map[string]struct {
		inline bool
		want   string
	}{
		"inline": {true, `{"action":"data_exchange","flow_token":"t","data":{"a/b":[{"media_id":"1","file_name":"ann@example.org.png",` +
			`"mime_type":"image/png","sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","file_size":3,"data":"YWJj"}],` +
			`"n":1.50,"deep":{"x":{"mime_type":"image/png","sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","file_size":3,"data":"YWJj"}},"other":{"cdn_url":"https://cdn.example/two"}}}`},
		"reference": {false, `{"action":"data_exchange","flow_token":"t","data":{"a/b":[{"media_id":"1","file_name":"ann@example.org.png","data":"app's own",` +
			`"cdn_url":"https://cdn.example/one","encryption_metadata":{"encrypted_hash":"aGFzaA==","encryption_key":"a2V5LTQ3MTE=","hmac_key":"bWFj","iv":"aXY=","plaintext_hash":"cGxhaW4="}}],` +
			`"n":1.50,"deep":{"x":{"cdn_url":7,"encryption_metadata":{"encrypted_hash":"aGFzaA==","encryption_key":"a2V5LTQ3MTE=","hmac_key":"bWFj","iv":"aXY=","plaintext_hash":"cGxhaW4="}}},"other":{"cdn_url":"https://cdn.example/two"}}}`},
	} {
		req := flowRequest(withFile)
		req.Inline = c.inline
		req.Files = files(t, withFile, proxy.FlowOpened)
		call, err := h.gate.ReceiveFlow(t.Context(), req)
		h.check(err)
		if body, ok := call.Take(); !ok || string(body) != c.want {
			t.Errorf("%s: the app is asked with %s, %v", name, body, ok)
		}
		all := h.records(audit.KindInbound)
		rec := all[len(all)-1]
		for _, p := range []string{audit.PartBody, audit.PartDetail, audit.PartInput} {
			if text := part(rec, p); text == "" || strings.Contains(text, "a2V5LTQ3MTE") || strings.Contains(text, "cdn.example/one") || strings.Contains(text, "YWJj") || strings.Contains(text, "ann@") {
				t.Errorf("%s: part %s is %s", name, p, text)
			}
		}
		if d := part(rec, audit.PartDetail); strings.Count(d, `"result":"opened","type":"image/png","bytes":3`) != 2 {
			t.Errorf("%s: detail %s", name, d)
		}
	}
}

// files are those of a request, each with the same outcome.
func files(t *testing.T, raw, result string) []*proxy.FlowFile {
	t.Helper()
	out, err := proxy.FlowFiles([]byte(raw))
	if err != nil || len(out) != 2 {
		t.Fatalf("found %d files, %v", len(out), err)
	}
	if out[0].URL != "https://cdn.example/one" || out[1].URL != "" {
		t.Errorf("addresses %q and %q", out[0].URL, out[1].URL)
	}
	for _, f := range out {
		f.Result, f.Type, f.Content = result, "image/png", []byte("abc")
	}
	return out
}

func TestFlowFileThatWasNotOpenedRefuses(t *testing.T) {
	h := newHouse(t, options{})
	for _, result := range []string{"", "mismatch"} {
		req := flowRequest(withFile)
		req.Files = files(t, withFile, proxy.FlowOpened)
		req.Files[1].Result = result
		call, err := h.gate.ReceiveFlow(t.Context(), req)
		h.check(err)
		if body, ok := call.Take(); ok || body != nil {
			t.Errorf("%q: the app may be asked with %s", result, body)
		}
		all := h.records(audit.KindInbound)
		if rec := all[len(all)-1]; rec.Effect != audit.EffectDeny || rec.Reasons[0] != "flow_media" || rec.Result != "kept" {
			t.Errorf("%q: recorded %s %v %s", result, rec.Effect, rec.Reasons, rec.Result)
		}
	}
}

func TestFlowFilesOfOtherDocuments(t *testing.T) {
	for raw, count := range map[string]int{
		`{}`:                             0,
		`{"encryption_metadata":{}}`:     1,
		`[{"encryption_metadata":7}]`:    1,
		`{"text":"encryption_metadata"}`: 0,
		`{"encryption_metadata":{"encryption_metadata":{}}}`:                      1,
		`{"a":"\n","b":{"\u0065ncryption_metadata":null,"encryption_metadat":1}}`: 1,
	} {
		if out, err := proxy.FlowFiles([]byte(raw)); err != nil || len(out) != count {
			t.Errorf("%s: %d files, %v", raw, len(out), err)
		}
	}
	if _, err := proxy.FlowFiles([]byte(`{"encryption_metadata":1,"encryption_metadata":2}`)); err == nil {
		t.Error("a repeated name is read")
	}
}
