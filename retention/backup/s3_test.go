package backup_test

import (
	"context"
	"errors"
	"path"
	"slices"
	"testing"
	"time"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/retention/backup"
)

// TestAtS3 makes, verifies, restores and ends a backup under Object Lock.
func TestAtS3(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	place, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + server.Addr, Bucket: server.Bucket(t, true), Prefix: "gw1/", Region: s3test.Region, PathStyle: true,
		Credentials: func() blob.S3Credentials {
			return blob.S3Credentials{ID: server.AccessKey, Secret: server.SecretKey}
		},
		LockMode: "compliance", LockFor: 24 * time.Hour, Now: time.Now,
	})
	check(t, err)
	s := newSite(t, place)
	s.send(t, 0, 20)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	m := s.create(t)
	if _, err := s.verify(t, ""); err != nil {
		t.Fatal(err)
	}
	_, data, err := s.restore(t, nil)
	check(t, err)
	if report := s.audited(t, data); !report.OK() {
		t.Error(report.Findings)
	}
	// It ends by our clock, long before the lock of the server does.
	s.now = s.now.AddDate(0, 0, 91)
	got, err := s.service.Prune(t.Context())
	check(t, err)
	if got.Locked == 0 || !got.Until.After(time.Now()) {
		t.Errorf("%+v", got)
	}
	var left []string // what seals, and the data keys, no lock may keep
	for o, err := range place.List(t.Context(), "backups/") {
		check(t, err)
		left = append(left, path.Base(o.Key))
	}
	if slices.Sort(left); !slices.Equal(left, []string{"journal", "keystore", "media"}) {
		t.Errorf("under the lock are %v", left)
	}
	list, err := backup.List(t.Context(), place)
	check(t, err)
	if len(list) != 1 || list[0].Name != m.Name || list[0].Readable || list[0].Keys {
		t.Errorf("%+v", list)
	}
	if _, err := s.verify(t, m.Name); err == nil {
		t.Error("what ended can be read")
	}
}

// keeping is a bucket with a default retention.
type keeping struct{ blob.Bucket }

func (keeping) Retains(context.Context) bool { return true }

// TestBucketThatKeeps is refused: the keys of a backup could not end.
func TestBucketThatKeeps(t *testing.T) {
	t.Parallel()
	folder, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	s := newSite(t, keeping{folder})
	if _, err := s.service.Create(t.Context(), "test"); !errors.Is(err, blob.ErrKeeps) {
		t.Error(err)
	}
	for o := range folder.List(t.Context(), "") {
		t.Errorf("%s was stored", o.Key)
	}
}
