package keeping

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"postern/audit/blob/s3test"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// verifies halts the gateway and checks an export with the keys of its keystore.
func verifies(t *testing.T, r *rig.Rig, file []byte) retention.ExportChecked {
	t.Helper()
	r.Halt()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	keys, err := boot.OpenKeys(cfg, r.Clock.Now)
	must(t, err)
	defer keys.Close()
	pinned, err := boot.CheckpointVerifiers(keys)
	must(t, err)
	got, err := retention.VerifyExport(bytes.NewReader(file), int64(len(file)), pinned...)
	must(t, err)
	return got
}

// TestExportOfFilesAtS3WithoutAGateway: the command that opens the store itself
// reads the bucket, too, and hands out nothing while that is away.
func TestExportOfFilesAtS3WithoutAGateway(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	secrets := t.TempDir()
	must(t, os.WriteFile(filepath.Join(secrets, "id"), []byte(server.AccessKey), 0o600))
	must(t, os.WriteFile(filepath.Join(secrets, "key"), []byte(server.SecretKey), 0o600))
	section := `media: {s3: {endpoint: "http://` + server.Addr + `", bucket: ` + server.Bucket(t, false) + `, region: ` + s3test.Region + `, path_style: true, access_key: "file:` + secrets + `/id", secret_key: "file:` + secrets + `/key"}}` + "\n"
	r := rig.Start(t, rig.Options{Config: func(text string) string { return text + section }})
	person := r.Env["DEMO_CONSENTED"]
	own, a := uploads(t, r, "the terms of the loan")
	if a.Status != http.StatusOK || files(t, r) != 0 {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	if a := r.Cloud(t, `{"to":"+`+person+`","type":"document","document":{"id":"`+own+`","filename":"terms.txt"}}`); a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	var rita admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	who := admin.SubjectExport{Who: admin.Who{Number: "+" + person}}
	r.Admin(t, "subject.request", admin.SubjectRequest{Who: who.Who, Type: "access", ProvedBy: "login"}, nil)
	r.Halt()

	server.Stop(t)
	_, file, err := exportsDirectly(t, r, cfg, rita.Key, who)
	refused(t, err, admin.Unavailable, "files can not be read now")
	if len(file) != 0 {
		t.Error("something was handed out while the bucket was away")
	}
	server.Restart(t)
	var out admin.SubjectExported
	rig.Await(t, "the bucket to be back", func() bool {
		out, file, err = exportsDirectly(t, r, cfg, rita.Key, who)
		return err == nil
	})
	said := disclosure(t, file)
	if out.Files != 1 || len(said.Messages) != 1 || len(said.Messages[0].Files) != 1 || said.Messages[0].Files[0].Path == "" {
		t.Fatalf("%+v, %+v", out, said.Messages)
	}
	path := said.Messages[0].Files[0].Path
	if string(member(t, file, path)) != "the terms of the loan" || !slices.Contains(verifies(t, r, file).Files, path) {
		t.Error("the file is not in it")
	}
}

// exportsDirectly is exports by a command that opens the store.
func exportsDirectly(t *testing.T, r *rig.Rig, cfg *boot.Config, key string, in admin.SubjectExport) (out admin.SubjectExported, file []byte, err error) {
	t.Helper()
	direct, err := admin.Open(t.Context(), cfg, r.Clock.Now)
	must(t, err)
	defer func() { must(t, direct.Close()) }()
	raw, err := json.Marshal(in)
	must(t, err)
	var whole bytes.Buffer
	err = direct.Hand(t.Context(), key, "subject.export", raw, func(answer []byte) (io.Writer, error) {
		return &whole, json.Unmarshal(answer, &out)
	})
	return out, whole.Bytes(), err
}
