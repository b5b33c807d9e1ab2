package trail

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/blob/s3test"
	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// exporting starts a gateway with a section of exports. The receivers' token is
// in secrets/receiver.
func exporting(t *testing.T, section string) *rig.Rig {
	t.Helper()
	path := filepath.Join(t.TempDir(), "receiver")
	if err := os.WriteFile(path, []byte(exporttest.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	return rig.Start(t, rig.Options{Config: func(text string) string {
		return text + "exports:\n" + strings.ReplaceAll(section, "TOKEN", "file:"+path)
	}})
}

// status is how the exports stand, by name.
func status(t *testing.T, r *rig.Rig) map[string]export.Status {
	t.Helper()
	var all []export.Status
	r.Admin(t, "export.status", struct{}{}, &all)
	out := map[string]export.Status{}
	for _, s := range all {
		out[s.Name] = s
	}
	return out
}

// said is a sentence that no body but the one sent has.
const said = "Your quillfeather appointment is at noon, write to quill@feather.example"

func send(t *testing.T, r *rig.Rig, text string) audit.ID {
	t.Helper()
	a := r.Cloud(t, fmt.Sprintf(`{"to":%q,"type":"text","text":{"body":%q}}`, r.Env["DEMO_CONSENTED"], text))
	id, err := audit.ParseID(a.Header.Get("X-Postern-Receipt"))
	if a.Status != http.StatusOK || err != nil {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return id
}

// withID waits for the event of a record.
func withID(t *testing.T, in *exporttest.Inbox, id audit.ID) exporttest.Event {
	t.Helper()
	var found exporttest.Event
	in.Await(func(all []exporttest.Event) bool {
		for _, e := range all {
			if strings.Contains(string(e.Raw), `"id":"`+id.String()+`"`) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// TestTheTrailLeaves to each kind of receiver at once.
func TestTheTrailLeaves(t *testing.T) {
	t.Parallel()
	splunk, datadog, syslog := exporttest.NewSplunk(t, true), exporttest.NewDatadog(t), exporttest.NewSyslog(t, nil)
	archive := filepath.Join(t.TempDir(), "archive")
	r := exporting(t, fmt.Sprintf(`
  - {name: splunk, kind: splunk, url: %q, ca: %q, token: TOKEN, private: true}
  - {name: datadog, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true, include_payload: true}
  - {name: syslog, kind: syslog, url: "tls://%s", ca: %q, private: true, kinds: [admission, settle], tenants: [demo]}
  - {name: archive, kind: lines, dir: %q, every: 1s}
`, splunk.URL, splunk.CA, datadog.URL, datadog.CA, syslog.Address, syslog.CA, archive))
	id := send(t, r, said)
	plain, payload, narrow := withID(t, splunk.Inbox, id), withID(t, datadog.Inbox, id), withID(t, syslog.Inbox, id)
	if plain.Body != "" || !strings.Contains(payload.Body, "quillfeather") || strings.Contains(payload.Body, "quill@") || narrow.Body != "" || narrow.Kind != "admission" {
		t.Errorf("%s\n%s\n%s", plain.Raw, payload.Raw, narrow.Raw)
	}
	if plain.Leaf != payload.Leaf || plain.Leaf != narrow.Leaf || plain.Previous != nil {
		t.Errorf("%s\n%s", plain.Raw, narrow.Raw)
	}
	for _, e := range append(splunk.Events(), syslog.Events()...) {
		for _, secret := range []string{"quillfeather", "quill@", r.Env["DEMO_CONSENTED"], `"subject"`, `"actor"`, `"mac"`} {
			if strings.Contains(string(e.Raw), secret) {
				t.Errorf("record %d has %s", e.Seq, secret)
			}
		}
	}
	for i, e := range syslog.Events() {
		if (e.Previous == nil) != (i == 0) || e.Kind != "admission" && e.Kind != "settle" && e.Kind != "erasure" {
			t.Errorf("event %d: %s", i, e.Raw)
		}
	}
	rig.Await(t, "the archive is written", func() bool { return status(t, r)["archive"].Next > plain.Seq })
	r.Stop()
	found, err := export.Check(archive, nil)
	if err != nil || !found.OK() || found.Chains[0].First != 0 || found.Chains[0].Last < plain.Seq {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestAnAddressIsMeant: one on a private network needs a word.
func TestAnAddressIsMeant(t *testing.T) {
	t.Parallel()
	s, y := exporttest.NewDatadog(t), exporttest.NewSyslog(t, nil)
	r := exporting(t, fmt.Sprintf(`
  - {name: datadog, kind: datadog, url: %q, ca: %q, token: TOKEN}
  - {name: syslog, kind: syslog, url: "tls://%s", ca: %q}
`, s.URL, s.CA, y.Address, y.CA))
	for _, name := range []string{"datadog", "syslog"} {
		rig.Await(t, name+" is refused", func() bool {
			s := status(t, r)[name]
			return s.State == export.Refused && strings.Contains(s.Fault, "private: true")
		})
	}
	send(t, r, "Messages pass all the same.")
	if len(s.Events())+len(y.Events()) > 0 {
		t.Error("events left")
	}
}

// TestAReceiverThatRefuses raises the alarm, and takes up where it was once its
// new token is in force.
func TestAReceiverThatRefuses(t *testing.T) {
	t.Parallel()
	s := exporttest.NewDatadog(t)
	path := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("of another")
	r := exporting(t, fmt.Sprintf("  - {name: soc, kind: datadog, url: %q, ca: %q, token: 'file:%s', private: true}\n", s.URL, s.CA, path))
	rig.Await(t, "it is refused", func() bool { return status(t, r)["soc"].State == export.Refused })
	if f := status(t, r)["soc"]; !strings.Contains(f.Fault, "403") || f.Since == 0 || f.Waiting == 0 {
		t.Errorf("%+v", f)
	}
	figures := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
	for _, want := range []string{`postern_export_refused{export="soc"} 1`, `postern_alarms_total{alarm="export"} 1`, `postern_export_lag_records{export="soc"}`} {
		if !strings.Contains(figures, want) {
			t.Errorf("%s is missing", want)
		}
	}
	write(exporttest.Token)
	r.Admin(t, "config.reload", struct{}{}, nil)
	r.Admin(t, "export.replay", admin.ExportReplay{Name: "soc", From: 0}, nil) // it is tried at once
	s.AwaitSeq(0)
}

// TestAnExportIsTakenOut on record, and begins anew.
func TestAnExportIsTakenOut(t *testing.T) {
	t.Parallel()
	s := exporttest.NewDatadog(t)
	r := exporting(t, fmt.Sprintf("  - {name: soc, kind: datadog, url: %q, ca: %q, token: TOKEN, private: true}\n", s.URL, s.CA))
	withID(t, s.Inbox, send(t, r, "One."))
	rig.Await(t, "nothing waits", func() bool { return status(t, r)["soc"].Waiting == 0 })
	if err := r.TryAdmin(t, "export.replay", admin.ExportReplay{Name: "soc", From: 1 << 40}, nil); err == nil || !strings.Contains(err.Error(), "earlier one") {
		t.Error(err)
	}
	if err := r.TryAdmin(t, "export.replay", admin.ExportReplay{Name: "other"}, nil); err == nil || !strings.Contains(err.Error(), "no such export") {
		t.Error(err)
	}
	r.Halt()
	restore := r.Rewrite(t, func(text string) string { before, _, _ := strings.Cut(text, "exports:\n"); return before })
	r.Resume(t)
	if all := status(t, r); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	r.Halt()
	restore()
	r.Resume(t)
	s.Await(func(all []exporttest.Event) bool {
		first, removed := 0, false
		for _, e := range all {
			if e.Seq == 0 {
				first++
			}
			removed = removed || strings.Contains(string(e.Raw), `"type":"export","result":"removed"`)
		}
		return first == 2 && removed
	})
}

// TestTheOlderFormsDestination: bucket, prefix and payload are the retention
// policy's.
func TestTheOlderFormsDestination(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	bucket := server.Bucket(t, false)
	dir := t.TempDir()
	for name, text := range map[string]string{"id": server.AccessKey, "key": server.SecretKey} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.json": fmt.Sprintf(`{"retention_policy":{"message_storage_days":30,"media_storage_days":14,"pii_redaction":true},
			"compliance_logging":{"log_level":"info","destination":"s3://%s/trail","include_payload":true}}`, bucket)},
		Config: func(text string) string {
			return text + fmt.Sprintf("exports:\n  - {name: archive, kind: lines, every: 1s, from_retention: true, s3: {endpoint: 'http://%s', path_style: true, access_key: 'file:%s/id', secret_key: 'file:%s/key'}}\n", server.Addr, dir, dir)
		},
	})
	send(t, r, said)
	store, err := blob.NewS3(blob.S3Config{
		Endpoint: "http://" + server.Addr, Bucket: bucket, Region: s3test.Region, PathStyle: true,
		Credentials: func() blob.S3Credentials { return blob.S3Credentials{ID: server.AccessKey, Secret: server.SecretKey} },
	})
	if err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the body is in the bucket", func() bool { return holds(t, store, "trail/", "quillfeather") })
}

// holds looks for a word in the gzipped objects of a bucket.
func holds(t *testing.T, b blob.Bucket, prefix, word string) bool {
	t.Helper()
	for o, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(o.Key, ".gz") {
			continue
		}
		content, _, err := b.Get(t.Context(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := gzip.NewReader(content)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(unpacked)
		if err := errors.Join(err, content.Close()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), word) {
			return true
		}
	}
	return false
}
