package send_test

import (
	"net/url"
	"strings"
	"testing"

	"postern/cmd/metasim/internal/send"
)

var german = send.Numbering{Country: "49"}

// body wraps a type's own object into a whole request.
func body(kind, object string) string {
	return `{"messaging_product":"whatsapp","to":"+4915112345678","type":"` + kind + `","` + kind + `":` + object + `}`
}

func interactive(object string) string { return body("interactive", object) }

func TestAccepted(t *testing.T) {
	long := strings.Repeat("ä", 4096)
	cases := map[string]string{
		"text":              body("text", `{"body":"`+long+`","preview_url":true}`),
		"text without type": `{"messaging_product":"whatsapp","to":"+4915112345678","text":{"body":"x"}}`,
		"reply":             `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+4915112345678","type":"text","context":{"message_id":"wamid.x"},"text":{"body":"x"},"biz_opaque_callback_data":"` + strings.Repeat("c", 512) + `"}`,
		"image by id":       body("image", `{"id":"123","caption":"x"}`),
		"image by link":     body("image", `{"link":"https://cdn.example/a.jpg"}`),
		"audio":             body("audio", `{"id":"123","voice":true}`),
		"video":             body("video", `{"id":"123","caption":"x"}`),
		"document":          body("document", `{"id":"123","caption":"x","filename":"a.pdf"}`),
		"sticker":           body("sticker", `{"id":"123"}`),
		"location":          body("location", `{"latitude":"37.7","longitude":-122.4,"name":null,"address":""}`),
		"contacts":          body("contacts", `[{"name":{"formatted_name":"A B","first_name":""},"phones":[{"phone":"+1 650","type":"WORK","wa_id":null}],"birthday":"","org":{"company":"X"},"emails":[]}]`),
		"reaction":          body("reaction", `{"message_id":"wamid.HBg=","emoji":"👍"}`),
		"reaction removed":  body("reaction", `{"message_id":"wamid.HBg=","emoji":""}`),
		"button":            interactive(`{"type":"button","header":{"type":"image","image":{"id":"1"}},"body":{"text":"B"},"footer":{"text":"F"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},{"type":"reply","reply":{"id":"2","title":"No"}}]}}`),
		"list":              interactive(`{"type":"list","header":{"type":"text","text":"H"},"body":{"text":"` + long + `"},"action":{"button":"Go","sections":[{"rows":[{"id":"1","title":"One","description":"d"}]}]}}`),
		"product":           interactive(`{"type":"product","action":{"catalog_id":"1","product_retailer_id":"s"}}`),
		"product list":      interactive(`{"type":"product_list","header":{"type":"text","text":"H"},"body":{"text":"B"},"action":{"catalog_id":"1","sections":[{"title":"S","product_items":[{"product_retailer_id":"s"}]}]}}`),
		"catalog":           interactive(`{"type":"catalog_message","body":{"text":"B"},"action":{"name":"catalog_message","parameters":{"thumbnail_product_retailer_id":"s"}}}`),
		"cta url":           interactive(`{"type":"cta_url","body":{"text":"B"},"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://example.org"}}}`),
		"flow":              interactive(`{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_id":"9","flow_cta":"Open","flow_token":"t","mode":"draft","flow_action":"navigate","flow_action_payload":{"screen":"S","data":{"a":{"b":1}}}}}}`),
		"location request":  interactive(`{"type":"location_request_message","body":{"text":"B"},"action":{"name":"send_location"}}`),
		"address":           interactive(`{"type":"address_message","body":{"text":"B"},"action":{"name":"address_message","parameters":{"country":"IN","values":{"city":"x"}}}}`),
		"carousel":          interactive(`{"type":"carousel","body":{"text":"B"},"action":{"cards":[` + card("0") + `,` + card("1") + `]}}`),
		"carousel replies":  interactive(`{"type":"carousel","body":{"text":"B"},"action":{"cards":[` + replyCard("0") + `,` + replyCard("1") + `]}}`),
		"call permission":   interactive(`{"type":"call_permission_request","body":{"text":"B"},"action":{"name":"call_permission_request"}}`),
		"template":          body("template", `{"name":"t","language":{"code":"en_US","policy":"deterministic"},"components":[{"type":"HEADER","parameters":[{"type":"image","image":{"id":"1"}}]},{"type":"body","parameters":[{"type":"text","text":"x"},{"type":"currency","currency":{"fallback_value":"$1","code":"USD","amount_1000":1000}}]},{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"y"}]}]}`),
		"read":              `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x"}`,
		"typing":            `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x","typing_indicator":{"type":"text"}}`,
		"recipient":         `{"messaging_product":"whatsapp","recipient":"US.13491208655302741918","type":"text","text":{"body":"x"}}`,
		"portfolio":         `{"messaging_product":"whatsapp","recipient":"US.ENT.11815","type":"text","text":{"body":"x"}}`,
		"null beside":       `{"messaging_product":"whatsapp","to":"+4915112345678","recipient":null,"context":null,"type":"text","text":{"body":"x"}}`,
	}
	for name, in := range cases {
		if _, err := send.Decode([]byte(in), german); err != nil {
			t.Errorf("%s: refused: %v %s", name, err, err.Details)
		}
	}
}

