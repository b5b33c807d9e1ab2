package s3test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// send makes a signed request without body and gives its status. path has no
// query and nothing to escape.
func (s *Server) send(method, path string, header map[string]string) (int, error) {
	r, err := http.NewRequest(method, "http://"+s.Addr+path, http.NoBody) //nolint:noctx // bounded by the client below
	if err != nil {
		return 0, err
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	s.sign(r, time.Now().UTC())
	answer, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// sign adds AWS Signature Version 4 for an empty body:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func (s *Server) sign(r *http.Request, now time.Time) {
	stamp, empty := now.Format("20060102T150405Z"), digest("")
	r.Header.Set("x-amz-date", stamp)
	r.Header.Set("x-amz-content-sha256", empty)
	headers := map[string]string{"host": r.URL.Host}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	var names []string
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	var lines strings.Builder
	for _, name := range names {
		fmt.Fprintf(&lines, "%s:%s\n", name, headers[name]) //nolint:errcheck // a Builder never fails
	}
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{r.Method, r.URL.Path, "", lines.String(), signed, empty}, "\n")
	scope := stamp[:8] + "/" + Region + "/s3/aws4_request"
	key := []byte("AWS4" + s.SecretKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	signature := mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, digest(canonical)}, "\n"))
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", s.AccessKey, scope, signed, signature))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
