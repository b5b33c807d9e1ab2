package boot_test

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/cmd/internal/boot"
)

func TestWitnesses(t *testing.T) {
	key, err := audit.WitnessKey("witness.example/w1", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	for text, good := range map[string]bool{
		"https://witness.example/ " + key:      true,
		"http://127.0.0.1:8500 " + key:         true,
		"https://witness.example":              false,
		"https://witness.example " + key[1:]:   false,
		"ftp://witness.example " + key:         false,
		"https://u:p@witness.example " + key:   false,
		"https://witness.example?x=1 " + key:   false,
		"witness.example " + key:               false,
		"https://witness.example  " + key:      false,
		"https://witness.example " + key + "x": false,
	} {
		path := folder(t, same)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole := strings.Replace(string(raw), "every: 60s", "every: 60s\n  witnesses: [\""+text+"\"]", 1)
		path = filepath.Join(filepath.Dir(path), "witness.yaml")
		if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := boot.Load(path)
		if good && (err != nil || len(cfg.Checkpoints.Witnesses) != 1 || strings.HasSuffix(cfg.Checkpoints.Witnesses[0].URL, "/")) {
			t.Errorf("%q: %v", text, err)
		}
		if !good && (err == nil || !strings.Contains(err.Error(), "checkpoints.witnesses")) {
			t.Errorf("%q was taken: %v", text, err)
		}
	}
}
