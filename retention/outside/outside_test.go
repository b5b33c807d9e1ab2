package outside_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/audit/journal"
	"postern/retention/backup"
	"postern/retention/outside"
)

const store = "0123456789abcdef"

// site is a store with what lies outside of it.
type site struct {
	dir     string
	journal *journal.Journal
	log     *backup.Log
	signer  audit.Signer
	known   audit.Verifier
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	var err error
	s.signer, err = audit.NewSigner("gateway.new/1234", key.Public().(ed25519.PublicKey), func(msg []byte) ([]byte, error) {
		return ed25519.Sign(key, msg), nil
	})
	check(t, err)
	s.known, err = audit.NewVerifier("gateway.new/1234", key.Public().(ed25519.PublicKey))
	check(t, err)
	s.openLog(t)
	s.journal, err = journal.Open(t.Context(), journal.Config{
		Path: filepath.Join(s.dir, "data"), Chain: "gateway.new/1234", Now: time.Now, MinFree: -1,
		Erased: func(r audit.Record, e journal.Erase) error { return s.log.Append(r, e) },
	})
	check(t, err)
	t.Cleanup(func() { check(t, s.journal.Close()) })
	return s
}

func (s *site) openLog(t *testing.T) {
	t.Helper()
	var err error
	s.log, err = backup.OpenLog(filepath.Join(s.dir, "checkpoints"), store, 1)
	check(t, err)
}

func (s *site) logFile(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "checkpoints", "erasures", store+".jsonl"))
	check(t, err)
	return raw
}

func (s *site) copyTo(to blob.Bucket) *outside.Copy {
	return outside.New(outside.Config{To: to, Journal: s.journal, Log: s.log, Store: store})
}

func line(kind audit.Kind) audit.Record {
	now := time.Now()
	return audit.Record{Version: 1, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Actor: "test", Type: "start"}
}

// work records something, erases it, and signs a checkpoint.
func (s *site) work(t *testing.T) {
	t.Helper()
	r := line(audit.KindLife)
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("redacted"))}
	seq := s.journal.Head().Size
	check(t, s.journal.Append(t.Context(), journal.Batch{Records: []audit.Record{r}}))
	gone := line(audit.KindErasure)
	gone.Type = ""
	check(t, s.journal.Erase(t.Context(), journal.Erase{Record: gone, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{seq}}))
	h := s.journal.Head()
	c := audit.Checkpoint{Origin: h.Chain, Size: h.Size, Root: h.Root, Time: gone.Time, Head: h.Leaf, Erasures: s.log.Mark().Checkpoint()}
	note, err := c.Sign(s.signer)
	check(t, err)
	check(t, s.journal.AddCheckpoint(t.Context(), journal.Signed{Size: h.Size, Time: gone.Time, Note: note}))
}

func drain(t *testing.T, c *outside.Copy) {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = c.Step(t.Context())
		check(t, err)
	}
}

// fetched is all of a bucket.
func fetched(t *testing.T, b blob.Bucket) map[string]string {
	t.Helper()
	out := map[string]string{}
	for o, err := range b.List(t.Context(), "") {
		check(t, err)
		r, _, err := b.Get(t.Context(), o.Key)
		check(t, err)
		raw, err := io.ReadAll(r)
		check(t, errors.Join(err, r.Close()))
		out[o.Key] = string(raw)
	}
	return out
}

// pieces is the log that a bucket has.
func pieces(all map[string]string) (whole string, n int) {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(key, "erasures/"+store+"/") {
			whole += all[key]
			n++
		}
	}
	return whole, n
}

