package clients

import (
	"context"
	"errors"
	"testing"

	"github.com/piusalfred/whatsapp/config"
	"github.com/piusalfred/whatsapp/message"
	whttp "github.com/piusalfred/whatsapp/pkg/http"
)

// typedConfig points the Go client at the gateway.
func typedConfig() config.Config {
	return config.Config{
		BaseURL: gate.env["POSTERN_URL"], APIVersion: "v23.0", AccessToken: gate.env["POSTERN_CLOUD_TOKEN"],
		PhoneNumberID: gate.env["POSTERN_PHONE_ID"], BusinessAccountID: gate.env["POSTERN_WABA_ID"],
	}
}

func reading(c config.Config) config.Reader {
	return config.ReaderFunc(func(context.Context) (*config.Config, error) { return &c, nil })
}

func startTyped(t *testing.T, c config.Config) *message.BaseClient {
	t.Helper()
	client, err := message.NewBaseClient(whttp.NewSender(whttp.WithCoreClientHTTPClient[message.Message](gate.http)), reading(c))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// refusal expects the client's own error with Meta's code in it.
func refusal(t *testing.T, err error, code int, words ...string) {
	t.Helper()
	var refused *whttp.ResponseError
	if !errors.As(err, &refused) || refused.Err == nil {
		t.Fatalf("the client's error is %v", err)
	}
	e := refused.Err
	if e.Code != code || e.Type != "OAuthException" || e.Message == "" || e.FBTraceID == "" || e.Data == nil || e.Data.MessagingProduct != "whatsapp" {
		t.Fatalf("the client's error is %+v with %+v, expected code %d", e, e.Data, code)
	}
	holds(t, "the error's details", e.Data.Details, words...)
}

// typedAnswered compares the client's answer with what left.
func typedAnswered(t *testing.T, person string, sent *message.Response, a accepted) {
	t.Helper()
	if sent.Product != "whatsapp" || len(sent.Messages) != 1 || sent.Messages[0].ID != a.WAMID ||
		len(sent.Contacts) != 1 || sent.Contacts[0].Input != person || sent.Contacts[0].WhatsappID != person {
		t.Errorf("the client got %+v, the simulator gave %s to %s", sent, a.WAMID, a.To)
	}
}
