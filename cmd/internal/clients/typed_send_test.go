package clients

import (
	"context"
	"testing"
	"time"

	"github.com/piusalfred/whatsapp/message"
)

// typedCase is one way to send with the Go client.
type typedCase struct {
	name string
	send func(ctx context.Context, c *message.BaseClient, to string) (*message.Response, error)
	typ  string
	want string // what must leave, at the member of the type
}

// with makes a case of a typed method and its message.
func with[T any](name, typ string, method func(*message.BaseClient, context.Context, *message.Request[T]) (*message.Response, error), m T, want string) typedCase {
	return typedCase{name, func(ctx context.Context, c *message.BaseClient, to string) (*message.Response, error) {
		return method(c, ctx, message.NewRequest(to, &m))
	}, typ, want}
}

// built makes a case of a message the client builds with an option.
func built(name string, option message.Option, want string) typedCase {
	return typedCase{name, func(ctx context.Context, c *message.BaseClient, to string) (*message.Response, error) {
		m, err := message.New(to, option)
		if err != nil {
			return nil, err
		}
		return c.SendMessage(ctx, m)
	}, "interactive", want}
}

func (c typedCase) run(t *testing.T, client *message.BaseClient, person string, want row) {
	t.Helper()
	m := gate.mark(t)
	sent, err := c.send(t.Context(), client, person)
	if err != nil {
		t.Fatal(err)
	}
	a := gate.passed(t, m, want)
	typedAnswered(t, person, sent, a)
	same(t, "what left", a.content(t, c.typ), c.want)
}

