package clients

import (
	"encoding/json"
	"testing"
)

// kapsoSent is the client's answer to a send.
type kapsoSent struct {
	MessagingProduct string `json:"messagingProduct"`
	Contacts         []struct{ Input, WaID string }
	Messages         []struct{ ID string }
}

func startKapso(t *testing.T) *node {
	t.Helper()
	return startNode(t, "kapso.mjs", "BASE_URL="+gate.env["POSTERN_URL"], "ACCESS_TOKEN="+gate.env["POSTERN_CLOUD_TOKEN"])
}

// kapsoTo completes a send's arguments, an object of JSON.
func kapsoTo(t *testing.T, person, args string) map[string]any {
	t.Helper()
	out := map[string]any{"phoneNumberId": gate.env["POSTERN_PHONE_ID"], "to": person}
	decode(t, []byte(args), &out)
	return out
}

// cloudRow is the record of a send by the Cloud app.
func cloudRow(typ string) row {
	return row{Kind: "admission", App: "cloud-demo", Dialect: "cloud", Number: gate.env["POSTERN_PHONE_ID"], Type: typ}
}

// TestKapsoSends runs every method of the client that sends a message.
func TestKapsoSends(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	for _, c := range []struct{ name, method, args, typ, want string }{
		{"text", "sendText", `{"body":"Täglich frisch 🍋 https://shop.example/a","previewUrl":true}`, "text",
			`{"body":"Täglich frisch 🍋 https://shop.example/a","preview_url":true}`},
		{"image by link", "sendImage", `{"image":{"link":"https://cdn.example/a.jpg","caption":"A"}}`, "image",
			`{"link":"https://cdn.example/a.jpg","caption":"A"}`},
		{"video", "sendVideo", `{"video":{"link":"https://cdn.example/a.mp4","caption":"A"}}`, "video",
			`{"link":"https://cdn.example/a.mp4","caption":"A"}`},
		{"audio", "sendAudio", `{"audio":{"link":"https://cdn.example/a.ogg","voice":true}}`, "audio",
			`{"link":"https://cdn.example/a.ogg","voice":true}`},
		{"document", "sendDocument", `{"document":{"link":"https://cdn.example/a.pdf","filename":"a.pdf","caption":"A"}}`, "document",
			`{"link":"https://cdn.example/a.pdf","filename":"a.pdf","caption":"A"}`},
		{"sticker", "sendSticker", `{"sticker":{"link":"https://cdn.example/a.webp"}}`, "sticker", `{"link":"https://cdn.example/a.webp"}`},
		{"location", "sendLocation", `{"location":{"latitude":52.5,"longitude":13.25,"name":"Shop","address":"Road 1"}}`, "location",
			`{"latitude":52.5,"longitude":13.25,"name":"Shop","address":"Road 1"}`},
		{"contacts", "sendContacts", `{"contacts":[{"name":{"formattedName":"Ana Example","firstName":"Ana"},"birthday":"1990-01-02",
				"phones":[{"phone":"+491713920009","waId":"491713920009","type":"CELL"}],"emails":[{"email":"ana@shop.example","type":"WORK"}],
				"addresses":[{"street":"Road 1","city":"Berlin","countryCode":"DE"}],"org":{"company":"Shop"},"urls":[{"url":"https://shop.example"}]}]}`, "contacts",
			`[{"name":{"formatted_name":"Ana Example","first_name":"Ana"},"birthday":"1990-01-02",
				"phones":[{"phone":"+491713920009","wa_id":"491713920009","type":"CELL"}],"emails":[{"email":"ana@shop.example","type":"WORK"}],
				"addresses":[{"street":"Road 1","city":"Berlin","country_code":"DE"}],"org":{"company":"Shop"},"urls":[{"url":"https://shop.example"}]}]`},
		{"buttons", "sendInteractiveButtons", `{"bodyText":"Pick","footerText":"Shop","header":{"type":"text","text":"Hello"},
				"buttons":[{"id":"a","title":"Yes"},{"id":"b","title":"No"}]}`, "interactive",
			`{"type":"button","header":{"type":"text","text":"Hello"},"body":{"text":"Pick"},"footer":{"text":"Shop"},
				"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Yes"}},{"type":"reply","reply":{"id":"b","title":"No"}}]}}`},
		{"buttons with image", "sendInteractiveButtons", `{"bodyText":"Pick","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},
				"buttons":[{"id":"a","title":"Yes"}]}`, "interactive",
			`{"type":"button","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"body":{"text":"Pick"},
				"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Yes"}}]}}`},
		{"list", "sendInteractiveList", `{"bodyText":"Pick","buttonText":"Open","sections":[{"title":"S","rows":[{"id":"r1","title":"One","description":"First"}]}]}`, "interactive",
			`{"type":"list","body":{"text":"Pick"},"action":{"button":"Open","sections":[{"title":"S","rows":[{"id":"r1","title":"One","description":"First"}]}]}}`},
		{"product", "sendInteractiveProduct", `{"bodyText":"See","catalogId":"1234","productRetailerId":"sku-1"}`, "interactive",
			`{"type":"product","body":{"text":"See"},"action":{"catalog_id":"1234","product_retailer_id":"sku-1"}}`},
		{"products", "sendInteractiveProductList", `{"bodyText":"See","header":{"type":"text","text":"New"},"catalogId":"1234",
				"sections":[{"title":"S","productItems":[{"productRetailerId":"sku-1"}]}]}`, "interactive",
			`{"type":"product_list","header":{"type":"text","text":"New"},"body":{"text":"See"},
				"action":{"catalog_id":"1234","sections":[{"title":"S","product_items":[{"product_retailer_id":"sku-1"}]}]}}`},
		{"catalog", "sendInteractiveCatalogMessage", `{"bodyText":"See","parameters":{"thumbnailProductRetailerId":"sku-1"}}`, "interactive",
			`{"type":"catalog_message","body":{"text":"See"},"action":{"name":"catalog_message","parameters":{"thumbnail_product_retailer_id":"sku-1"}}}`},
		{"link", "sendInteractiveCtaUrl", `{"bodyText":"See","parameters":{"displayText":"Open","url":"https://shop.example/o"}}`, "interactive",
			`{"type":"cta_url","body":{"text":"See"},"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://shop.example/o"}}}`},
		{"flow", "sendInteractiveFlow", `{"bodyText":"Fill in","parameters":{"flowId":"987","flowCta":"Start","flowToken":"t-1","mode":"published",
				"flowAction":"navigate","flowActionPayload":{"screen":"ONE","data":{"k":"v"}}}}`, "interactive",
			`{"type":"flow","body":{"text":"Fill in"},"action":{"name":"flow","parameters":{"flow_id":"987","flow_cta":"Start","flow_token":"t-1",
				"mode":"published","flow_message_version":"3","flow_action":"navigate","flow_action_payload":{"screen":"ONE","data":{"k":"v"}}}}}`},
		{"address", "sendInteractiveAddress", `{"bodyText":"Where?","parameters":{"country":"IN","values":{"inPinCode":"400063"}}}`, "interactive",
			`{"type":"address_message","body":{"text":"Where?"},"action":{"name":"address_message","parameters":{"country":"IN","values":{"in_pin_code":"400063"}}}}`},
		{"location request", "sendInteractiveLocationRequest", `{"bodyText":"Where are you?","parameters":{"requestMessage":"Where are you?"}}`, "interactive",
			`{"type":"location_request_message","body":{"text":"Where are you?"},"action":{"name":"send_location"}}`},
		{"carousel", "sendInteractiveCarousel", `{"bodyText":"See","cards":[
				{"cardIndex":0,"header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"bodyText":"A","action":{"displayText":"Open","url":"https://shop.example/a"}},
				{"cardIndex":1,"header":{"type":"image","image":{"link":"https://cdn.example/b.jpg"}},"bodyText":"B","action":{"displayText":"Open","url":"https://shop.example/b"}}]}`, "interactive",
			`{"type":"carousel","body":{"text":"See"},"action":{"cards":[
				{"card_index":0,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"body":{"text":"A"},
					"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://shop.example/a"}}},
				{"card_index":1,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/b.jpg"}},"body":{"text":"B"},
					"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://shop.example/b"}}}]}}`},
		{"carousel with replies", "sendInteractiveCarousel", `{"bodyText":"See","cards":[
				{"cardIndex":0,"header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"action":{"buttons":[{"id":"a","title":"A"}]}},
				{"cardIndex":1,"header":{"type":"image","image":{"link":"https://cdn.example/b.jpg"}},"action":{"buttons":[{"id":"b","title":"B"}]}}]}`, "interactive",
			`{"type":"carousel","body":{"text":"See"},"action":{"cards":[
				{"card_index":0,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},
					"action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"a","title":"A"}}]}},
				{"card_index":1,"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/b.jpg"}},
					"action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"b","title":"B"}}]}}]}}`},
		{"interactive as given", "sendInteractiveRaw", `{"interactive":{"type":"button","body":{"text":"Pick"},
				"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Yes"}}]}}}`, "interactive",
			`{"type":"button","body":{"text":"Pick"},"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Yes"}}]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			var sent kapsoSent
			client.ok(t, &sent, "messages."+c.method, kapsoTo(t, person, c.args))
			a := gate.passed(t, m, cloudRow(recordedType(t, c.typ, c.want)))
			kapsoAnswered(t, person, sent, a)
			same(t, "what left", a.content(t, c.typ), c.want)
		})
	}
}

// kapsoAnswered compares the client's answer with what left.
func kapsoAnswered(t *testing.T, person string, sent kapsoSent, a accepted) {
	t.Helper()
	if sent.MessagingProduct != "whatsapp" || len(sent.Messages) != 1 || sent.Messages[0].ID != a.WAMID {
		t.Errorf("the client got %+v, the simulator gave %s", sent, a.WAMID)
	}
	if len(sent.Contacts) != 1 || sent.Contacts[0].Input != person || sent.Contacts[0].WaID != person || a.To != "+"+person {
		t.Errorf("the client got %+v for a message to %s", sent.Contacts, a.To)
	}
}

// TestKapsoMediaByID sends media that the business uploaded at Meta, and an id
// that nobody knows.
func TestKapsoMediaByID(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	for _, c := range []struct{ method, typ, mime string }{
		{"sendImage", "image", "image/jpeg"}, {"sendVideo", "video", "video/mp4"}, {"sendAudio", "audio", "audio/ogg"},
		{"sendDocument", "document", "application/pdf"}, {"sendSticker", "sticker", "image/webp"},
	} {
		t.Run(c.typ, func(t *testing.T) {
			id := gate.upload(t, gate.env["POSTERN_PHONE_ID"], c.mime)
			m := gate.mark(t)
			var sent kapsoSent
			client.ok(t, &sent, "messages."+c.method, kapsoTo(t, person, `{"`+c.typ+`":{"id":"`+id+`"}}`))
			a := gate.passed(t, m, cloudRow(c.typ))
			kapsoAnswered(t, person, sent, a)
			same(t, "what left", a.content(t, c.typ), `{"id":"`+id+`"}`)
		})
	}
	t.Run("unknown", func(t *testing.T) {
		m := gate.mark(t)
		client.graphError(t, 400, 100, "parameter", "fix_and_retry", "messages.sendImage", kapsoTo(t, person, `{"image":{"id":"1234567890"}}`))
		want := cloudRow("image")
		want.Effect, want.Result = "allow", "failed"
		gate.oneRecord(t, m, want)
	})
}

// TestKapsoTemplates sends the demo's templates, positional, named, with media
// and buttons, and a one-time password.
func TestKapsoTemplates(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	for _, c := range []struct{ name, template string }{
		{gate.env["DEMO_TEMPLATE"], `{"name":"order_update","language":{"code":"en_US"},
			"components":[{"type":"body","parameters":[{"type":"text","text":"4711"}]}]}`},
		{"appointment", `{"name":"appointment","language":{"code":"en_US"},"components":[{"type":"body","parameters":[
			{"type":"text","parameter_name":"first_name","text":"Ana"},{"type":"text","parameter_name":"visit_day","text":"Monday"}]}]}`},
		{"parcel_photo", `{"name":"parcel_photo","language":{"code":"en_US"},"components":[
			{"type":"header","parameters":[{"type":"image","image":{"link":"https://cdn.example/a.jpg"}}]},
			{"type":"body","parameters":[{"type":"text","text":"4711"},{"type":"text","text":"the door"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"4711"}]},
			{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"NOT_MINE"}]}]}`},
		{"login_code", `{"name":"login_code","language":{"code":"en_US"},"components":[
			{"type":"body","parameters":[{"type":"text","text":"123456"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"123456"}]}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			var sent kapsoSent
			client.ok(t, &sent, "messages.sendTemplate", kapsoTo(t, person, `{"template":`+c.template+`}`))
			want := cloudRow("template")
			want.Template = c.name + "/en_US"
			a := gate.passed(t, m, want)
			kapsoAnswered(t, person, sent, a)
			same(t, "what left", a.content(t, "template"), c.template)
			if a.Template != c.name {
				t.Errorf("the simulator took template %q", a.Template)
			}
		})
	}
}

