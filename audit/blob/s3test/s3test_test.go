package s3test_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/audit/blob/s3test"
)

// TestObjectLock: what is locked outlives its deletion by whoever may do
// everything, and a restart.
func TestObjectLock(t *testing.T) {
	s := s3test.Start(t)
	c, err := minio.New(s.Addr, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s3test.Region})
	check(t, err)
	locked, free := s.Bucket(t, true), s.Bucket(t, false)
	body := []byte("a checkpoint")
	put := func(bucket string, o minio.PutObjectOptions) minio.UploadInfo {
		info, err := c.PutObject(t.Context(), bucket, "a/b", bytes.NewReader(body), int64(len(body)), o)
		check(t, err)
		return info
	}
	put(free, minio.PutObjectOptions{})
	check(t, c.RemoveObject(t.Context(), free, "a/b", minio.RemoveObjectOptions{}))
	kept := put(locked, minio.PutObjectOptions{Mode: minio.Compliance, RetainUntilDate: time.Now().Add(time.Hour), SendContentMd5: true})
	remove := minio.RemoveObjectOptions{VersionID: kept.VersionID, GovernanceBypass: true}
	if err := c.RemoveObject(t.Context(), locked, "a/b", remove); err == nil {
		t.Error("a locked version was removed")
	}
	s.Stop(t)
	if _, err := c.BucketExists(t.Context(), locked); err == nil {
		t.Error("a stopped server answers")
	}
	s.Restart(t)
	o, err := c.GetObject(t.Context(), locked, "a/b", minio.GetObjectOptions{VersionID: kept.VersionID})
	check(t, err)
	got, err := io.ReadAll(o)
	check(t, err)
	if !bytes.Equal(got, body) {
		t.Errorf("got %q", got)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