// TestAtS3 copies under Object Lock, through an absence of the server and a new
// start, and reads what lies there as an auditor does.
func TestAtS3(t *testing.T) {
	server := s3test.Start(t)
	bucket, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + server.Addr, Bucket: server.Bucket(t, true), Prefix: "gw1/", Region: s3test.Region, PathStyle: true,
		Credentials: func() blob.S3Credentials {
			return blob.S3Credentials{ID: server.AccessKey, Secret: server.SecretKey}
		},
		LockMode: "compliance", LockFor: 24 * time.Hour, Now: time.Now,
	})
	check(t, err)
	s := newSite(t)
	c := s.copyTo(bucket)
	s.work(t)
	drain(t, c)
	s.work(t)
	server.Stop(t)
	if _, err := c.Step(t.Context()); err == nil {
		t.Error("copied to nowhere")
	}
	s.work(t)
	server.Restart(t)
	drain(t, c)
	before := fetched(t, bucket)
	s.work(t)
	drain(t, s.copyTo(bucket)) // a new start goes on where the bucket is
	all := fetched(t, bucket)
	if whole, n := pieces(all); whole != string(s.logFile(t)) || n < 3 {
		t.Errorf("%d pieces are\n%s", n, whole)
	}
	for key, content := range before {
		if all[key] != content {
			t.Error("what was there was written over")
		}
		var locked *blob.LockedError
		if err := bucket.Remove(t.Context(), key); !errors.As(err, &locked) {
			t.Errorf("not locked: %v", err)
		}
	}
	s.verified(t, all)
}

// verified holds the store against the notes of a folder that was filled from a bucket.
func (s *site) verified(t *testing.T, all map[string]string) {
	t.Helper()
	const folder = "checkpoints/gateway.new=1234/"
	dir := t.TempDir()
	for key, content := range all {
		if name, ours := strings.CutPrefix(key, folder); ours {
			check(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		}
	}
	notes, err := audit.ReadCheckpoints(dir)
	check(t, err)
	report, err := audit.Verify(t.Context(), s.journal.Reader(), audit.VerifyOptions{Verifiers: []audit.Verifier{s.known}, Against: notes})
	check(t, err)
	if !report.OK() || report.Outside != 4 {
		t.Errorf("%d notes outside, findings %v", report.Outside, report.Findings)
	}
}

// TestParted leaves a bucket as it is that knows of what the store does not.
func TestParted(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s *site, to blob.Bucket){
		"a longer trail": func(t *testing.T, _ *site, to blob.Bucket) {
			check(t, put(t, to, "checkpoints/gateway.new=1234/00000000000000000099.checkpoint", "note"))
		},
		"a longer log": func(t *testing.T, s *site, _ blob.Bucket) {
			path := filepath.Join(s.dir, "checkpoints", "erasures", store+".jsonl")
			check(t, os.WriteFile(path, s.logFile(t)[:bytes.IndexByte(s.logFile(t), '\n')+1], 0o600))
		},
		"another log": func(t *testing.T, s *site, _ blob.Bucket) {
			check(t, os.RemoveAll(filepath.Join(s.dir, "checkpoints")))
			s.openLog(t)
			s.work(t)
			s.work(t)
		},
		"half a line": func(t *testing.T, _ *site, to blob.Bucket) {
			check(t, put(t, to, "erasures/"+store+"/00000000000000000009.jsonl", `{"n":9`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			to, err := blob.OpenFolder(filepath.Join(t.TempDir(), "bucket"))
			check(t, err)
			s := newSite(t)
			s.work(t)
			drain(t, s.copyTo(to))
			s.work(t)
			change(t, s, to)
			before := fetched(t, to)
			s.openLog(t)
			_, err = s.copyTo(to).Step(t.Context())
			if !errors.Is(err, outside.ErrDiverged) && !errors.Is(err, backup.ErrLog) {
				t.Errorf("went on: %v", err)
			}
			for key, content := range before {
				if fetched(t, to)[key] != content {
					t.Error("what was there was written over")
				}
			}
		})
	}
}

func put(t *testing.T, to blob.Bucket, key, content string) error {
	t.Helper()
	return to.Put(t.Context(), blob.Written{Key: key, Size: int64(len(content)), Content: strings.NewReader(content)})
}