// TestKapsoTemplateBuilder sends what the client's own builder makes.
func TestKapsoTemplateBuilder(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	var built json.RawMessage
	client.ok(t, &built, "build.template", json.RawMessage(`{"name":"parcel_photo","language":"en_US",
		"header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},
		"body":[{"type":"text","text":"4711"},{"type":"text","text":"the door"}],
		"buttons":[{"type":"button","subType":"url","index":0,"parameters":[{"type":"text","text":"4711"}]},
			{"type":"button","subType":"quick_reply","index":1,"parameters":[{"type":"payload","payload":"NOT_MINE"}]}]}`))
	m := gate.mark(t)
	var sent kapsoSent
	client.ok(t, &sent, "messages.sendTemplate", kapsoTo(t, person, `{"template":`+string(built)+`}`))
	want := cloudRow("template")
	want.Template = "parcel_photo/en_US"
	a := gate.passed(t, m, want)
	kapsoAnswered(t, person, sent, a)
	same(t, "what left", a.content(t, "template"), `{"name":"parcel_photo","language":{"code":"en_US"},"components":[
		{"type":"header","parameters":[{"type":"image","image":{"link":"https://cdn.example/a.jpg"}}]},
		{"type":"body","parameters":[{"type":"text","text":"4711"},{"type":"text","text":"the door"}]},
		{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"4711"}]},
		{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"NOT_MINE"}]}]}`)
}

