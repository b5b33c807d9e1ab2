package boot

import (
	"fmt"
	"strings"
	"time"

	"postern/audit/blob"
	"postern/crypto/certs"
)

// S3 is a bucket at a server that speaks Amazon's protocol. The zero value is none.
type S3 struct {
	Endpoint     string `json:"endpoint"` // https://HOST[:PORT]
	Bucket       string `json:"bucket"`
	Prefix       string `json:"prefix"` // "" or with a slash at its end
	Region       string `json:"region"` // that requests are signed for
	PathStyle    bool   `json:"path_style"`
	AccessKey    Secret `json:"access_key"`
	SecretKey    Secret `json:"secret_key"`
	SessionToken Secret `json:"session_token"`
	CA           string `json:"ca"`   // PEM file of the server's roots; "": the system's
	Lock         string `json:"lock"` // Object Lock: "governance", "compliance" or "" for none
	LockDays     int    `json:"lock_days"`
}

// s3 reads a server and its bucket; elsewhere says that something else names the
// bucket and the prefix.
func (r *reader) s3(s *section, elsewhere bool) S3 {
	defer s.done()
	if s.node == nil {
		return S3{}
	}
	out := S3{
		Endpoint:     s.required("endpoint", "write https://HOST of the server, such as https://s3.eu-central-1.amazonaws.com"),
		Region:       s.text("region", "us-east-1", "write the region that requests are signed for"),
		PathStyle:    s.flag("path_style"),
		AccessKey:    s.secret("access_key", true),
		SecretKey:    s.secret("secret_key", true),
		SessionToken: s.secret("session_token", false),
		CA:           s.file("ca", "", "write a PEM file of the server's roots, or leave it out"),
		Lock:         s.text("lock", "", lockRemedy),
		LockDays:     s.whole("lock_days", 0, 0, 36500),
	}
	if !elsewhere {
		out.Bucket = s.required("bucket", "write the bucket's name")
		out.Prefix = s.text("prefix", "", "write what comes before each name, with a slash at its end")
	}
	r.checkS3(out, s.path)
	return out
}

const lockRemedy = "write governance or compliance, and lock_days; leave both out for no Object Lock"

func (r *reader) checkS3(c S3, path string) {
	r.expect(c.Endpoint == "" || baseURL(c.Endpoint, true), path+".endpoint", "is not an https URL without path", "write https://HOST; http only on loopback")
	r.expect(c.Prefix == "" || strings.HasSuffix(c.Prefix, "/") && c.Prefix[0] != '/', path+".prefix", "is no prefix", "begin without a slash and end with one, such as gw1/")
	r.expect(c.Lock == "" || c.Lock == "governance" || c.Lock == "compliance", path+".lock", "is no mode of Object Lock", lockRemedy)
	r.expect((c.Lock == "") == (c.LockDays == 0), path+".lock_days", "and lock belong together", lockRemedy)
	if _, err := certs.Client(certs.ClientConfig{CA: c.CA}); c.CA != "" && err != nil {
		r.reportAt(path+".ca", path+".ca can not be used", "write a PEM file of roots")
	}
}

// Open makes the client; nobody is asked yet. current gives the configuration in
// force, whose secrets sign each request.
func (c S3) Open(now func() time.Time, current func() S3) (*blob.S3, error) {
	cfg, err := c.config(now, current)
	if err != nil {
		return nil, err
	}
	return blob.NewS3(cfg)
}

func (c S3) config(now func() time.Time, current func() S3) (blob.S3Config, error) {
	tls, err := certs.Client(certs.ClientConfig{CA: c.CA, Only: c.CA != "", TLS12: true})
	if err != nil {
		return blob.S3Config{}, fmt.Errorf("roots of S3: %w", err)
	}
	return blob.S3Config{
		Endpoint: c.Endpoint, Bucket: c.Bucket, Prefix: c.Prefix, Region: c.Region, PathStyle: c.PathStyle, TLS: tls,
		LockMode: c.Lock, LockFor: time.Duration(c.LockDays) * 24 * time.Hour, Now: now,
		Credentials: func() blob.S3Credentials {
			c := current()
			return blob.S3Credentials{ID: c.AccessKey.Value(), Secret: c.SecretKey.Value(), Token: c.SessionToken.Value()}
		},
	}, nil
}

// withoutSecrets is what a restart takes over; secrets are taken over by a reload.
func (c S3) withoutSecrets() S3 {
	c.AccessKey, c.SecretKey, c.SessionToken = Secret{}, Secret{}, Secret{}
	return c
}
