package clients

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/piusalfred/whatsapp/business"
	"github.com/piusalfred/whatsapp/config"
	"github.com/piusalfred/whatsapp/media"
	"github.com/piusalfred/whatsapp/message"
	"github.com/piusalfred/whatsapp/phonenumber"
	whttp "github.com/piusalfred/whatsapp/pkg/http"
	"github.com/piusalfred/whatsapp/user"
)

// TestTypedRefusals is what the Go client makes of refusals.
func TestTypedRefusals(t *testing.T) {
	client := startTyped(t, typedConfig())
	person, stranger := gate.person(t), gate.env["DEMO_STRANGER"]
	template := func(name string) message.Template {
		return message.Template{Name: name, Language: &message.TemplateLanguage{Code: "en_US"}, Components: []*message.TemplateComponent{
			{Type: "body", Parameters: []*message.TemplateParameter{{Type: "text", Text: "42"}}}}}
	}
	for _, c := range []struct {
		typedCase
		to     string
		code   int
		reason string
	}{
		{with("no consent", "template", (*message.BaseClient).SendTemplate, template("order_update"), "order_update/en_US"), stranger, 10, "opt_in_missing"},
		{with("window closed", "text", (*message.BaseClient).SendText, message.Text{Body: "Hello"}, ""), stranger, 131047, "window_closed"},
		{with("card number", "text", (*message.BaseClient).SendText, message.Text{Body: "Card 4111 1111 1111 1111"}, ""), person, 131009, "pii"},
		{with("unknown template", "template", (*message.BaseClient).SendTemplate, template("nobody_knows"), "nobody_knows/en_US"), person, 132001, "template"},
		{with("disabled template", "template", (*message.BaseClient).SendTemplate, template("disabled_notice"), "disabled_notice/en_US"), person, 132016, "template_disabled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			_, err := c.send(t.Context(), client, c.to)
			refusal(t, err, c.code, "policy:"+c.reason)
			want := cloudRow(c.typ)
			want.Reason, want.Template = c.reason, c.want
			gate.stopped(t, m, want)
		})
	}
}

// TestTypedUnknown: what the client can say and this version does not offer.
func TestTypedUnknown(t *testing.T) {
	client := startTyped(t, typedConfig())
	for _, c := range []struct {
		typedCase
		code   int
		reason string
	}{
		{with("call permission", "", (*message.BaseClient).SendInteractiveMessage, *message.NewInteractiveCallPermissionRequest("May we call?"), ""), 131051, "request_unsupported"},
		{with("pinned message", "", (*message.BaseClient).PinGroupMessage, message.Pin{Type: message.PinOperationPinMessage, MessageID: "wamid.x", ExpirationDays: 7}, ""), 131051, "request_unknown_type"},
		{typedCase{name: "group", send: func(ctx context.Context, c *message.BaseClient, to string) (*message.Response, error) {
			r := message.NewRequest(to, &message.Text{Body: "Hello"})
			r.SetAsGroupMessage()
			return c.SendText(ctx, r)
		}}, 100, "request_recipient_type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := gate.mark(t)
			_, err := c.send(t.Context(), client, gate.env["DEMO_CONSENTED"])
			refusal(t, err, c.code)
			want := cloudRow("messages") // nothing was understood
			want.Reason = c.reason
			gate.stopped(t, m, want)
		})
	}
}

// TestTypedRefusedUpstream: the client leaves out the index 0 of a card, which
// Meta wants; its refusal reaches the app and the trail.
func TestTypedRefusedUpstream(t *testing.T) {
	m := gate.mark(t)
	card := func(i int) message.InteractiveProductCarouselCard {
		return message.InteractiveProductCarouselCard{Index: i, HeaderMediaLink: "https://cdn.example/a.jpg", BodyText: "A", CardDisplayText: "Open", CardButtonURL: "https://shop.example"}
	}
	_, err := startTyped(t, typedConfig()).SendInteractiveMessage(t.Context(), message.NewRequest(gate.person(t),
		message.NewInteractiveImageCarousel("See", []message.InteractiveProductCarouselCard{card(0), card(1)})))
	refusal(t, err, 131008, "card_index")
	want := cloudRow("interactive/carousel")
	want.Effect, want.Result = "allow", "failed"
	gate.oneRecord(t, m, want)
	if list := gate.left(t, m); len(list) != 0 {
		t.Errorf("%+v left", list)
	}
}

// TestTypedProof sends with a proof of the app secret, with one that proves
// nothing, and with no valid token.
func TestTypedProof(t *testing.T) {
	secured := typedConfig()
	secured.SecureRequests, secured.AppSecret, secured.DebugLogLevel = true, gate.env["META_APP_SECRET"], "all"
	with("proven", "text", (*message.BaseClient).SendText, message.Text{Body: "Hello"}, `{"body":"Hello"}`).run(t, startTyped(t, secured), gate.person(t), cloudRow("text"))

	m := gate.mark(t)
	wrong := secured
	wrong.AppSecret = "not-the-secret"
	stolen := typedConfig()
	stolen.AccessToken = "EAAnotatoken"
	for _, c := range []config.Config{wrong, stolen} {
		_, err := startTyped(t, c).SendText(t.Context(), message.NewRequest(gate.env["DEMO_CONSENTED"], &message.Text{Body: "Hello"}))
		refusal(t, err, 190)
	}
	gate.unrecorded(t, m)
}