func card(index string) string {
	return `{"card_index":` + index + `,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"body":{"text":"x"},"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://example.org"}}}`
}

func replyCard(index string) string {
	return `{"card_index":` + index + `,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"r` + index + `","title":"More"}}]}}`
}

func TestRefused(t *testing.T) {
	over := func(n int) string { return strings.Repeat("x", n+1) }
	many := func(n int, entry string) string { return strings.TrimSuffix(strings.Repeat(entry+",", n), ",") }
	buttons := func(list string) string {
		return interactive(`{"type":"button","body":{"text":"B"},"action":{"buttons":[` + list + `]}}`)
	}
	rows := func(list string) string {
		return interactive(`{"type":"list","body":{"text":"B"},"action":{"button":"Go","sections":[` + list + `]}}`)
	}
	cases := map[string]struct {
		in   string
		code int
		at   string // parameter the sentence names
	}{
		"not JSON":                {`{"messaging_product":`, 100, "JSON"},
		"trailing data":           {body("text", `{"body":"x"}`) + `{}`, 100, "JSON"},
		"duplicate member":        {body("text", `{"body":"x","body":"y"}`), 100, "JSON"},
		"bad UTF-8":               {body("text", "{\"body\":\"\xff\"}"), 100, "JSON"},
		"a list":                  {`[]`, 100, "object"},
		"no product":              {`{"to":"+4915112345678","text":{"body":"x"}}`, 100, "messaging_product"},
		"no recipient":            {`{"messaging_product":"whatsapp","text":{"body":"x"}}`, 100, "to"},
		"letters in to":           {`{"messaging_product":"whatsapp","to":"abc","text":{"body":"x"}}`, 131009, "to"},
		"short to":                {`{"messaging_product":"whatsapp","to":"+123","text":{"body":"x"}}`, 131009, "to"},
		"long to":                 {`{"messaging_product":"whatsapp","to":"+1234567890123456","text":{"body":"x"}}`, 131009, "to"},
		"bad user id":             {`{"messaging_product":"whatsapp","recipient":"nope","text":{"body":"x"}}`, 131009, "recipient"},
		"unknown type":            {body("poll", `{}`), 100, "type"},
		"type of other object":    {`{"messaging_product":"whatsapp","to":"+4915112345678","type":"image","text":{"body":"x"}}`, 100, "text"},
		"unknown at top":          {`{"messaging_product":"whatsapp","to":"+4915112345678","text":{"body":"x"},"preview_url":true}`, 100, "preview_url"},
		"unknown below":           {body("text", `{"body":"x","bold":true}`), 100, "text"},
		"group":                   {`{"messaging_product":"whatsapp","recipient_type":"group","to":"g","text":{"body":"x"}}`, 131020, "Groups"},
		"callback data":           {`{"messaging_product":"whatsapp","to":"+4915112345678","text":{"body":"x"},"biz_opaque_callback_data":"` + over(512) + `"}`, 131009, "biz_opaque_callback_data"},
		"text empty":              {body("text", `{"body":""}`), 131008, "text.body"},
		"text too long":           {body("text", `{"body":"`+over(4096)+`"}`), 100, "text.body"},
		"text is text":            {body("text", `"x"`), 100, "text"},
		"body is number":          {body("text", `{"body":1}`), 100, "text.body"},
		"caption":                 {body("image", `{"id":"1","caption":"`+over(1024)+`"}`), 131009, "image.caption"},
		"id and link":             {body("image", `{"id":"1","link":"https://cdn.example/a"}`), 131008, "image"},
		"neither id nor link":     {body("video", `{}`), 131008, "video"},
		"media id":                {body("audio", `{"id":"a-b"}`), 100, "audio.id"},
		"link without host":       {body("document", `{"link":"file:///etc"}`), 131009, "document.link"},
		"caption on audio":        {body("audio", `{"id":"1","caption":"x"}`), 100, "audio"},
		"provider":                {body("image", `{"link":"https://cdn.example/a","provider":{"name":"p"}}`), 100, "provider"},
		"location":                {body("location", `{"latitude":1}`), 131008, "location.longitude"},
		"location word":           {body("location", `{"latitude":"north","longitude":1}`), 100, "location.latitude"},
		"no contacts":             {body("contacts", `[]`), 131009, "contacts"},
		"contact without name":    {body("contacts", `[{"name":{"first_name":"A"}}]`), 131008, "contacts[0].name.formatted_name"},
		"birthday":                {body("contacts", `[{"name":{"formatted_name":"A"},"birthday":"1.1.90"}]`), 131009, "contacts[0].birthday"},
		"reaction target":         {body("reaction", `{"message_id":"gBGG","emoji":"x"}`), 131009, "reaction.message_id"},
		"reaction emoji":          {body("reaction", `{"message_id":"wamid.x","emoji":"x"}`), 131009, "reaction.emoji"},
		"read target":             {`{"messaging_product":"whatsapp","status":"read"}`, 131008, "message_id"},
		"read word":               {`{"messaging_product":"whatsapp","status":"seen","message_id":"wamid.x"}`, 131009, "status"},
		"typing kind":             {`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x","typing_indicator":{"type":"audio"}}`, 131009, "typing_indicator.type"},
		"interactive type":        {interactive(`{"type":"poll","action":{}}`), 131009, "interactive.type"},
		"no body":                 {interactive(`{"type":"button","action":{"buttons":[]}}`), 131008, "interactive.body"},
		"long body":               {interactive(`{"type":"button","body":{"text":"` + over(1024) + `"},"action":{}}`), 131009, "interactive.body.text"},
		"long footer":             {interactive(`{"type":"button","body":{"text":"B"},"footer":{"text":"` + over(60) + `"},"action":{}}`), 131009, "interactive.footer.text"},
		"long header":             {interactive(`{"type":"button","body":{"text":"B"},"header":{"type":"text","text":"` + over(60) + `"},"action":{}}`), 131009, "interactive.header.text"},
		"header without content":  {interactive(`{"type":"button","body":{"text":"B"},"header":{"type":"image"},"action":{}}`), 131008, "interactive.header.image"},
		"list with image header":  {interactive(`{"type":"list","body":{"text":"B"},"header":{"type":"image","image":{"id":"1"}},"action":{}}`), 131009, "interactive.header.type"},
		"four buttons":            {buttons(many(4, `{"type":"reply","reply":{"id":"1","title":"Y"}}`)), 131009, "interactive.action.buttons"},
		"button title":            {buttons(`{"type":"reply","reply":{"id":"1","title":"` + over(20) + `"}}`), 131009, "interactive.action.buttons[0].reply.title"},
		"button id":               {buttons(`{"type":"reply","reply":{"id":"` + over(256) + `","title":"Y"}}`), 131009, "buttons[0].reply.id"},
		"same button ids":         {buttons(many(2, `{"type":"reply","reply":{"id":"1","title":"Y"}}`)), 131009, "buttons.id"},
		"list button":             {interactive(`{"type":"list","body":{"text":"B"},"action":{"button":"` + over(20) + `","sections":[{"rows":[{"id":"1","title":"O"}]}]}}`), 131009, "action.button"},
		"eleven sections":         {rows(many(11, `{"title":"S","rows":[{"id":"1","title":"O"}]}`)), 131009, "sections"},
		"row title":               {rows(`{"rows":[{"id":"1","title":"` + over(24) + `"}]}`), 131009, "rows[0].title"},
		"row id":                  {rows(`{"rows":[{"id":"` + over(200) + `","title":"O"}]}`), 131009, "rows[0].id"},
		"row description":         {rows(`{"rows":[{"id":"1","title":"O","description":"` + over(72) + `"}]}`), 131009, "rows[0].description"},
		"same row ids":            {rows(`{"rows":[{"id":"1","title":"O"},{"id":"1","title":"P"}]}`), 131009, "sections.id"},
		"too many rows":           {rows(many(2, `{"title":"S","rows":[`+many(6, `{"id":"1","title":"O"}`)+`]}`)), 131009, "sections"},
		"sections without title":  {rows(`{"rows":[{"id":"1","title":"O"}]},{"rows":[{"id":"2","title":"P"}]}`), 131008, "sections.title"},
		"cta label":               {interactive(`{"type":"cta_url","body":{"text":"B"},"action":{"name":"cta_url","parameters":{"display_text":"` + over(20) + `","url":"https://example.org"}}}`), 131009, "display_text"},
		"cta url":                 {interactive(`{"type":"cta_url","body":{"text":"B"},"action":{"name":"cta_url","parameters":{"display_text":"x","url":"javascript:1"}}}`), 131009, "url"},
		"flow without id":         {interactive(`{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_cta":"x"}}}`), 131008, "flow_id"},
		"flow version":            {interactive(`{"type":"flow","body":{"text":"B"},"action":{"name":"flow","parameters":{"flow_message_version":"2","flow_id":"1","flow_cta":"x"}}}`), 131009, "flow_message_version"},
		"product without catalog": {interactive(`{"type":"product","action":{"product_retailer_id":"s"}}`), 131008, "catalog_id"},
		"product list no header":  {interactive(`{"type":"product_list","body":{"text":"B"},"action":{}}`), 131008, "header"},
		"too many products":       {interactive(`{"type":"product_list","header":{"type":"text","text":"H"},"body":{"text":"B"},"action":{"catalog_id":"1","sections":[` + many(2, `{"title":"S","product_items":[`+many(16, `{"product_retailer_id":"s"}`)+`]}`) + `]}}`), 131009, "sections"},
		"one card":                {interactive(`{"type":"carousel","body":{"text":"B"},"action":{"cards":[` + card("0") + `]}}`), 131009, "cards"},
		"card reply title":        {interactive(`{"type":"carousel","body":{"text":"B"},"action":{"cards":[` + card("0") + `,` + strings.Replace(replyCard("1"), "More", over(20), 1) + `]}}`), 131009, "title"},
		"location request name":   {interactive(`{"type":"location_request_message","body":{"text":"B"},"action":{"name":"location"}}`), 131009, "action.name"},
		"template name":           {body("template", `{"language":{"code":"en"}}`), 131008, "template.name"},
		"template language":       {body("template", `{"name":"t"}`), 131008, "template.language"},
		"template namespace":      {body("template", `{"name":"t","namespace":"n","language":{"code":"en"}}`), 100, "namespace"},
		"component type":          {body("template", `{"name":"t","language":{"code":"en"},"components":[{"type":"tail"}]}`), 131009, "components[0].type"},
		"parameter type":          {body("template", `{"name":"t","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"word"}]}]}`), 131009, "parameters[0].type"},
		"button index":            {body("template", `{"name":"t","language":{"code":"en"},"components":[{"type":"button","sub_type":"url","index":"10"}]}`), 131009, "index"},
		"hsm":                     {body("hsm", `{}`), 100, "type"},
	}
	for name, c := range cases {
		_, err := send.Decode([]byte(c.in), german)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if err.Code != c.code || !strings.Contains(err.Details, c.at) {
			t.Errorf("%s: got %d %q, want %d naming %q", name, err.Code, err.Details, c.code, c.at)
		}
	}
}

