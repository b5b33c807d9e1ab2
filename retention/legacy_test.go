package retention_test

import (
	"strings"
	"testing"
	"time"

	"postern/retention"
)

const older = `{"retention_policy":{"message_storage_days":30,"media_storage_days":14,"pii_redaction":true,"encryption_algorithm":"AES-256-GCM","backup_frequency_hours":6},"compliance_logging":{"log_level":"info","destination":"s3://bucket/prefix/","include_payload":false}}`

func TestOlderFormIsTranslated(t *testing.T) {
	for _, text := range []string{older, "{\n\t\"retention_policy\": " + strings.SplitN(older, ":", 2)[1]} {
		p, err := decode(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if c := p.Classes["messages"]; c.Days != 30 || c.Keep != retention.KeepRedacted || c.Action != retention.ActionPurge || c.Clock != retention.ClockRecord {
			t.Errorf("messages: %+v", c)
		}
		if c := p.Classes["media"]; c.Days != 14 || c.Keep != retention.KeepOriginal || c.Action != retention.ActionPurge {
			t.Errorf("media: %+v", c)
		}
		if p.BackupEvery != 6*time.Hour || p.Export != (retention.Export{Bucket: "bucket", Prefix: "prefix/"}) {
			t.Errorf("backup every %v, export %+v", p.BackupEvery, p.Export)
		}
		noted := map[string]bool{}
		for _, n := range p.Notes {
			noted[n.Field] = true
		}
		for _, field := range []string{"message_storage_days", "media_storage_days", "pii_redaction", "encryption_algorithm", "backup_frequency_hours"} {
			if !noted["retention_policy."+field] {
				t.Errorf("no note for %s", field)
			}
		}
		for _, field := range []string{"log_level", "destination", "include_payload"} {
			if !noted["compliance_logging."+field] {
				t.Errorf("no note for %s", field)
			}
		}
	}
}

func TestOlderFormThatCanNotBeKept(t *testing.T) {
	for change, want := range map[[2]string]string{
		{`"pii_redaction":true`, `"pii_redaction":false`}:               "retention_policy.pii_redaction: records are always redacted",
		{`"pii_redaction":true`, `"pii_redaction":"yes"`}:               "retention_policy.pii_redaction: write true",
		{`AES-256-GCM`, `ChaCha20-Poly1305`}:                            "retention_policy.encryption_algorithm: what is sealed here is sealed with AES-256-GCM",
		{`"message_storage_days":30`, `"message_storage_days":0`}:       "retention_policy.message_storage_days: write a whole number from 1",
		{`"message_storage_days":30`, `"message_storage_days":1e9`}:     "retention_policy.message_storage_days: write a whole number from 1",
		{`"message_storage_days":30`, `"message_storage_days":36526`}:   "retention_policy.message_storage_days: write a whole number from 1 to 36525",
		{`"backup_frequency_hours":6`, `"backup_frequency_hours":8761`}: "retention_policy.backup_frequency_hours: write a whole number from 1 to 8760",
		{`"backup_frequency_hours":6`, `"backup_frequency_hours":-6`}:   "retention_policy.backup_frequency_hours: write a whole number from 1",
		{`s3://bucket/prefix/`, `https://bucket/`}:                      "compliance_logging.destination: write s3://BUCKET/PREFIX/",
		{`s3://bucket/prefix/`, `s3://key:secret@bucket/`}:              "compliance_logging.destination: write s3://BUCKET/PREFIX/",
		{`"include_payload":false`, `"include_payload":"no"`}:           "compliance_logging.include_payload: write true or false",
		{`"log_level":"info"`, `"log_level":"loud"`}:                    "compliance_logging.log_level: write debug, info, warn or error",
		{`"log_level"`, `"log_levels"`}:                                 `unknown key "compliance_logging.log_levels"`,
		{`{"retention_policy"`, `{"version":1,"retention_policy"`}:      `unknown key "version"; write one of retention_policy, compliance_logging`,
		{`"media_storage_days"`, `"message_storage_days"`}:              "retention_policy.message_storage_days is written twice",
	} {
		if _, err := decode(t, strings.Replace(older, change[0], change[1], 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", change[1], err, want)
		}
	}
}
