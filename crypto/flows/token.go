package flows

import (
	"bytes"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// maxToken bounds a flow_token_signature, in bytes.
const maxToken = 16 << 10

// Vouched reports whether a flow_token_signature stands for the flow token: a
// JWT under HS256 with one of the app secrets as key, whose payload holds the
// token. Meta documents no name for that claim, so any will do.
func Vouched(signature, flowToken string, secrets ...[]byte) bool {
	parts := strings.Split(signature, ".")
	if len(signature) > maxToken || len(parts) != 3 || flowToken == "" {
		return false
	}
	var header struct {
		Algorithm string   `json:"alg"`
		Critical  []string `json:"crit"`
	}
	if !decodePart(parts[0], &header) || header.Algorithm != "HS256" || len(header.Critical) != 0 {
		return false
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	fits := false
	fips140.WithoutEnforcement(func() { fits = macFits(parts[0]+"."+parts[1], given, secrets) })
	if !fits {
		return false
	}
	return claims(parts[1], flowToken)
}

func macFits(signed string, given []byte, secrets [][]byte) bool {
	ok := false
	for _, s := range secrets {
		if len(s) == 0 {
			continue
		}
		m := hmac.New(sha256.New, s)
		m.Write([]byte(signed)) //nolint:errcheck // hash.Hash never returns an error
		ok = hmac.Equal(m.Sum(nil), given) || ok
	}
	return ok
}

func claims(part, flowToken string) bool {
	var payload any
	if !decodePart(part, &payload) {
		return false
	}
	members, _ := payload.(map[string]any)
	for _, v := range members {
		if v == flowToken {
			return true
		}
	}
	return payload == flowToken
}

func decodePart(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.NewDecoder(bytes.NewReader(raw)).Decode(into) == nil
}
