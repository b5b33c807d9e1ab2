package template_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/template"
)

func catalogue(t *testing.T) *template.Catalogue {
	t.Helper()
	c := template.NewCatalogue()
	for i, d := range template.Defaults() {
		d.ID = strconv.Itoa(i + 1)
		if err := d.Compile(); err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		c.Put("w", d)
	}
	return c
}

// sent decodes the components through the real decoder.
func sent(t *testing.T, name, components string) *send.Template {
	t.Helper()
	body := `{"messaging_product":"whatsapp","to":"+4915112345678","type":"template","template":{"name":"` + name +
		`","language":{"code":"en_US"},"components":` + components + `}}`
	s, err := send.Decode([]byte(body), send.Numbering{})
	if err != nil {
		t.Fatalf("%s: %v %s", name, err, err.Details)
	}
	return s.Template
}

func TestCheck(t *testing.T) {
	one := func(text string) string {
		return `[{"type":"body","parameters":[{"type":"text","text":"` + text + `"}]}]`
	}
	photo := `{"type":"header","parameters":[{"type":"image","image":{"id":"1"}}]}`
	two := `{"type":"body","parameters":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`
	track := `{"type":"button","sub_type":"url","index":0,"parameters":[{"type":"text","text":"9"}]}`
	name := func(n string) string { return `{"type":"text","parameter_name":"` + n + `","text":"x"}` }
	cases := []struct {
		what, name, components string
		code                   int
	}{
		{"fits", "order_update", one("42"), 0},
		{"money", "order_update", `[{"type":"body","parameters":[{"type":"currency","currency":{"fallback_value":"$1","code":"USD","amount_1000":1000}}]}]`, 0},
		{"date", "order_update", `[{"type":"body","parameters":[{"type":"date_time","date_time":{"fallback_value":"May 1"}}]}]`, 0},
		{"no parameter", "order_update", `[]`, 132000},
		{"two parameters", "order_update", "[" + two + "]", 132000},
		{"empty parameter", "order_update", one(""), 131008},
		{"line break", "order_update", one(`a\nb`), 132007},
		{"five blanks", "order_update", one("a     b"), 132007},
		{"too long", "order_update", one(strings.Repeat("x", 1024)), 132005},
		{"wrong form", "order_update", `[{"type":"body","parameters":[{"type":"payload","payload":"x"}]}]`, 132012},
		{"header without place", "order_update", `[{"type":"header","parameters":[{"type":"text","text":"x"}]},{"type":"body","parameters":[{"type":"text","text":"x"}]}]`, 132000},
		{"header, body, button", "parcel_photo", "[" + photo + "," + two + "," + track + "]", 0},
		{"no header", "parcel_photo", "[" + two + "," + track + "]", 132012},
		{"other header", "parcel_photo", `[{"type":"header","parameters":[{"type":"text","text":"x"}]},` + two + "," + track + "]", 132012},
		{"button missing", "parcel_photo", "[" + photo + "," + two + "]", 131008},
		{"button without index", "parcel_photo", "[" + photo + "," + two + "," + strings.Replace(track, `"index":0,`, "", 1) + "]", 131008},
		{"button without kind", "parcel_photo", "[" + photo + "," + two + "," + strings.Replace(track, `"sub_type":"url",`, "", 1) + "]", 131008},
		{"button out of range", "parcel_photo", "[" + photo + "," + two + "," + strings.Replace(track, `"index":0`, `"index":5`, 1) + "]", 132012},
		{"button of other kind", "parcel_photo", "[" + photo + "," + two + "," + strings.Replace(track, `"index":0`, `"index":1`, 1) + "]", 132012},
		{"code", "login_code", `[{"type":"body","parameters":[{"type":"text","text":"1234"}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"1234"}]}]`, 0},
		{"code without button", "login_code", one("1234"), 131008},
		{"code too long", "login_code", `[{"type":"body","parameters":[{"type":"text","text":"1"}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"1234567890123456"}]}]`, 132005},
		{"named", "appointment", `[{"type":"body","parameters":[` + name("visit_day") + "," + name("first_name") + `]}]`, 0},
		{"named without names", "appointment", "[" + two + "]", 132012},
		{"named wrongly", "appointment", `[{"type":"body","parameters":[` + name("visit_day") + "," + name("day") + `]}]`, 132012},
		{"paused", "paused_notice", `[]`, 132015},
		{"disabled", "disabled_notice", `[]`, 132016},
		{"rejected", "rejected_notice", `[]`, 132001},
	}
	c := catalogue(t)
	for _, k := range cases {
		tpl, _ := c.Find("w", k.name, "en_US")
		err := tpl.Check(sent(t, k.name, k.components))
		code := 0
		if err != nil {
			code = err.Code
		}
		if code != k.code {
			t.Errorf("%s: got %d (%v), want %d", k.what, code, err, k.code)
		}
	}
}

