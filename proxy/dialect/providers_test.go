package dialect

import (
	"slices"
	"strings"
	"testing"

	"postern/proxy/message"
)

// TestFetchedFiles: upstream's ids take the place of the links of a provider, of
// all files of a message, whatever else was changed in it; other files stay.
func TestFetchedFiles(t *testing.T) {
	card := func(image string) string {
		return `{"card_index":0,"components":[{"type":"header","parameters":[{"type":"image","image":` + image + `}]}]}`
	}
	body := flatSend(`"type":"template","template":{"namespace":"n","name":"cards","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"text","text":"Anna"}]},{"type":"carousel","cards":[` +
		card(`{"link":"https://a.example/1","provider":{"name":"one","kind":"x"}}`) + `,` + card(`{"id":"77","provider":{}}`) + `,` + card(`{"provider":{"name":"two"},"link":"https://a.example/2"}`) + `]}]}`)
	m, p := DecodeSend(OnPrem, "application/json", []byte(body))
	if p != nil {
		t.Fatal(p)
	}
	if !slices.ContainsFunc(m.Dropped, func(name string) bool { return strings.HasSuffix(name, ".provider.kind") }) || !slices.Contains(m.Links, "https://a.example/2") {
		t.Errorf("dropped %v, links %v", m.Dropped, m.Links)
	}
	text := slices.IndexFunc(m.Texts, func(x message.Phrase) bool { return x.Value == "Anna" })
	m, p = ApplyTexts(m, []message.Phrase{{Path: m.Texts[text].Path, Value: "Berta"}})
	if p != nil {
		t.Fatal(p)
	}
	want := []message.Media{
		{Kind: message.Image, Link: "https://a.example/1", Provider: "one"}, {Kind: message.Image, ID: "77"}, {Kind: message.Image, Link: "https://a.example/2", Provider: "two"},
	}
	if !slices.Equal(m.Media, want) {
		t.Errorf("files %+v", m.Media)
	}
	out, p := EncodeUpstream(m, Upstream{Fetched: []string{"501", "", "502"}, MediaID: func(id string) (string, bool) { return "up" + id, id == "77" }})
	if p != nil {
		t.Fatal(p)
	}
	for _, words := range []string{`{"id":"501"}`, `{"id":"up77"}`, `{"id":"502"}`, "Berta"} {
		if !strings.Contains(string(out), words) {
			t.Errorf("no %s in %s", words, out)
		}
	}
	if strings.Contains(string(out), "link") || strings.Contains(string(out), "provider") {
		t.Errorf("left: %s", out)
	}
}
