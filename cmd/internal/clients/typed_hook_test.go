package clients

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/piusalfred/whatsapp/message"
	werrors "github.com/piusalfred/whatsapp/pkg/errors"
	"github.com/piusalfred/whatsapp/webhooks"
)

// heard is what the Go client's webhook handler was called with.
type heard struct {
	notice *webhooks.MessageNotificationContext
	info   *webhooks.MessageInfo
	value  any
	status []*webhooks.Status
	err    error
}

func hears[T any](h *heard) func(context.Context, *webhooks.MessageNotificationContext, *webhooks.MessageInfo, *T) error {
	return func(_ context.Context, n *webhooks.MessageNotificationContext, i *webhooks.MessageInfo, v *T) error {
		h.notice, h.info, h.value = n, i, v
		return nil
	}
}

// listen hands a webhook, exactly as it came, to the client's listener.
func listen(t *testing.T, secret string, body []byte, header http.Header) (heard, int) {
	t.Helper()
	var got heard
	handler := webhooks.NewHandler()
	handler.OnTextMessage(hears[webhooks.Text](&got))
	handler.OnImageMessage(hears[message.MediaInfo](&got))
	handler.OnAudioMessage(hears[message.MediaInfo](&got))
	handler.OnVideoMessage(hears[message.MediaInfo](&got))
	handler.OnDocumentMessage(hears[message.MediaInfo](&got))
	handler.OnStickerMessage(hears[message.MediaInfo](&got))
	handler.OnLocationMessage(hears[message.Location](&got))
	handler.OnContactsMessage(hears[message.Contacts](&got))
	handler.OnReactionMessage(hears[message.Reaction](&got))
	handler.OnButtonMessage(hears[webhooks.Button](&got))
	handler.OnButtonReplyMessage(hears[webhooks.ButtonReply](&got))
	handler.OnListReplyMessage(hears[webhooks.ListReply](&got))
	handler.OnFlowCompletionMessage(hears[webhooks.NFMReply](&got))
	handler.OnUnsupportedMessage(func(_ context.Context, n *webhooks.MessageNotificationContext, i *webhooks.MessageInfo, errs []*werrors.Error) error {
		got.notice, got.info, got.value = n, i, errs
		return nil
	})
	handler.OnMessageStatusChange(func(_ context.Context, n *webhooks.MessageNotificationContext, s []*webhooks.Status) error {
		got.notice, got.status = n, s
		return nil
	})
	handler.OnError(func(_ context.Context, err error) error { got.err = err; return err })
	listener := webhooks.NewListener(handler, webhooks.ConfigReaderFunc(func(*http.Request) (*webhooks.Config, error) {
		return &webhooks.Config{Validate: true, AppSecret: secret}, nil
	}))
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook", bytes.NewReader(body))
	req.Header = header
	w := httptest.NewRecorder()
	listener.HandleNotification(w, req)
	return got, w.Code
}

// heardOf is a webhook that the client must take, and not if it was changed.
func heardOf(t *testing.T, h hook) heard {
	t.Helper()
	secret := gate.env["DEMO_WEBHOOK_SECRET"]
	if _, code := listen(t, secret, bytes.Replace(h.body, []byte(`"object"`), []byte(`"Object"`), 1), h.header); code != http.StatusInternalServerError {
		t.Errorf("a changed webhook is answered %d", code)
	}
	got, code := listen(t, secret, h.body, h.header)
	if code != http.StatusOK || got.err != nil || got.notice == nil {
		t.Fatalf("the client answers %d: %v; %s", code, got.err, h.body)
	}
	if got.notice.Metadata == nil || got.notice.Metadata.PhoneNumberID != gate.env["POSTERN_PHONE_ID"] || got.notice.MessagingProduct != "whatsapp" {
		t.Errorf("the client reads %+v", got.notice)
	}
	return got
}

// TestTypedWebhooks reads every type of message.
func TestTypedWebhooks(t *testing.T) {
	person := gate.person(t)
	for _, i := range inbounds {
		t.Run(i.name, func(t *testing.T) {
			id, h := i.come(t, person)
			got := heardOf(t, h)
			if got.info == nil || got.info.MessageID != id || got.info.From != person || got.info.Type != i.typ || got.info.Timestamp == "" {
				t.Fatalf("the client reads %+v", got.info)
			}
			if len(got.notice.Contacts) != 1 || got.notice.Contacts[0].WaID != person || got.notice.Contacts[0].Profile.Name != "Ana Müller" {
				t.Errorf("contacts: %+v", got.notice.Contacts)
			}
			same(t, "the content", got.value, i.typed)
		})
	}
	t.Run("unknown type", func(t *testing.T) {
		id, h := gate.receive(t, gate.env["POSTERN_PHONE_ID"], person,
			`{"type":"unsupported","errors":[{"code":131051,"title":"Message type unknown","message":"Message type unknown"}]}`, `"unsupported"`)
		got := heardOf(t, h)
		errs, _ := got.value.([]*werrors.Error)
		if got.info == nil || got.info.MessageID != id || len(errs) != 1 || errs[0].Code != 131051 {
			t.Errorf("the client reads %+v, %+v", got.info, errs)
		}
	})
}

// TestTypedReplyQuoted: a person quotes what the app sent; the app sees the id
// that it was given.
func TestTypedReplyQuoted(t *testing.T) {
	person := gate.person(t)
	sent, err := startTyped(t, typedConfig()).SendText(t.Context(), message.NewRequest(person, &message.Text{Body: "A question"}))
	if err != nil {
		t.Fatal(err)
	}
	_, h := gate.receive(t, gate.env["POSTERN_PHONE_ID"], person,
		`{"type":"text","reply_to":"`+sent.Messages[0].ID+`","text":{"body":"typed quotes it"}}`, "typed quotes it")
	got := heardOf(t, h)
	if got.info == nil || !got.info.IsAReply || got.info.Context == nil || got.info.Context.ID != sent.Messages[0].ID {
		t.Errorf("the client reads %+v with %+v", got.info, got.info.Context)
	}
}

// TestTypedStatuses: what was sent is reported under the id the app was given.
func TestTypedStatuses(t *testing.T) {
	person := gate.person(t)
	sent, err := startTyped(t, typedConfig()).SendText(t.Context(), message.NewRequest(person, &message.Text{Body: "Hello"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"sent", "delivered", "read"} {
		h := gate.hooks.with(t, `"id":"`+sent.Messages[0].ID+`"`, `"status":"`+status+`"`)
		wellFormed(t, h)
		got := heardOf(t, h)
		if len(got.status) != 1 || got.status[0].ID != sent.Messages[0].ID || got.status[0].StatusValue != status ||
			got.status[0].RecipientID != person || got.status[0].BizOpaqueCallbackData != "" {
			t.Errorf("the client reads %+v", got.status)
		}
	}
}