func TestRecipientForms(t *testing.T) {
	cases := []struct {
		to, phone string
		n         send.Numbering
	}{
		{"+1 (631) 555-1234", "16315551234", send.Numbering{Country: "91"}},
		{"1 (631) 555-1234", "9116315551234", send.Numbering{Country: "91"}},
		{"16315551234", "9116315551234", send.Numbering{Country: "91"}},
		{"16315551234", "16315551234", send.Numbering{Country: "91", Lenient: true}},
	}
	for _, c := range cases {
		in := `{"messaging_product":"whatsapp","to":"` + c.to + `","recipient":"US.1","text":{"body":"x"}}`
		got, err := send.Decode([]byte(in), c.n)
		if err != nil {
			t.Fatalf("%s: %v", c.to, err)
		}
		if got.Phone != c.phone || got.Input != c.to || got.UserID != "" {
			t.Errorf("%s: got phone %q input %q user %q, want %q", c.to, got.Phone, got.Input, got.UserID, c.phone)
		}
	}
}

func TestForm(t *testing.T) {
	form := url.Values{
		"messaging_product": {"whatsapp"}, "to": {"+4915112345678"}, "type": {"text"},
		"text": {`{"body":"a=b&c"}`}, "biz_opaque_callback_data": {"trace"},
	}
	got, err := send.DecodeForm(form, german)
	if err != nil || got.Type != "text" || got.Callback != "trace" || got.Phone != "4915112345678" {
		t.Fatalf("got %+v, %v", got, err)
	}
	form.Set("text", `{"body":`)
	if _, err := send.DecodeForm(form, german); err == nil || err.Code != 100 {
		t.Errorf("broken JSON in a field: %v", err)
	}
	form["to"] = []string{"+4915112345678", "+4915112345679"}
	if _, err := send.DecodeForm(form, german); err == nil || err.Code != 100 {
		t.Errorf("field given twice: %v", err)
	}
}

