package blob_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

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
	b := bucket(t, s, s.Bucket(t, true), func(c *blob.S3Config) { c.LockMode, c.LockFor = "compliance", time.Hour })
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

func TestS3Parts(t *testing.T) {
	s := s3test.Start(t)
	b := bucket(t, s, s.Bucket(t, true), func(c *blob.S3Config) { c.LockMode, c.LockFor = "governance", time.Hour })
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<20+1<<18)
	if err := store(b, "large", content); err != nil {
		t.Fatal(err)
	}
	if got, err := fetch(b, "large"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
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
