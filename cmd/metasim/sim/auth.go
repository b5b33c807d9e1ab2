package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"time"

	"postern/cmd/metasim/internal/graph"
)

// proofLife is how long a proof with a time is valid.
const proofLife = 5 * time.Minute

// authenticate wants a known token as bearer, query parameter or form field,
// and a right appsecret_proof where one is given and the secret is known.
func (s *Server) authenticate(r *request) *graph.Error {
	token := r.token()
	if !s.tokens[token] {
		return graph.New(190, "")
	}
	proof := r.parameter("appsecret_proof")
	secret := s.settings.Load().AppSecret
	if proof == "" || secret == "" {
		return nil
	}
	message := token
	if at := r.parameter("appsecret_time"); at != "" {
		message += "|" + at
		if !s.fresh(at) {
			return badProof()
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(proof)) {
		return badProof()
	}
	return nil
}

func badProof() *graph.Error {
	return &graph.Error{Status: 400, Code: 100, Type: "GraphMethodException",
		Title: "Invalid appsecret_proof provided in the API argument"}
}

func (s *Server) fresh(at string) bool {
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return false
	}
	age := s.cfg.Now().Sub(time.Unix(seconds, 0))
	return age > -proofLife && age < proofLife
}

// token prefers the header; without one it looks at the parameters.
func (r *request) token() string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "OAuth")) {
		return strings.TrimSpace(token)
	}
	return r.parameter("access_token")
}

// readAll reads a body of known length without growing a buffer.
func readAll(body io.Reader, length int64) ([]byte, error) {
	if length <= 0 || length > 1<<16 {
		return io.ReadAll(body)
	}
	buf := make([]byte, length)
	n, err := io.ReadFull(body, buf)
	return buf[:n], err
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
