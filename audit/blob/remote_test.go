package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
)

// inBucket is a store that sends objects to a bucket, ready.
func inBucket(t *testing.T, cfg blob.Config) *blob.Store {
	t.Helper()
	cfg.Prefix = "files/one/"
	s := open(t, cfg)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// wellAgain waits until the bucket is found well: connections of before may fail.
func wellAgain(t *testing.T, s *blob.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for err := s.Ready(ctx); err != nil || s.Away(); err = s.Ready(ctx) {
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, s *blob.Store) map[blob.Name]int64 {
	t.Helper()
	out := map[blob.Name]int64{}
	for o, err := range s.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[o.Name]; twice {
			t.Errorf("%s is listed twice", o.Name)
		}
		out[o.Name] = o.Size
	}
	return out
}

// TestPlaces is what a store does wherever its objects lie.
func TestPlaces(t *testing.T) {
	server := s3test.Start(t)
	folder, _ := folder(t)
	for name, place := range map[string]blob.Bucket{
		"folder": nil, "bucket in a folder": folder, "S3": bucket(t, server, server.Bucket(t, false), nil),
		"S3 with versions": bucket(t, server, server.Bucket(t, true), nil),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := blob.Config{Dir: filepath.Join(t.TempDir(), "media"), Bucket: place, Quota: 5000}
			s := inBucket(t, cfg)
			a, b := blob.Name{1}, blob.Name{2}
			long := bytes.Repeat([]byte("long"), 1000)
			if err := errors.Join(put(s, a, long), put(s, b, []byte("short"))); err != nil {
				t.Fatal(err)
			}
			if got, err := get(s, a); err != nil || !bytes.Equal(got, long) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if got := names(t, s); len(got) != 2 || got[a] != 4000 || got[b] != 5 || used(t, s) != 4005 {
				t.Errorf("%v, %d used", got, used(t, s))
			}
			if place != nil && files(t, cfg.Dir) != 0 {
				t.Error("the folder still holds something")
			}
			if err := put(s, blob.Name{3}, long); !errors.Is(err, blob.ErrFull) {
				t.Errorf("past the quota: %v", err)
			}
			if again := inBucket(t, cfg); used(t, again) != 4005 {
				t.Errorf("opened again: %d used", used(t, again))
			}
			if err := errors.Join(s.Remove(t.Context(), a), s.Remove(t.Context(), a)); err != nil {
				t.Error(err)
			}
			if _, err := get(s, a); !errors.Is(err, blob.ErrNotFound) || used(t, s) != 5 {
				t.Errorf("removed: %v, %d used", err, used(t, s))
			}
			drafts(t, s)
		})
	}
}

// drafts are read by who has them until they are let go of; what is discarded
// leaves nothing.
func drafts(t *testing.T, s *blob.Store) {
	t.Helper()
	d, err := s.Create(blob.Name{9}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("draft")); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := d.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); string(got) != "draft" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := errors.Join(r.Close(), d.Discard(), s.Remove(t.Context(), blob.Name{9})); err != nil {
		t.Error(err)
	}
	half, err := s.Create(blob.Name{8}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if err := half.Discard(); err != nil || used(t, s) != 5 || len(names(t, s)) != 1 {
		t.Errorf("%v, %d used", err, used(t, s))
	}
}

// TestVersionsGo looks with another client: of what was removed no version is
// left, also where others removed it before, or it was written twice.
func TestVersionsGo(t *testing.T) {
	server := s3test.Start(t)
	name := server.Bucket(t, true)
	place := bucket(t, server, name, nil)
	other, err := minio.New(server.Addr, &minio.Options{Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: s3test.Region})
	if err != nil {
		t.Fatal(err)
	}
	versions := func() (n int) {
		for o := range other.ListObjects(t.Context(), name, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			n++
		}
		return n
	}
	s := inBucket(t, blob.Config{Bucket: place})
	if n := versions(); n != 0 {
		t.Errorf("%d versions are left of the look at the bucket", n)
	}
	for range 2 {
		if err := put(s, blob.Name{1}, []byte("content")); err != nil {
			t.Fatal(err)
		}
	}
	key := "gw1/files/one/" + blob.Name{1}.String()
	if err := other.RemoveObject(t.Context(), name, key, minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := versions(); n != 3 {
		t.Fatalf("%d versions, want two and a mark", n)
	}
	if err := s.Remove(t.Context(), blob.Name{1}); err != nil || versions() != 0 {
		t.Errorf("%v, %d versions are left", err, versions())
	}
	days, unit, mode := uint(1), minio.Days, minio.Governance
	if err := other.SetBucketObjectLockConfig(t.Context(), name, &mode, &days, &unit); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, blob.ErrKeeps) {
		t.Errorf("a bucket that keeps what is removed: %v", err)
	}
}

