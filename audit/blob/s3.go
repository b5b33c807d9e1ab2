package blob

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says where a bucket is and who asks.
type S3Config struct {
	Endpoint  string // https://HOST[:PORT]; http:// for tests on this machine
	Bucket    string
	Prefix    string // before every key: "" or with a slash at its end
	Region    string // that requests are signed for
	PathStyle bool   // bucket in the path, not in the host's name
	TLS       *tls.Config
	// Credentials are asked for with each request, so that a rotated secret
	// counts at once.
	Credentials func() S3Credentials
	// LockMode is "governance", "compliance" or "" for no Object Lock; LockFor is
	// how long an object is kept from its writing.
	LockMode string
	LockFor  time.Duration
	Idle     time.Duration    // a call of which no byte moves for so long is given up; 0: a minute
	Tries    int              // of a call; 0: four
	Now      func() time.Time // with LockMode
}

// S3Credentials sign requests. Token is of a session, "" for none.
type S3Credentials struct{ ID, Secret, Token string }

// S3 is a Bucket at a server that speaks Amazon's protocol. An upload counts
// only once the server has it whole and its SHA-256 was right. What can be read
// twice, such as a file, goes up as it is read, to 256 MiB; of anything else at
// most two parts of 16 MiB (more above 144 GB) are in memory. A call that stands
// still is given up and tried again, up to four times in all.
type S3 struct {
	cfg    S3Config
	client *minio.Core
}

var _ Bucket = (*S3)(nil)

// NewS3 reaches nobody yet; see Check.
func NewS3(cfg S3Config) (*S3, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("S3: the endpoint is https://HOST or https://HOST:PORT")
	}
	if cfg.Prefix != "" && (!strings.HasSuffix(cfg.Prefix, "/") || checkKey(strings.TrimSuffix(cfg.Prefix, "/")) != nil) {
		return nil, errors.New("S3: the prefix is letters, digits and ._=- between slashes, with a slash at its end")
	}
	lookup := minio.BucketLookupDNS
	if cfg.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.New(&signer{cfg.Credentials}), Secure: u.Scheme == "https", Region: cfg.Region, BucketLookup: lookup,
		MaxRetries: cmp.Or(cfg.Tries, maxTries), Transport: newPatient(cfg),
	})
	if err != nil {
		return nil, errors.New("S3: the endpoint, the bucket's name or the region is not one")
	}
	return &S3{cfg: cfg, client: client}, nil
}

// signer hands out what is in force.
type signer struct{ of func() S3Credentials }

func (s *signer) Retrieve() (credentials.Value, error) {
	c := s.of()
	return credentials.Value{AccessKeyID: c.ID, SecretAccessKey: c.Secret, SessionToken: c.Token, SignerType: credentials.SignatureV4}, nil
}

func (s *signer) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	return s.Retrieve()
}

// IsExpired makes the client ask each time.
func (*signer) IsExpired() bool { return true }

// Check asks for the bucket, and whether it can lock objects where they are to be.
func (s *S3) Check(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.cfg.Bucket)
	switch {
	case err != nil:
		return fault("look for the bucket", err)
	case !there:
		return fmt.Errorf("look for the bucket: %w: make it, or correct its name", ErrNotFound)
	case s.cfg.LockMode == "":
		return nil
	}
	if enabled, _, _, _, err := s.client.GetObjectLockConfig(ctx, s.cfg.Bucket); err != nil || enabled != "Enabled" { //nolint:dogsled // four answers, one of interest
		return errors.Join(errors.New("the bucket was made without Object Lock: make one with it, or take lock out of the configuration"), fault("ask for Object Lock", err))
	}
	return nil
}

// Retains reports whether the bucket keeps every new object for a time, by a
// default retention. A server that does not say has none.
func (s *S3) Retains(ctx context.Context) bool {
	_, mode, _, _, err := s.client.GetObjectLockConfig(ctx, s.cfg.Bucket) //nolint:dogsled // one of the answers is of interest
	return err == nil && mode != nil && *mode != ""
}

// Get implements Bucket.
func (s *S3) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := checkKey(key); err != nil {
		return nil, 0, err
	}
	body, info, _, err := s.client.GetObject(ctx, s.cfg.Bucket, s.cfg.Prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fault("open object", err)
	}
	return &body3{body}, info.Size, nil
}