// TestTypedSends runs every method of the Go client that sends a message. The
// client writes members for everything it leaves unset.
func TestTypedSends(t *testing.T) {
	type client = message.BaseClient
	phone := gate.env["POSTERN_PHONE_ID"]
	audio, sticker := gate.upload(t, phone, "audio/ogg"), gate.upload(t, phone, "image/webp")
	cases := []typedCase{
		with("text", "text", (*client).SendText, message.Text{Body: "Grüße 🍋 https://shop.example", PreviewURL: true},
			`{"body":"Grüße 🍋 https://shop.example","preview_url":true}`),
		with("image", "image", (*client).SendImage, message.Image{Link: "https://cdn.example/a.jpg", Caption: "A"},
			`{"link":"https://cdn.example/a.jpg","caption":"A"}`),
		with("video", "video", (*client).SendVideo, message.Video{Link: "https://cdn.example/a.mp4"}, `{"link":"https://cdn.example/a.mp4"}`),
		with("audio", "audio", (*client).SendAudio, message.Audio{ID: audio}, `{"id":"`+audio+`"}`),
		with("sticker", "sticker", (*client).SendSticker, message.Sticker{ID: sticker}, `{"id":"`+sticker+`"}`),
		with("document", "document", (*client).SendDocument, message.Document{Link: "https://cdn.example/a.pdf", Filename: "a.pdf", Caption: "A"},
			`{"link":"https://cdn.example/a.pdf","filename":"a.pdf","caption":"A"}`),
		with("location", "location", (*client).SendLocation, message.Location{Latitude: 52.5, Longitude: 13.25, Name: "Shop"},
			`{"latitude":52.5,"longitude":13.25,"name":"Shop"}`),
		with("contacts", "contacts", (*client).SendContacts, message.Contacts{message.NewContact(
			message.WithContactName(&message.Name{FormattedName: "Ana Example", FirstName: "Ana"}),
			message.WithContactPhones(&message.Phone{Phone: "+491713920009", Type: "CELL"}),
			message.WithContactEmails(&message.Email{Email: "ana@shop.example"}),
			message.WithContactBirthdays(time.Date(1990, 1, 2, 0, 0, 0, 0, time.UTC)),
		)}, `[{"name":{"formatted_name":"Ana Example","first_name":"Ana"},"birthday":"1990-01-02",
			"phones":[{"phone":"+491713920009","type":"CELL"}],"emails":[{"email":"ana@shop.example"}]}]`),
		with("location request", "interactive", (*client).RequestLocation, "Where are you?",
			`{"type":"location_request_message","body":{"text":"Where are you?"},"action":{"name":"send_location"}}`),
		with("list", "interactive", (*client).SendInteractiveMessage, *message.NewInteractiveMessageContent("list",
			message.WithInteractiveBody("Pick"), message.WithInteractiveAction(&message.InteractiveAction{Button: "Open",
				Sections: []*message.InteractiveSection{{Rows: []*message.InteractiveSectionRow{{ID: "r1", Title: "One"}}}}})),
			`{"type":"list","body":{"text":"Pick"},"action":{"button":"Open","sections":[{"rows":[{"id":"r1","title":"One"}]}]}}`),
		with("product", "interactive", (*client).SendInteractiveMessage, *message.NewInteractiveMessageContent("product",
			message.WithInteractiveAction(&message.InteractiveAction{CatalogID: "1234", ProductRetailerID: "sku-1"})),
			`{"type":"product","action":{"catalog_id":"1234","product_retailer_id":"sku-1"}}`),
		with("products", "interactive", (*client).SendInteractiveMessage, *message.NewInteractiveMessageContent("product_list",
			message.WithInteractiveHeader(message.InteractiveHeaderText("New")), message.WithInteractiveBody("See"),
			message.WithInteractiveAction(&message.InteractiveAction{CatalogID: "1234",
				Sections: []*message.InteractiveSection{{Title: "S", ProductItems: []*message.Product{{RetailerID: "sku-1"}}}}})),
			`{"type":"product_list","header":{"type":"text","text":"New"},"body":{"text":"See"},
				"action":{"catalog_id":"1234","sections":[{"title":"S","product_items":[{"product_retailer_id":"sku-1"}]}]}}`),
		with("link", "interactive", (*client).SendInteractiveMessage, *message.NewInteractiveCTAURLButton(&message.InteractiveCTARequest{
			DisplayText: "Open", URL: "https://shop.example/o", Body: "See", Header: message.InteractiveHeaderImage(&message.Image{Link: "https://cdn.example/a.jpg"})}),
			`{"type":"cta_url","header":{"type":"image","image":{"link":"https://cdn.example/a.jpg"}},"body":{"text":"See"},
				"action":{"name":"cta_url","parameters":{"display_text":"Open","url":"https://shop.example/o"}}}`),
		with("address", "interactive", (*client).SendInteractiveMessage, *message.NewInteractiveAddressMessage(&message.InteractiveAddressMessageRequest{
			Body: "Where?", Footer: "Shop", Country: "IN", Values: map[string]any{"in_pin_code": "400063"}}),
			`{"type":"address_message","body":{"text":"Where?"},"footer":{"text":"Shop"},
				"action":{"name":"address_message","parameters":{"country":"IN","values":{"in_pin_code":"400063"}}}}`),
		built("buttons", message.WithInteractiveReplyButtons(&message.InteractiveReplyButtonsRequest{Body: "Pick",
			Buttons: []*message.InteractiveReplyButton{{ID: "a", Title: "Yes"}, {ID: "b", Title: "No"}}}),
			`{"type":"button","body":{"text":"Pick"},"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Yes"}},{"type":"reply","reply":{"id":"b","title":"No"}}]}}`),
		built("flow", message.WithInteractiveFlow(&message.InteractiveFlowRequest{Body: "Fill in", FlowMessageVersion: "3", FlowToken: "t-1", FlowID: "987",
			FlowCTA: "Start", FlowAction: "navigate", FlowScreen: "ONE", FlowData: map[string]any{"k": "v"}}),
			`{"type":"flow","body":{"text":"Fill in"},"action":{"name":"flow","parameters":{"flow_message_version":"3","flow_token":"t-1",
				"flow_id":"987","flow_cta":"Start","flow_action":"navigate","flow_action_payload":{"screen":"ONE","data":{"k":"v"}}}}}`),
	}
	typed, person := startTyped(t, typedConfig()), gate.person(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.run(t, typed, person, cloudRow(recordedType(t, c.typ, c.want)))
		})
	}
}

