package flows_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"postern/crypto/flows"
)

// An app opens with its own key what Meta's key never saw, and only its answer
// to this very request is taken.
func TestAppIsSpokenToAsMetaDoes(t *testing.T) {
	key, err := flows.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	app, err := flows.ParseApp(public)
	if err != nil {
		t.Fatal(err)
	}
	const request, answer = `{"version":"3.0","action":"INIT"}`, `{"screen":"S","data":{}}`
	body, asked, err := app.Seal([]byte(request))
	if err != nil || bytes.Contains(body, []byte("INIT")) {
		t.Fatal(string(body), err)
	}
	plain, ex, err := flows.Open(body, key)
	if err != nil || string(plain) != request {
		t.Fatal(string(plain), err)
	}
	sealed, err := ex.Seal([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := asked.Open(append(sealed, '\n')); err != nil || string(got) != answer {
		t.Errorf("opened %s, %v", got, err)
	}
	again, other, err := app.Seal([]byte(request))
	if err != nil || bytes.Equal(again, body) {
		t.Errorf("two requests are the same: %v", err)
	}
	for name, c := range map[string]struct {
		asked *flows.Asked
		body  []byte
	}{
		"of another request": {other, sealed},
		"cut":                {asked, sealed[:len(sealed)-4]},
		"no Base64":          {asked, []byte(answer)},
		"empty":              {asked, nil},
	} {
		if got, err := c.asked.Open(c.body); !errors.Is(err, flows.ErrAnswer) || got != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestParseAppTakesOnlyWhatMetaTakes(t *testing.T) {
	key, err := flows.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Private()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "private": string(private),
		"short": "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAJ7FEG+ghJ1Yd2Ww\n-----END PUBLIC KEY-----\n",
	} {
		if _, err := flows.ParseApp([]byte(text)); err == nil || text != "" && strings.Contains(err.Error(), strings.Split(text, "\n")[1]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