// TestKapsoReplies quotes, reacts and marks as read, with ids of both
// directions.
func TestKapsoReplies(t *testing.T) {
	client, person := startKapso(t), gate.person(t)
	phone := gate.env["POSTERN_PHONE_ID"]
	theirs, _ := gate.receive(t, phone, person, `{"type":"text","text":{"body":"kapso asks something"}}`, "kapso asks something")
	var ours kapsoSent
	client.ok(t, &ours, "messages.sendText", kapsoTo(t, person, `{"body":"An answer","contextMessageId":"`+theirs+`"}`))

	t.Run("quoted reply", func(t *testing.T) {
		for _, id := range []string{theirs, ours.Messages[0].ID} {
			m := gate.mark(t)
			var sent kapsoSent
			client.ok(t, &sent, "messages.sendText", kapsoTo(t, person, `{"body":"More","contextMessageId":"`+id+`"}`))
			a := gate.passed(t, m, cloudRow("text"))
			same(t, "the quote", a.content(t, "context"), `{"message_id":"`+id+`"}`)
		}
	})
	t.Run("reaction", func(t *testing.T) {
		for _, emoji := range []string{"👍", ""} { // an empty one takes it back
			m := gate.mark(t)
			var sent kapsoSent
			client.ok(t, &sent, "messages.sendReaction", kapsoTo(t, person, `{"reaction":{"messageId":"`+theirs+`","emoji":"`+emoji+`"}}`))
			a := gate.passed(t, m, cloudRow("reaction"))
			same(t, "the reaction", a.content(t, "reaction"), `{"message_id":"`+theirs+`","emoji":"`+emoji+`"}`)
		}
	})
	t.Run("marked as read", func(t *testing.T) {
		for _, typing := range []bool{false, true} {
			args := map[string]any{"phoneNumberId": phone, "messageId": theirs}
			want, typ := cloudRow("read"), "read"
			if typing {
				args["typingIndicator"] = map[string]string{"type": "text"}
				typ = "typing"
			}
			want.Kind = "read"
			m := gate.mark(t)
			var done struct{ Success bool }
			client.ok(t, &done, "messages.markRead", args)
			a := gate.passed(t, m, want)
			if !done.Success || a.Type != typ || a.MessageID != theirs {
				t.Errorf("the client got %+v; accepted %+v", done, a)
			}
		}
	})
}

// TestKapsoByUserID answers a person without a number.
func TestKapsoByUserID(t *testing.T) {
	client := startKapso(t)
	phone, user := gate.env["POSTERN_PHONE_ID"], "US.13491208655302741918"
	gate.control(t, "POST", "/_sim/inbound",
		`{"phone_number_id":"`+phone+`","user_id":"`+user+`","type":"text","text":{"body":"kapso without number"}}`)
	gate.hooks.with(t, "kapso without number")
	m := gate.mark(t)
	var sent json.RawMessage
	client.ok(t, &sent, "messages.sendText", map[string]any{"phoneNumberId": phone, "recipient": user, "body": "Hello"})
	a := gate.passed(t, m, cloudRow("text"))
	same(t, "the recipient", a.content(t, "recipient"), `"`+user+`"`)
	same(t, "the answer", sent, `{"messagingProduct":"whatsapp","contacts":[{"input":"`+user+`","userId":"`+user+`"}],"messages":[{"id":"`+a.WAMID+`"}]}`)
}
