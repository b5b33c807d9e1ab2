package flows_test

import (
	"bytes"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"postern/crypto/flows"
)

// vectors were made by another implementation; Meta's own sample reads them.
type vectors struct {
	RequestBody  json.RawMessage `json:"request_body"`
	RequestPlain string          `json:"request_plaintext"`
	AnswerPlain  string          `json:"response_plaintext"`
	Answer       string          `json:"response_ciphertext_b64"`
	Media        struct {
		EncryptionKey []byte `json:"encryption_key_b64"`
		MACKey        []byte `json:"hmac_key_b64"`
		IV            []byte `json:"iv_b64"`
		Plain         string `json:"plaintext"`
		File          string `json:"cdn_file_hex"`
		EncryptedHash []byte `json:"encrypted_hash_b64"`
		PlaintextHash []byte `json:"plaintext_hash_b64"`
	} `json:"media"`
}

func readVectors(t testing.TB) (vectors, *flows.Key) {
	t.Helper()
	var v vectors
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v, key(t, "testdata/flow_private.pem")
}

func key(t testing.TB, path string) *flows.Key {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	k, err := flows.ParseKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newKey(t testing.TB) *flows.Key {
	t.Helper()
	k, err := flows.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVectorRequestAndAnswer(t *testing.T) {
	v, k := readVectors(t)
	plain, ex, err := flows.Open(v.RequestBody, newKey(t), k)
	if err != nil || string(plain) != v.RequestPlain {
		t.Fatalf("opened %q, %v", plain, err)
	}
	answer, err := ex.Seal([]byte(v.AnswerPlain))
	if err != nil || string(answer) != v.Answer {
		t.Errorf("answer %s, %v; want %s", answer, err, v.Answer)
	}
	if again, err := ex.Seal([]byte(v.AnswerPlain)); err == nil {
		t.Errorf("a second answer under the same nonce: %s", again)
	}
}

func TestRequestsThatDoNotOpen(t *testing.T) {
	v, k := readVectors(t)
	change := func(member string, f func([]byte) []byte) []byte {
		var m map[string][]byte
		if err := json.Unmarshal(v.RequestBody, &m); err != nil {
			t.Fatal(err)
		}
		m[member] = f(m[member])
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 1; return b }
	}
	shorter := func(b []byte) []byte { return b[:len(b)-1] }
	for name, c := range map[string]struct {
		body []byte
		keys []*flows.Key
		want error
	}{
		"no key":            {v.RequestBody, nil, flows.ErrKey},
		"other key":         {v.RequestBody, []*flows.Key{newKey(t)}, flows.ErrKey},
		"data altered":      {change("encrypted_flow_data", flip(0)), []*flows.Key{k}, flows.ErrKey},
		"tag altered":       {change("encrypted_flow_data", flip(-1)), []*flows.Key{k}, flows.ErrKey},
		"tag shortened":     {change("encrypted_flow_data", shorter), []*flows.Key{k}, flows.ErrKey},
		"nonce altered":     {change("initial_vector", flip(3)), []*flows.Key{k}, flows.ErrKey},
		"key altered":       {change("encrypted_aes_key", flip(9)), []*flows.Key{k}, flows.ErrKey},
		"nonce of 12 bytes": {change("initial_vector", func(b []byte) []byte { return b[:12] }), []*flows.Key{k}, flows.ErrForm},
		"no data":           {change("encrypted_flow_data", func([]byte) []byte { return nil }), []*flows.Key{k}, flows.ErrForm},
		"key too short":     {change("encrypted_aes_key", shorter), []*flows.Key{k}, flows.ErrForm},
		"no JSON":           {[]byte("x"), []*flows.Key{k}, flows.ErrForm},
		"no Base64":         {[]byte(`{"encrypted_flow_data":"*"}`), []*flows.Key{k}, flows.ErrForm},
		"too large":         {append([]byte(strings.Repeat(" ", flows.MaxRequest)), v.RequestBody...), []*flows.Key{k}, flows.ErrForm},
	} {
		plain, ex, err := flows.Open(c.body, c.keys...)
		if !errors.Is(err, c.want) || plain != nil || ex != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	v, k := readVectors(t)
	_, ex, err := flows.Open(v.RequestBody, k)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ex.Seal(make([]byte, flows.MaxAnswer+1)); err == nil {
		t.Error("too large an answer was sealed")
	}
	if _, err := ex.Seal(make([]byte, flows.MaxAnswer)); err != nil {
		t.Errorf("the largest answer, after one that was refused: %v", err)
	}
}

func TestKeys(t *testing.T) {
	k := newKey(t)
	private, err := k.Private()
	if err != nil {
		t.Fatal(err)
	}
	again, err := flows.ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	public, err := again.Public()
	if err != nil || !k.Matches(public) || !k.Matches(bytes.ReplaceAll(public, []byte("\n"), []byte("\r\n"))) {
		t.Errorf("the key written and read is another one: %v", err)
	}
	_, sample := readVectors(t)
	theirs, err := os.ReadFile("testdata/flow_public.pem")
	if err != nil || !sample.Matches(theirs) || k.Matches(theirs) || k.Matches(nil) || k.Matches(private) {
		t.Errorf("keys are not told apart: %v", err)
	}
	const words = "[flow key]"
	if s := fmt.Sprintf("%v%+v%#v%s%d", k, k, k, k, k); s != strings.Repeat(words, 5) {
		t.Errorf("printed as %q", s)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "public": "testdata/flow_public.pem", "other text": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
		"passphrase": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
	} {
		if strings.HasPrefix(text, "testdata/") {
			raw, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			text = string(raw)
		}
		if _, err := flows.ParseKey([]byte(text)); err == nil || strings.Contains(err.Error(), "MAA") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMediaVector(t *testing.T) {
	v, _ := readVectors(t)
	file, err := hex.DecodeString(v.Media.File)
	if err != nil {
		t.Fatal(err)
	}
	m := flows.Media{
		EncryptedHash: v.Media.EncryptedHash, IV: v.Media.IV, EncryptionKey: v.Media.EncryptionKey,
		MACKey: v.Media.MACKey, PlaintextHash: v.Media.PlaintextHash,
	}
	if plain, err := m.Open(file); err != nil || string(plain) != v.Media.Plain {
		t.Errorf("opened %q, %v", plain, err)
	}
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 0x40
		sum := sha256.Sum256(bad)
		for name, hash := range map[string][]byte{"the file's hash": m.EncryptedHash, "its own hash": sum[:]} {
			other := m
			other.EncryptedHash = hash
			if plain, err := other.Open(bad); !errors.Is(err, flows.ErrMedia) {
				t.Errorf("byte %d altered under %s: %q, %v", i, name, plain, err)
			}
		}
	}
	m.PlaintextHash = m.EncryptedHash
	for name, f := range map[string][]byte{"other plaintext": file, "short": file[:20], "empty": nil} {
		if _, err := m.Open(f); !errors.Is(err, flows.ErrMedia) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// jwt is written by hand: header and payload as given.
func jwt(header, payload, secret string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	var sum []byte
	fips140.WithoutEnforcement(func() { // short keys among them
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(signed))
		sum = m.Sum(nil)
	})
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum)
}

func TestVouched(t *testing.T) {
	const header, secret = `{"alg":"HS256","typ":"JWT"}`, "app secret"
	good := jwt(header, `{"flow_token":"t-1"}`, secret)
	for name, c := range map[string]struct {
		signature, token string
		want             bool
	}{
		"good":            {good, "t-1", true},
		"plain payload":   {jwt(header, `"t-1"`, secret), "t-1", true},
		"other token":     {good, "t-2", false},
		"no token":        {jwt(header, `{"flow_token":""}`, secret), "", false},
		"other secret":    {jwt(header, `{"flow_token":"t-1"}`, "x"), "t-1", false},
		"no secret":       {jwt(header, `{"flow_token":"t-1"}`, ""), "t-1", false},
		"no algorithm":    {jwt(`{"alg":"none"}`, `{"flow_token":"t-1"}`, secret), "t-1", false},
		"other algorithm": {jwt(`{"alg":"HS512"}`, `{"flow_token":"t-1"}`, secret), "t-1", false},
		"critical":        {jwt(`{"alg":"HS256","crit":["b64"]}`, `{"flow_token":"t-1"}`, secret), "t-1", false},
		"cut":             {good[:len(good)-2], "t-1", false},
		"two parts":       {strings.Join(strings.Split(good, ".")[:2], "."), "t-1", false},
		"empty":           {"", "t-1", false},
	} {
		if got := flows.Vouched(c.signature, c.token, []byte("older"), []byte(secret), nil); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
