package boot_test

import (
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// TestMediaSection reads where files lie, and holds its label against the rule.
func TestMediaSection(t *testing.T) {
	const good = `endpoint: "https://s3.example.org", bucket: files, prefix: gw1/, access_key: file:secrets/short, secret_key: file:secrets/short`
	load := func(section string) (*boot.Config, error) {
		return boot.Load(folder(t, func(s string) string {
			return strings.Replace(s, "  # region: DE", "  region: DE", 1) + section + "\nregion: DE\nresidency: {stores: [DE]}\n"
		}))
	}
	c, err := load("media: {region: DE, s3: {" + good + "}}")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Media.S3; s.Bucket != "files" || s.Prefix != "gw1/" || len(c.Stores()) != 3 || c.Stores()[2].Name != "media at S3" {
		t.Errorf("read as %+v, stores %+v", c.Media, c.Stores())
	}
	for section, want := range map[string]string{
		"media: {s3: {" + good + "}}":                                                 "media.region is missing",
		"media: {region: US, s3: {" + good + "}}":                                     "media.region is US",
		"media: {region: DE}":                                                         "media.s3 is missing",
		"media: {region: DE, dir: files}":                                             "media.dir",
		"media: {region: DE, s3: {" + good + ", lock: governance, lock_days: 30}}":    "media.s3.lock would keep files that have to go",
		`media: {region: DE, s3: {endpoint: "http://s3.example.org", bucket: files}}`: "media.s3.endpoint is not an https URL",
	} {
		if _, err := load(section); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", section, err)
		}
	}
}