func anySender() *whttp.CoreClient[any] {
	return whttp.NewAnySender(whttp.WithCoreClientHTTPClient[any](gate.http))
}

// TestTypedNode reads the phone number. The client sends its token twice, as
// header and in the query, and refuses answers with fields it did not ask for.
func TestTypedNode(t *testing.T) {
	client, err := phonenumber.NewBaseClient(reading(typedConfig()), &phonenumber.BaseSender{Sender: anySender()})
	if err != nil {
		t.Fatal(err)
	}
	m := gate.mark(t)
	got, err := client.Get(t.Context(), &phonenumber.GetRequest{Fields: []string{"id,display_phone_number,verified_name,quality_rating"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != gate.env["POSTERN_PHONE_ID"] || got.DisplayPhoneNumber != "+49 30 23125 001" || got.VerifiedName == "" || got.QualityRating == "" {
		t.Errorf("the number is %+v", got)
	}
	gate.unrecorded(t, m)
}

// TestTypedProfile changes the business profile and reads it back.
func TestTypedProfile(t *testing.T) {
	client := business.NewBaseClient(&business.BaseSender{Sender: anySender()}, reading(typedConfig()))
	done, err := client.Update(t.Context(), &business.UpdateProfileRequest{MessagingProduct: "whatsapp", About: "Typed", Websites: []string{"https://bank.example/"}})
	if err != nil || !done {
		t.Fatalf("update: %t %v", done, err)
	}
	got, err := client.Get(t.Context(), []string{"about", "websites"})
	if err != nil || len(got) != 1 || got[0].About != "Typed" || len(got[0].Websites) != 1 {
		t.Errorf("profile: %+v %v", got, err)
	}
}

// TestTypedMedia uploads a file, reads its node, downloads and deletes it.
func TestTypedMedia(t *testing.T) {
	ctx, files := t.Context(), media.NewBaseClient(reading(typedConfig()), anySender())
	file, content := filepath.Join(t.TempDir(), "a.txt"), []byte("Terms and conditions of the bank")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := files.Upload(ctx, &media.UploadRequest{MediaType: media.TypeDocText, Filepath: file})
	if err != nil {
		t.Fatal(err)
	}
	one := &media.BaseRequest{MediaID: made.ID}
	info, err := files.GetInfo(ctx, one)
	if err != nil || info.ID != made.ID || info.FileSize != int64(len(content)) {
		t.Fatalf("info: %+v %v", info, err)
	}
	holds(t, "the file's url", info.URL, gate.env["POSTERN_URL"]+"/")
	var got []byte
	err = files.DownloadByMediaID(ctx, one, whttp.ResponseDecoderFunc(func(_ context.Context, r *http.Response) error {
		var err error
		got, err = io.ReadAll(r.Body)
		return err
	}))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("downloaded %d bytes, %v", len(got), err)
	}
	if done, err := files.Delete(ctx, one); err != nil || !done.Success {
		t.Errorf("delete: %+v %v", done, err)
	}
	if _, err := files.GetInfo(ctx, one); err == nil {
		t.Error("a deleted file is there")
	}
}

// TestTypedNumbers lists the app's one number of the account's three.
func TestTypedNumbers(t *testing.T) {
	client, err := phonenumber.NewBaseClient(reading(typedConfig()), &phonenumber.BaseSender{Sender: anySender()})
	if err != nil {
		t.Fatal(err)
	}
	m := gate.mark(t)
	got, err := client.List(t.Context())
	if err != nil || len(got.Data) != 1 || got.Data[0].ID != gate.env["POSTERN_PHONE_ID"] {
		t.Errorf("numbers: %+v %v", got, err)
	}
	gate.unrecorded(t, m)
}

// TestTypedBlock lists who is blocked, and reads upstream's refusal to block
// somebody who did not write.
func TestTypedBlock(t *testing.T) {
	client := user.NewBlockClient(reading(typedConfig()), whttp.NewSender(whttp.WithCoreClientHTTPClient[user.BlockBaseRequest](gate.http)))
	list, err := client.ListBlocked(t.Context(), &user.ListBlockedUsersOptions{Limit: new(10)})
	if err != nil || len(list.Data) != 0 {
		t.Errorf("list: %+v %v", list, err)
	}
	_, err = client.Block(t.Context(), []string{"+4930231259999"})
	refusal(t, err, 139100, "Some")
}

// TestTypedConnection: one kept connection carries many calls, refused ones
// among them.
func TestTypedConnection(t *testing.T) {
	var dials atomic.Int32
	transport := gate.http.Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2, transport.TLSClientConfig.NextProtos = false, nil
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	t.Cleanup(transport.CloseIdleConnections)
	person := gate.person(t)
	client, err := message.NewBaseClient(
		whttp.NewSender(whttp.WithCoreClientHTTPClient[message.Message](&http.Client{Transport: transport})), reading(typedConfig()))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := client.SendText(t.Context(), message.NewRequest(person, &message.Text{Body: "Hello"})); err != nil {
			t.Fatal(err)
		}
		_, err := client.SendText(t.Context(), message.NewRequest(gate.env["DEMO_STRANGER"], &message.Text{Body: "Hello"}))
		refusal(t, err, 131047)
	}
	want := int32(1)
	if os.Getenv("POSTERN_EDGE") == "envoy" {
		want = 10 // Envoy closes connections of HTTP/1.1 behind every 400 that is not upstream's
	}
	if n := dials.Load(); n != want {
		t.Errorf("20 calls took %d connections, want %d", n, want)
	}
}