func TestMediaIDs(t *testing.T) {
	in := interactive(`{"type":"button","header":{"type":"image","image":{"id":"77"}},"body":{"text":"B"},"action":{"buttons":[{"type":"reply","reply":{"id":"5","title":"Y"}}]}}`)
	got, err := send.Decode([]byte(in), german)
	if err != nil || len(got.MediaIDs) != 1 || got.MediaIDs[0] != "77" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// FuzzDecode: no body makes the decoder panic, and what is accepted has one
// recipient, unless it marks a message as read.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(body("text", `{"body":"x"}`)))
	f.Add([]byte(interactive(`{"type":"carousel","body":{"text":"B"},"action":{"cards":[` + card("0") + `,` + card("1") + `]}}`)))
	f.Add([]byte(body("template", `{"name":"t","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"text","text":"x"}]}]}`)))
	f.Add([]byte(`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x"}`))
	f.Add([]byte(body("contacts", `[{"name":{"formatted_name":"A"},"phones":[null]}]`)))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := send.Decode(in, german)
		if err != nil {
			if err.Code == 0 || err.Status < 400 {
				t.Fatalf("refused without code or status: %+v", err)
			}
			return
		}
		read := got.Type == send.Read || got.Type == send.Typing
		if !read && (got.Phone == "") == (got.UserID == "") {
			t.Fatalf("recipient is not one of number and user id: %+v", got)
		}
	})
}

func BenchmarkDecodeText(b *testing.B) {
	in := []byte(body("text", `{"body":"Your parcel is on its way."}`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := send.Decode(in, german); err != nil {
			b.Fatal(err)
		}
	}
}