func TestValidate(t *testing.T) {
	ok := `[{"type":"BODY","text":"Your order {{1}} is here now.","example":{"body_text":[["1"]]}}]`
	long := strings.Repeat("word ", 300)
	cases := []struct {
		what       string
		change     func(*template.Template)
		components string
		subcode    int // 0: accepted, 1: refused without subcode
	}{
		{"fits", nil, ok, 0},
		{"name", func(t *template.Template) { t.Name = "Order" }, ok, 1},
		{"language", func(t *template.Template) { t.Language = "english" }, ok, 1},
		{"category", func(t *template.Template) { t.Category = "TRANSACTIONAL" }, ok, 1},
		{"format", func(t *template.Template) { t.Format = "LOOSE" }, ok, 1},
		{"named", func(t *template.Template) { t.Format = template.Named }, `[{"type":"BODY","text":"Your order {{id}} is here now.","example":{}}]`, 0},
		{"numbered in named", func(t *template.Template) { t.Format = template.Named }, ok, 2388072},
		{"no body", nil, `[{"type":"FOOTER","text":"x"}]`, 1},
		{"not a list", nil, `{}`, 1},
		{"two bodies", nil, `[{"type":"BODY","text":"x"},{"type":"BODY","text":"x"}]`, 1},
		{"unknown component", nil, `[{"type":"TAIL"}]`, 1},
		{"long body", nil, `[{"type":"BODY","text":"` + long + `"}]`, 2388040},
		{"no example", nil, `[{"type":"BODY","text":"Your order {{1}} is here now."}]`, 2388072},
		{"parameter at the edge", nil, `[{"type":"BODY","text":"Your order is {{1}}.","example":{}}]`, 2388299},
		{"crowded", nil, `[{"type":"BODY","text":"a {{1}} {{2}} b","example":{}}]`, 2388293},
		{"long header", nil, `[{"type":"HEADER","format":"TEXT","text":"` + long + `"},{"type":"BODY","text":"x"}]`, 2388047},
		{"header handle", nil, `[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"x"}]`, 2388047},
		{"header format", nil, `[{"type":"HEADER","format":"HOLOGRAM"},{"type":"BODY","text":"x"}]`, 2388047},
		{"long footer", nil, `[{"type":"FOOTER","text":"` + long + `"},{"type":"BODY","text":"x"}]`, 2388073},
		{"long label", nil, `[{"type":"BODY","text":"x"},{"type":"BUTTONS","buttons":[{"type":"URL","text":"` + long + `"}]}]`, 2388040},
		{"no buttons", nil, `[{"type":"BODY","text":"x"},{"type":"BUTTONS","buttons":[]}]`, 1},
		{"authentication with text", func(t *template.Template) { t.Category = template.Authentication }, ok, 2388072},
	}
	for _, k := range cases {
		tpl := &template.Template{Name: "order_here", Language: "en_US", Category: template.Utility, Components: jsontext.Value(k.components)}
		if k.change != nil {
			k.change(tpl)
		}
		err := tpl.Validate()
		switch {
		case k.subcode == 0 && err != nil:
			t.Errorf("%s: refused: %v %s", k.what, err, err.Details)
		case k.subcode == 1 && (err == nil || err.Code != 100 || err.Subcode != 0):
			t.Errorf("%s: got %+v, want code 100", k.what, err)
		case k.subcode > 1 && (err == nil || err.Subcode != k.subcode):
			t.Errorf("%s: got %+v, want subcode %d", k.what, err, k.subcode)
		}
	}
}

func TestCatalogue(t *testing.T) {
	c := catalogue(t)
	if _, known := c.Find("w", "order_update", "fr"); !known {
		t.Error("a name without that language is unknown")
	}
	if _, known := c.Find("w", "nothing", "en_US"); known {
		t.Error("an unknown name is known")
	}
	old, _ := c.Find("w", "order_update", "en_US")
	changed := *old
	changed.Status = template.Paused
	c.Put("w", &changed)
	if _, got := c.ByID(old.ID); got.Status != template.Paused || old.Status != template.Approved {
		t.Errorf("after a change: %s, before: %s", got.Status, old.Status)
	}
	if gone := c.Remove("w", "order_update", ""); len(gone) != 2 {
		t.Errorf("removed %v, want both languages", gone)
	}
}

func TestNodeForm(t *testing.T) {
	out, err := json.Marshal(template.Defaults()[0])
	if err != nil || !strings.Contains(string(out), `"components":[{"type":"BODY"`) || strings.Contains(string(out), "shape") {
		t.Errorf("%s %v", out, err)
	}
}
