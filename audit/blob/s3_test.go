package blob_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
)

func bucket(t *testing.T, s *s3test.Server, name string, change func(*blob.S3Config)) *blob.S3 {
	t.Helper()
	cfg := blob.S3Config{
		Endpoint: "http://" + s.Addr, Bucket: name, Prefix: "gw1/", Region: "us-east-1", PathStyle: true, Now: time.Now,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: s.AccessKey, Secret: s.SecretKey} },
	}
	if change != nil {
		change(&cfg)
	}
	b, err := blob.NewS3(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestS3(t *testing.T) {
	s := s3test.Start(t)
	name := s.Bucket(t, false)
	b := bucket(t, s, name, nil)
	if err := b.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	conform(t, b)
	if err := bucket(t, s, name, func(c *blob.S3Config) { c.LockMode = "compliance" }).Check(t.Context()); err == nil {
		t.Error("bucket without lock")
	}
	if err := bucket(t, s, "absent", nil).Check(t.Context()); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
	err := store(bucket(t, s, name, func(c *blob.S3Config) {
		c.Credentials = func() blob.S3Credentials { return blob.S3Credentials{ID: s.AccessKey, Secret: "another"} }
	}), "secretkey", []byte("x"))
	if err == nil || strings.Contains(err.Error(), "secretkey") {
		t.Error(err)
	}
	err = store(bucket(t, s, name, func(c *blob.S3Config) { c.Endpoint = "http://127.0.0.1:1" }), "secretkey", []byte("x"))
	if err == nil || strings.Contains(err.Error(), "secretkey") {
		t.Error(err)
	}
}

func TestS3Lock(t *testing.T) {
	s := s3test.Start(t)
	name := s.Bucket(t, true)
	b := bucket(t, s, name, func(c *blob.S3Config) { c.LockMode, c.LockFor = "compliance", time.Hour })
	if err := b.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := store(b, "kept", []byte("x")); err != nil {
		t.Fatal(err)
	}
	var locked *blob.LockedError
	if err := b.Remove(t.Context(), "kept"); !errors.As(err, &locked) || !locked.Until.After(time.Now()) {
		t.Errorf("%v", err)
	}
	if _, err := fetch(b, "kept"); err != nil {
		t.Error(err)
	}
	if mode, until := lockOf(t, s, name, "gw1/kept"); mode != minio.Compliance || time.Until(until).Round(time.Minute) != time.Hour {
		t.Errorf("locked by %s until %v", mode, until)
	}
	if err := b.Put(t.Context(), blob.Written{Key: "brief", Size: 1, Content: strings.NewReader("x"), Brief: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), blob.Written{Key: "brief", Size: 1, Content: strings.NewReader("y"), Brief: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), "brief"); err != nil {
		t.Error(err)
	}
	if _, err := fetch(b, "brief"); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
}

// lockOf is how and until when an object is locked, as the server says.
func lockOf(t *testing.T, s *s3test.Server, name, key string) (minio.RetentionMode, time.Time) {
	t.Helper()
	raw, err := minio.New(s.Addr, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s3test.Region})
	if err != nil {
		t.Fatal(err)
	}
	info, err := raw.StatObject(t.Context(), name, key, minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	until, err := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	if err != nil {
		t.Fatalf("how long %s is locked: %v", key, err)
	}
	return minio.RetentionMode(info.Metadata.Get("X-Amz-Object-Lock-Mode")), until
}

func TestS3Parts(t *testing.T) {
	s := s3test.Start(t)
	name := s.Bucket(t, true)
	b := bucket(t, s, name, func(c *blob.S3Config) { c.LockMode, c.LockFor = "governance", time.Hour })
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20+1<<18)
	if err := store(b, "large", content); err != nil {
		t.Fatal(err)
	}
	if got, err := fetch(b, "large"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := b.Put(t.Context(), blob.Written{Key: "parts", Size: int64(len(content)), Content: io.MultiReader(bytes.NewReader(content))}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"gw1/large", "gw1/parts"} {
		if mode, until := lockOf(t, s, name, key); mode != minio.Governance || time.Until(until).Round(time.Minute) != time.Hour {
			t.Errorf("%s is locked by %s until %v", key, mode, until)
		}
	}
	for _, from := range []io.Reader{io.MultiReader(bytes.NewReader(content[:17<<20]), &broken{}), io.MultiReader(bytes.NewReader(content), strings.NewReader("more"))} {
		if err := b.Put(t.Context(), blob.Written{Key: "half", Size: int64(len(content)), Content: from}); !errors.Is(err, errFault) && !errors.Is(err, blob.ErrSize) {
			t.Error(err)
		}
	}
	if got := keys(t, b, "half"); len(got) > 0 {
		t.Error("half an object is there")
	}
	if err := b.Sweep(t.Context(), ""); err != nil {
		t.Error(err)
	}
}
