package export_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/audit/export"
)

// TestFilesAtS3 writes to a real server that goes away in between.
func TestFilesAtS3(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	bucket, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + server.Addr, Bucket: server.Bucket(t, true), Region: s3test.Region, PathStyle: true,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: server.AccessKey, Secret: server.SecretKey} },
	})
	must(t, err)
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	fill(t, j, c, 100)
	c.add(time.Hour)
	l, err := export.NewLines(bucket, "postern/", time.Hour, export.Filter{})
	must(t, err)
	server.Stop(t)
	x, _ := start(t, export.Config{Name: "archive", Journal: j, Sink: l, Now: c.now, Pause: hasty})
	fill(t, j, c, 50)
	await(t, "the server is missed", func() bool { return x.Status().Faults > 0 })
	server.Restart(t)
	await(t, "the hour is written", func() bool { return x.Status().Next == 100 })
	dir := t.TempDir()
	for o, err := range bucket.List(t.Context(), "postern/") {
		must(t, err)
		copyObject(t, bucket, o.Key, filepath.Join(dir, filepath.Base(o.Key)))
	}
	if got := checked(t, dir); !got.OK() || got.Events != 100 || got.Files != 1 {
		t.Errorf("%+v", got)
	}
}

func copyObject(t *testing.T, from blob.Bucket, key, path string) {
	t.Helper()
	r, size, err := from.Get(t.Context(), key)
	must(t, err)
	defer r.Close()
	raw := make([]byte, size)
	_, err = io.ReadFull(r, raw)
	must(t, err)
	must(t, os.WriteFile(path, raw, 0o600))
}
