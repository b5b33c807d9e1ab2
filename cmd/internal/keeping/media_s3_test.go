package keeping

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit/blob/s3test"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// TestFilesOfALostBucket loses the store together with the bucket that its files
// lay in: the backup has them, and they go on in another bucket.
func TestFilesOfALostBucket(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	secrets := t.TempDir()
	must(t, os.WriteFile(filepath.Join(secrets, "id"), []byte(server.AccessKey), 0o600))
	must(t, os.WriteFile(filepath.Join(secrets, "key"), []byte(server.SecretKey), 0o600))
	first, second := server.Bucket(t, false), server.Bucket(t, false)
	section := func(bucket string) string {
		return `media: {s3: {endpoint: "http://` + server.Addr + `", bucket: ` + bucket + `, region: ` + s3test.Region + `, path_style: true, access_key: "file:` + secrets + `/id", secret_key: "file:` + secrets + `/key"}}` + "\n"
	}
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return text + section(first) + "backup: {dir: ./backups, every: 700h, keep_days: 90, keys_days: 35}\n"
	}})
	before := made(t, r, "")
	content := strings.Repeat("a note of the auditor's. ", 1000)
	id, answer := uploads(t, r, content)
	if answer.Status != http.StatusOK || files(t, r) != 0 {
		t.Fatalf("upload: %d %s, %d files in the folder", answer.Status, answer.Body, files(t, r))
	}
	r.Admin(t, "backup.create", admin.BackupCreate{}, nil)
	if m := made(t, r, before.Name); m.Files != 1 {
		t.Errorf("%d files in the backup", m.Files)
	}
	rig.Await(t, "a checkpoint outside", func() bool {
		notes, _ := filepath.Glob(filepath.Join(r.Dir, "checkpoints", "*.checkpoints"))
		return len(notes) > 0
	})
	r.Halt()

	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	lost := cfg.Data + ".lost"
	must(t, os.Rename(cfg.Data, lost))
	r.Rewrite(t, func(text string) string { return strings.Replace(text, section(first), section(second), 1) })
	cfg, err = boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	restore(t, r, cfg, filepath.Join(lost, "keystore.json"))
	if files(t, r) != 1 {
		t.Errorf("%d files were restored", files(t, r))
	}
	r.Resume(t)
	rig.Await(t, "the file to move to the other bucket", func() bool { return files(t, r) == 0 })
	bucket, err := cfg.Media.S3.Open(r.Clock.Now, func() boot.S3 { return cfg.Media.S3 })
	must(t, err)
	if _, keys := downloaded(t, bucket); len(keys) != 1 || !strings.HasPrefix(keys[0], "files/") {
		t.Errorf("in the other bucket: %v", keys)
	}
	auth := "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]
	link, _ := r.Do(t, "GET", "/v25.0/"+id, "", auth).JSON(t)["url"].(string)
	if a := r.Do(t, "GET", strings.TrimPrefix(link, r.Env["POSTERN_URL"]), "", auth); a.Body != content {
		t.Errorf("the file after all that: %d, %d bytes", a.Status, len(a.Body))
	}
}