// body3 reads an answer; its errors name no address. One that breaks off is no
// object that ends early.
type body3 struct{ io.ReadCloser }

func (b *body3) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("read object: the answer of S3 broke off")
	case err != nil && !errors.Is(err, io.EOF):
		err = fault("read object", err)
	}
	return n, err
}

// List implements Bucket.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for o := range s.client.ListObjectsIter(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: s.cfg.Prefix + prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Listed{}, fault("list objects", o.Err))
				return
			}
			key := strings.TrimPrefix(o.Key, s.cfg.Prefix)
			if checkKey(key) == nil && !yield(Listed{Key: key, Size: o.Size, Since: o.LastModified}, nil) {
				return
			}
		}
		if ctx.Err() != nil {
			yield(Listed{}, context.Cause(ctx))
		}
	}
}

// Remove implements Bucket: every version goes, and the marks of earlier
// removals. It looks then whether one is left.
func (s *S3) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	name := s.cfg.Prefix + key
	for version, err := range s.versions(ctx, name) {
		if err == nil {
			err = s.removeVersion(ctx, name, version)
		}
		if err != nil {
			return err
		}
	}
	for _, err := range s.versions(ctx, name) {
		if err == nil {
			err = errors.New("remove object: a version of it is still there; ask again")
		}
		return err
	}
	return context.Cause(ctx)
}

// versions are those of one object, marks of removals included; "" is the only
// one at a server that keeps none.
func (s *S3) versions(ctx context.Context, name string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		opt := minio.ListObjectsOptions{Prefix: name, Recursive: true, WithVersions: true}
		if minio.ToErrorResponse(s.list(ctx, name, opt, yield)).Code == "NotImplemented" {
			opt.WithVersions = false
			if err := s.list(ctx, name, opt, yield); err != nil {
				yield("", fault("look for versions", err))
			}
		}
	}
}

// list yields the versions of a name and every error but NotImplemented, which
// it returns.
func (s *S3) list(ctx context.Context, name string, opt minio.ListObjectsOptions, yield func(string, error) bool) error {
	for o := range s.client.ListObjectsIter(ctx, s.cfg.Bucket, opt) {
		switch {
		case minio.ToErrorResponse(o.Err).Code == "NotImplemented":
			return o.Err
		case o.Err == nil && o.Key != name:
			continue
		}
		if !yield(o.VersionID, fault("look for versions", o.Err)) || o.Err != nil {
			return nil
		}
	}
	return nil
}

func (s *S3) removeVersion(ctx context.Context, name, version string) error {
	err := s.client.RemoveObject(ctx, s.cfg.Bucket, name, minio.RemoveObjectOptions{VersionID: version})
	if err == nil {
		return nil
	}
	// Servers refuse what is locked with different codes, but say until when.
	if info, asked := s.client.StatObject(ctx, s.cfg.Bucket, name, minio.StatObjectOptions{VersionID: version}); asked == nil {
		if until, bad := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date")); bad == nil {
			return fmt.Errorf("remove object: %w", &LockedError{Until: until})
		}
	}
	return fault("remove object", err)
}

// fault is an error of the client in words of ours: its own name keys and
// addresses. Nil stays nil.
func fault(what string, err error) error {
	if err == nil {
		return nil
	}
	var still *stalled
	var address *url.Error
	if errors.As(err, &still) {
		return fmt.Errorf("%s: S3 stood still: %w", what, still)
	}
	if errors.As(err, &address) {
		return fmt.Errorf("%s: S3 is not reached: %w", what, address.Err)
	}
	a := minio.ToErrorResponse(err)
	switch {
	case a.Code == minio.NoSuchKey || a.StatusCode == http.StatusNotFound && a.Code != minio.NoSuchBucket:
		return ErrNotFound
	case a.StatusCode != 0 && !strings.ContainsFunc(a.Code, strange):
		return fmt.Errorf("%s: S3 refuses with %d %s; check the bucket, its policy and the credentials", what, a.StatusCode, a.Code)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: S3 or the way to it failed", what)
}
