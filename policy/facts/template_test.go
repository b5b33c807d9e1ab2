package facts_test

import (
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"postern/policy/facts"
)

func approved() facts.Template { return template("UTILITY", `[{"type":"BODY","text":"Hello {{1}}"}]`) }

func template(category, components string) facts.Template {
	return facts.Template{WABA: "77", Name: "order", Language: "en_US", ID: "1", Status: "APPROVED", Category: category, Components: jsontext.Value(components)}
}

func use(components ...facts.Component) facts.Use {
	return facts.Use{Name: "order", Language: "en_US", Components: components}
}

func body(kinds ...string) facts.Component {
	return facts.Component{Type: "body", Parameters: len(kinds), Kinds: kinds}
}

func pressed(subtype, index string, kinds ...string) facts.Component {
	return facts.Component{Type: "button", SubType: subtype, Index: index, Parameters: len(kinds), Kinds: kinds}
}

func TestTemplateParameters(t *testing.T) {
	const (
		plain    = `[{"type":"BODY","text":"Hello"},{"type":"FOOTER","text":"Bye"}]`
		two      = `[{"type":"HEADER","format":"TEXT","text":"Order {{1}}"},{"type":"BODY","text":"{{1}} and {{2}}, again {{1}}"}]`
		named    = `[{"type":"BODY","text":"Hi {{first_name}}, {{ day }}"}]`
		image    = `[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Look"}]`
		place    = `[{"type":"HEADER","format":"LOCATION"},{"type":"BODY","text":"Here"}]`
		buttons  = `[{"type":"BODY","text":"Go"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Yes"},{"type":"URL","text":"Track","url":"https://e.example/{{1}}"},{"type":"PHONE_NUMBER","text":"Call"}]}]`
		coupon   = `[{"type":"BODY","text":"Sale"},{"type":"BUTTONS","buttons":[{"type":"COPY_CODE","text":"Copy"}]}]`
		flow     = `[{"type":"BODY","text":"Fill"},{"type":"BUTTONS","buttons":[{"type":"FLOW","text":"Open"}]}]`
		otp      = `[{"type":"BODY","text":"*{{1}}* is your code."},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copy"}]}]`
		otpBare  = `[{"type":"BODY","add_security_recommendation":true},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"ONE_TAP"}]}]`
		carousel = `[{"type":"BODY","text":"See"},{"type":"CAROUSEL","cards":[]}]`
		cards    = `[{"type":"BODY","text":"See"},{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"{{1}}"}]}]}]`
	)
	head := func(kinds ...string) facts.Component {
		return facts.Component{Type: "header", Parameters: len(kinds), Kinds: kinds}
	}
	card := func(parts ...facts.Component) facts.Use {
		for i := range parts {
			parts[i].Type = "carousel[0]." + parts[i].Type
		}
		return use(append([]facts.Component{{Type: "carousel"}}, parts...)...)
	}
	byName := func(names ...string) facts.Component {
		c := body(slices.Repeat([]string{"text"}, len(names))...)
		c.Named = names
		return c
	}
	for _, c := range []struct {
		name, category, def string
		use                 facts.Use
		want                string
		wanted, got         int
	}{
		{"plain", "UTILITY", plain, use(), "ok", 0, 0},
		{"plain with an empty body", "UTILITY", plain, use(body()), "ok", 0, 0},
		{"plain with a parameter", "UTILITY", plain, use(body("text")), "count", 0, 1},
		{"two", "UTILITY", two, use(head("text"), body("text", "currency")), "ok", 0, 0},
		{"two, one given", "UTILITY", two, use(head("text"), body("text")), "count", 2, 1},
		{"two, no header", "UTILITY", two, use(body("text", "text")), "count", 1, 0},
		{"two, nothing", "UTILITY", two, use(), "count", 1, 0},
		{"two, image in body", "UTILITY", two, use(head("text"), body("text", "image")), "format", 2, 2},
		{"body twice", "UTILITY", two, use(head("text"), body("text", "text"), body("text", "text")), "component", 0, 2},
		{"unknown component", "UTILITY", plain, use(facts.Component{Type: "sidebar"}), "component", 0, 0},
		{"named", "UTILITY", named, use(byName("day", "first_name")), "ok", 0, 0},
		{"named, wrong name", "UTILITY", named, use(byName("first_name", "date")), "format", 2, 2},
		{"named, given by position", "UTILITY", named, use(body("text", "text")), "format", 2, 2},
		{"by position, given by name", "UTILITY", `[{"type":"BODY","text":"{{1}}"}]`, use(byName("x")), "format", 1, 1},
		{"image", "MARKETING", image, use(head("image")), "ok", 0, 0},
		{"image, text given", "MARKETING", image, use(head("text")), "format", 1, 1},
		{"image, none", "MARKETING", image, use(), "count", 1, 0},
		{"location", "UTILITY", place, use(head("location")), "ok", 0, 0},
		{"buttons", "UTILITY", buttons, use(pressed("quick_reply", "0", "payload"), pressed("url", "1", "text")), "ok", 0, 0},
		{"buttons, reply left out", "UTILITY", buttons, use(pressed("url", "1", "text")), "ok", 0, 0},
		{"buttons, link missing", "UTILITY", buttons, use(pressed("quick_reply", "0", "payload")), "component", 1, 0},
		{"buttons, index too high", "UTILITY", buttons, use(pressed("url", "3", "text")), "index", 3, 3},
		{"buttons, no index", "UTILITY", buttons, use(pressed("url", "", "text")), "index", 3, 0},
		{"buttons, index twice", "UTILITY", buttons, use(pressed("url", "1", "text"), pressed("url", "1", "text")), "index", 3, 1},
		{"buttons, swapped", "UTILITY", buttons, use(pressed("url", "0", "text")), "format", 0, 1},
		{"buttons, call takes none", "UTILITY", buttons, use(pressed("url", "1", "text"), pressed("voice_call", "2", "text")), "count", 0, 1},
		{"coupon", "MARKETING", coupon, use(pressed("copy_code", "0", "coupon_code")), "ok", 0, 0},
		{"coupon, none", "MARKETING", coupon, use(), "component", 1, 0},
		{"flow", "UTILITY", flow, use(pressed("flow", "0", "action")), "ok", 0, 0},
		{"flow without token", "UTILITY", flow, use(), "ok", 0, 0},
		{"code", "AUTHENTICATION", otp, use(body("text"), pressed("url", "0", "text")), "ok", 0, 0},
		{"code without button", "AUTHENTICATION", otp, use(body("text")), "component", 1, 0},
		{"code, text not listed", "AUTHENTICATION", otpBare, use(body("text"), pressed("url", "0", "text")), "ok", 0, 0},
		{"carousel", "MARKETING", carousel, use(facts.Component{Type: "carousel"}), "ok", 0, 0},
		{"carousel missing", "MARKETING", carousel, use(), "component", 1, 0},
		{"cards", "MARKETING", cards, card(head("image"), body("text")), "ok", 0, 0},
		{"cards, body left out", "MARKETING", cards, card(head("image")), "count", 1, 0},
		{"cards, two parameters", "MARKETING", cards, card(head("image"), body("text", "text")), "count", 1, 2},
		{"cards, video given", "MARKETING", cards, card(head("video"), body("text")), "format", 1, 1},
		{"cards, one too many", "MARKETING", carousel, card(body()), "component", 0, 1},
	} {
		s := with(t, template(c.category, c.def).Row("bank", base))
		got, category := s.Judge("bank", "77", c.use)
		if !got.Known || got.Parameters != c.want || category == "" {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
		if c.want != "ok" && (got.Want != c.wanted || got.Got != c.got) {
			t.Errorf("%s: want %d got %d, should be %d and %d", c.name, got.Want, got.Got, c.wanted, c.got)
		}
	}
}

func TestTemplateLookUp(t *testing.T) {
	s := with(t, approved().Row("bank", base))
	for name, f := range map[string]func() (string, string, facts.Use){
		"other tenant":   func() (string, string, facts.Use) { return "hospital", "77", use() },
		"other account":  func() (string, string, facts.Use) { return "bank", "78", use() },
		"other language": func() (string, string, facts.Use) { return "bank", "77", facts.Use{Name: "order", Language: "en"} },
	} {
		tenant, waba, u := f()
		if got, category := s.Judge(tenant, waba, u); got.Known || category != "" {
			t.Errorf("%s: the template is known: %+v", name, got)
		}
	}
	paused, _ := s.Template("bank", "77", "order", "en_US")
	paused.Status = "PAUSED"
	if err := s.Apply(paused.Row("bank", base.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(approved().Row("bank", base)); err != nil { // late
		t.Fatal(err)
	}
	got, _ := s.Judge("bank", "77", use(body("text")))
	if got.Status != "PAUSED" || got.Category != "utility" || got.Parameters != "ok" {
		t.Errorf("after pausing: %+v", got)
	}
	if len(s.Templates("bank", "77")) != 1 || len(s.Templates("bank", "78")) != 0 {
		t.Error("the list of templates is wrong")
	}
	if err := s.Apply(paused.GoneRow("bank", base.Add(2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if _, known := s.Template("bank", "77", "order", "en_US"); known {
		t.Error("a template that is gone is still known")
	}
}