// TestTypedTemplates sends with the client's template builders, whose
// parameters hold a null for every kind they are not.
func TestTypedTemplates(t *testing.T) {
	english := &message.TemplateLanguage{Code: "en_US", Policy: "deterministic"}
	text := func(s string) *message.TemplateParameter { return &message.TemplateParameter{Type: "text", Text: s} }
	client, person := startTyped(t, typedConfig()), gate.person(t)
	for _, c := range []struct {
		template *message.Template
		want     string
	}{
		{&message.Template{Name: "order_update", Language: english, Components: []*message.TemplateComponent{
			{Type: "body", Parameters: []*message.TemplateParameter{text("4711")}}}},
			`[{"type":"body","parameters":[{"type":"text","text":"4711"}]}]`},
		{message.NewInteractiveTemplate("parcel_photo", english,
			[]*message.TemplateParameter{{Type: "image", Image: &message.Image{Link: "https://cdn.example/a.jpg"}}},
			[]*message.TemplateParameter{text("4711"), text("the door")},
			[]*message.InteractiveButtonTemplate{
				{SubType: "url", Index: 0, Button: &message.TemplateButton{Type: "text", Text: "4711"}},
				{SubType: "quick_reply", Index: 1, Button: &message.TemplateButton{Type: "payload", Payload: "NOT_MINE"}}}),
			`[{"type":"header","parameters":[{"type":"image","image":{"link":"https://cdn.example/a.jpg"}}]},
				{"type":"body","parameters":[{"type":"text","text":"4711"},{"type":"text","text":"the door"}]},
				{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"4711"}]},
				{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"NOT_MINE"}]}]`},
		{message.NewAuthTemplate(&message.AuthTemplateRequest{Name: "login_code", LanguageCode: "en_US", LanguagePolicy: "deterministic", OneTimePassword: "123456"}),
			`[{"type":"body","parameters":[{"type":"text","text":"123456"}]},
				{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"123456"}]}]`},
	} {
		name := c.template.Name
		t.Run(name, func(t *testing.T) {
			want := cloudRow("template")
			want.Template = name + "/en_US"
			with(name, "template", (*message.BaseClient).SendTemplate, *c.template,
				`{"name":"`+name+`","language":{"code":"en_US"},"components":`+c.want+`}`).run(t, client, person, want)
		})
	}
}

// TestTypedReplies quotes, reacts and marks as read.
func TestTypedReplies(t *testing.T) {
	client, person := startTyped(t, typedConfig()), gate.person(t)
	theirs, _ := gate.receive(t, gate.env["POSTERN_PHONE_ID"], person, `{"type":"text","text":{"body":"typed asks something"}}`, "typed asks something")
	reply := typedCase{"reply", func(ctx context.Context, c *message.BaseClient, to string) (*message.Response, error) {
		return c.SendText(ctx, message.NewRequest(to, &message.Text{Body: "An answer"}, message.WithRequestAsReplyTo[message.Text](theirs)))
	}, "context", `{"message_id":"` + theirs + `"}`}
	reply.run(t, client, person, cloudRow("text"))
	for _, emoji := range []string{"👍", ""} { // an empty one takes it back
		with("reaction", "reaction", (*message.BaseClient).SendReaction, message.Reaction{MessageID: theirs, Emoji: emoji},
			`{"message_id":"`+theirs+`","emoji":"`+emoji+`"}`).run(t, client, person, cloudRow("reaction"))
	}
	for _, typing := range []bool{false, true} {
		m := gate.mark(t)
		done, err := client.UpdateStatus(t.Context(), &message.StatusUpdateRequest{MessageID: theirs, Status: message.StatusRead, WithTypingIndicator: typing})
		if err != nil || !done.Success {
			t.Fatalf("marked as read: %+v, %v", done, err)
		}
		want, typ := cloudRow("read"), "read"
		want.Kind = "read"
		if typing {
			typ = "typing"
		}
		if a := gate.passed(t, m, want); a.Type != typ || a.MessageID != theirs {
			t.Errorf("accepted %+v", a)
		}
	}
}
