package boot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRetentionOfAFolder: a policy folder's file of either form goes over the
// built-in one, and its settings are held against it.
func TestRetentionOfAFolder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		days  int    // of messages
		wrong string // what is said instead
	}{
		"today's form":    {files: map[string]string{"retention.yaml": "classes: {messages: {days: 31}}"}, days: 31},
		"the older form":  {files: map[string]string{"retention.json": `{"retention_policy":{"message_storage_days":30}}`}, days: 30},
		"older, as YAML":  {files: map[string]string{"retention.yaml": "retention_policy: {message_storage_days: 29}"}, days: 29},
		"both":            {files: map[string]string{"retention.yaml": "", "retention.json": "{}"}, wrong: "lie in one folder; keep one"},
		"dropped by rule": {files: map[string]string{"retention.yaml": "presets: [mifid]", "settings.yaml": "retention: {keep_original: false}"}, wrong: "mifid (Directive 2014/65/EU Art. 16(7), the communication itself) asks for originals"},
	} {
		dir := t.TempDir()
		for file, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		layers, err := PolicyLayers(dir)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Retention(layers)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || p.Classes["messages"].Days != c.days {
			t.Errorf("%s: %+v, %v", name, p.Classes["messages"], err)
		}
	}
}