// TestAway: a bucket that is gone, or silent, is tried once; then nobody waits
// for it until it is found well. Nothing is half there.
func TestAway(t *testing.T) {
	server := s3test.Start(t)
	name := server.Bucket(t, false)
	dir := filepath.Join(t.TempDir(), "media")
	s := inBucket(t, blob.Config{Dir: dir, Bucket: bucket(t, server, name, func(c *blob.S3Config) { c.Tries = 1 })})
	if err := put(s, blob.Name{1}, []byte("content")); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	if err := put(s, blob.Name{2}, []byte("other")); !errors.Is(err, blob.ErrAway) || !s.Away() {
		t.Errorf("stored while it is away: %v", err)
	}
	if files(t, dir) != 0 {
		t.Error("half an object is in the folder")
	}
	if _, err := s.Create(blob.Name{3}, 1); !errors.Is(err, blob.ErrAway) {
		t.Errorf("begun while it is away: %v", err)
	}
	passes(t, s)
	if files(t, dir) != 0 {
		t.Error("what passed is in the folder")
	}
	if _, _, err := s.Open(t.Context(), blob.Name{1}); !errors.Is(err, blob.ErrAway) {
		t.Errorf("read while it is away: %v", err)
	}
	if err := errors.Join(s.Remove(t.Context(), blob.Name{1}), s.Ready(t.Context())); !errors.Is(err, blob.ErrAway) {
		t.Errorf("removed while it is away: %v", err)
	}
	server.Restart(t)
	wellAgain(t, s)
	if got, err := get(s, blob.Name{1}); err != nil || string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
	if got := names(t, s); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestSilence: a server that takes connections and never answers.
func TestSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the end of the test
	b, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + l.Addr().String(), Bucket: "silent", Region: s3test.Region, PathStyle: true, Idle: 50 * time.Millisecond, Tries: 1,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: "id", Secret: "secret"} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, blob.Config{Bucket: b, Prefix: "files/one/"})
	if err := s.Ready(t.Context()); err == nil || errors.Is(err, blob.ErrKeeps) || !s.Away() {
		t.Errorf("%v", err)
	}
}

// TestMove takes what a folder had to a bucket, in two goes, and reads it all the
// while.
func TestMove(t *testing.T) {
	server := s3test.Start(t)
	place := bucket(t, server, server.Bucket(t, false), func(c *blob.S3Config) { c.Tries = 1 })
	dir := filepath.Join(t.TempDir(), "media")
	old := open(t, blob.Config{Dir: dir})
	for i := range byte(5) {
		if err := put(old, blob.Name{i + 1}, bytes.Repeat([]byte{i}, 100)); err != nil {
			t.Fatal(err)
		}
	}
	s := inBucket(t, blob.Config{Dir: dir, Bucket: place})
	if got := names(t, s); len(got) != 5 || used(t, s) != 500 {
		t.Errorf("before: %v, %d used", got, used(t, s))
	}
	if err := s.Remove(t.Context(), blob.Name{5}); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	if n, err := s.Move(t.Context()); n != 0 || !errors.Is(err, blob.ErrAway) {
		t.Errorf("%d moved, %v", n, err)
	}
	if got, err := get(s, blob.Name{1}); err != nil || len(got) != 100 {
		t.Errorf("what lies in the folder is not read: %v", err)
	}
	server.Restart(t)
	wellAgain(t, s)
	before := used(t, s)
	if n, err := s.Move(t.Context()); n != 4 || err != nil {
		t.Errorf("%d moved, %v", n, err)
	}
	if files(t, dir) != 0 || len(names(t, s)) != 4 || used(t, s) != before {
		t.Errorf("%d files are left, %v, %d used", files(t, dir), names(t, s), used(t, s))
	}
	if got, err := get(s, blob.Name{4}); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{3}, 100)) {
		t.Errorf("%v", err)
	}
	// A restoration brings files back that the bucket has.
	if err := put(open(t, blob.Config{Dir: dir}), blob.Name{1}, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	again := inBucket(t, blob.Config{Dir: dir, Bucket: place})
	if n, err := again.Move(t.Context()); n != 1 || err != nil || used(t, again) != 400 {
		t.Errorf("%d moved, %v, %d used", n, err, used(t, again))
	}
}

// TestMemory: the largest file that WhatsApp takes goes to a bucket and comes
// back without ever being in memory.
func TestMemory(t *testing.T) {
	const size, most = 100 << 20, 32 << 20
	server := s3test.Start(t)
	s := inBucket(t, blob.Config{Bucket: bucket(t, server, server.Bucket(t, false), nil)})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := s.Create(blob.Name{1}, size)
	if err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 64<<10)
	for range size / len(chunk) {
		if _, err := d.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(d.Commit(t.Context()), d.Discard()); err != nil {
		t.Fatal(err)
	}
	r, n, err := s.Open(t.Context(), blob.Name{1})
	if err != nil || n != size {
		t.Fatal(n, err)
	}
	if n, err := io.Copy(io.Discard, r); n != size || err != nil {
		t.Error(n, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most {
		t.Errorf("%d MiB were allocated", got>>20)
	}
}

// passes has an object pass that is never kept, and one that would be.
func passes(t *testing.T, s *blob.Store) {
	t.Helper()
	d, err := s.Begin(blob.Name{4}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("passing")); err != nil {
		t.Error(err)
	}
	if err := d.Commit(t.Context()); !errors.Is(err, blob.ErrAway) {
		t.Errorf("committed: %v", err)
	}
	r, err := d.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "passing" {
		t.Errorf("%q, %v", got, err)
	}
	if err := errors.Join(r.Close(), d.Discard()); err != nil {
		t.Error(err)
	}
}
