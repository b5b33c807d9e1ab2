package keeping

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// downloaded is all of the bucket, in a folder, as a tool that synchronizes makes it.
func downloaded(t *testing.T, from blob.Bucket) (dir string, keys []string) {
	t.Helper()
	dir = t.TempDir()
	found := map[string]bool{}
	for o, err := range from.List(t.Context(), "") {
		must(t, err)
		r, _, err := from.Get(t.Context(), o.Key)
		must(t, err)
		raw, err := io.ReadAll(r)
		must(t, errors.Join(err, r.Close()))
		path := filepath.Join(dir, filepath.FromSlash(o.Key))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, raw, 0o600))
		found[o.Key] = true
	}
	return dir, slices.Sorted(maps.Keys(found))
}

// TestCheckpointsAtS3 loses the store and the folder of checkpoints beside it:
// with what the bucket has the store comes back, and what was erased since the
// backup stays erased. A bucket that is away holds nothing up.
func TestCheckpointsAtS3(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	name := server.Bucket(t, true)
	secrets := t.TempDir()
	must(t, os.WriteFile(filepath.Join(secrets, "id"), []byte(server.AccessKey), 0o600))
	must(t, os.WriteFile(filepath.Join(secrets, "key"), []byte(server.SecretKey), 0o600))
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		s3 := fmt.Sprintf(`s3: {endpoint: "http://%s", bucket: %s, prefix: gw1/, region: %s, path_style: true, access_key: "file:%s/id", secret_key: "file:%s/key", lock: compliance, lock_days: 1}`,
			server.Addr, name, s3test.Region, secrets, secrets)
		return strings.Replace(text, "checkpoints: {dir: ./checkpoints,", "checkpoints: {"+s3+", dir: ./checkpoints,", 1) +
			"backup: {dir: ./backups, every: 700h, keep_days: 90, keys_days: 35}\n"
	}})
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	bucket, err := cfg.Checkpoints.S3.Open(r.Clock.Now, func() boot.S3 { return cfg.Checkpoints.S3 })
	must(t, err)
	first := made(t, r, "")
	say(t, r, "Word of zinnober")
	rig.Await(t, "the outcome", func() bool { return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle'")[0][0] == "1" })
	r.Admin(t, "backup.create", admin.BackupCreate{Prune: true}, nil)
	made(t, r, first.Name)
	rig.Await(t, "a checkpoint and the log at the bucket", func() bool {
		_, keys := downloaded(t, bucket)
		return len(keys) >= 2 && strings.HasPrefix(keys[0], "checkpoints/") && strings.HasPrefix(keys[len(keys)-1], "erasures/")
	})

	server.Stop(t)
	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + r.Env["DEMO_CONSENTED"]}, Reason: "request", Confirm: "erase"}, &admin.Erasure{})
	rig.Await(t, "that it is noticed", func() bool { return strings.Contains(r.Log.String(), "not copied to the bucket") })
	r.Clock.Forward(10 * time.Minute)
	rig.Await(t, "the alarm", func() bool { return strings.Contains(r.Log.String(), "the bucket of checkpoints is behind") })
	server.Restart(t)
	r.Clock.Forward(time.Minute)
	rig.Await(t, "the erasure at the bucket", func() bool {
		_, keys := downloaded(t, bucket)
		return strings.Count(strings.Join(keys, " "), "erasures/") >= 2
	})
	r.Halt() // copies the last checkpoint
	dir, _ := downloaded(t, bucket)

	lost := cfg.Data + ".lost"
	must(t, os.Rename(cfg.Data, lost))
	must(t, os.RemoveAll(cfg.Checkpoints.Dir))
	putBack(t, dir, cfg.Checkpoints.Dir)
	out := restore(t, r, cfg, filepath.Join(lost, "keystore.json"))
	if out.Erasures < 1 || len(out.Known) != 1 || out.Known[0].Size <= out.Records {
		t.Errorf("restored: %+v", out)
	}
	r.Resume(t) // on with the same bucket, under the new chain name
	rig.Await(t, "a checkpoint of the new chain", func() bool {
		_, keys := downloaded(t, bucket)
		return slices.ContainsFunc(keys, func(key string) bool {
			return strings.HasPrefix(key, "checkpoints/"+strings.ReplaceAll(out.Chain, "/", "=")+"/")
		})
	})
	audited(t, r, cfg, out)
}

// putBack fills a folder of checkpoints from what a bucket had, as
// retention/backup/README.md says.
func putBack(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(to, "erasures"), 0o700))
	notes, err := filepath.Glob(filepath.Join(from, "checkpoints", "*", "*.checkpoint"))
	must(t, err)
	for _, path := range notes {
		raw, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, filepath.Base(path)), raw, 0o600))
	}
	pieces, err := filepath.Glob(filepath.Join(from, "erasures", "*", "*.jsonl"))
	must(t, err)
	var whole []byte
	for _, path := range pieces { // in the order of their names
		raw, err := os.ReadFile(path)
		must(t, err)
		whole = append(whole, raw...)
	}
	must(t, os.WriteFile(filepath.Join(to, "erasures", filepath.Base(filepath.Dir(pieces[0]))+".jsonl"), whole, 0o600))
}
