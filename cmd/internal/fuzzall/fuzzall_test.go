package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// decoders are all that read bytes from outside or from a file, with the
// target that attacks each. A decoder without one is a hole.
var decoders = map[string]string{
	"Cloud sends":                      "postern/proxy/dialect FuzzSendCloud",
	"Cloud sends as a form":            "postern/proxy/dialect FuzzSendForm",
	"360dialog v1 sends":               "postern/proxy/dialect FuzzSendD360V1",
	"360dialog v2 sends":               "postern/proxy/dialect FuzzSendD360V2",
	"On-Premises sends":                "postern/proxy/dialect FuzzSendOnPrem",
	"what policy saw is what leaves":   "postern/proxy/dialect FuzzJudgedIsSent",
	"old calls: login, contacts, read": "postern/proxy/dialect FuzzOldCalls",
	"application settings":             "postern/proxy/dialect FuzzSettings",
	"Meta's webhooks":                  "postern/proxy/dialect FuzzWebhook",
	"Meta's answers":                   "postern/proxy/dialect FuzzAnswer",
	"Meta's template lists":            "postern/proxy/dialect FuzzTemplates",
	"paths":                            "postern/proxy/dialect FuzzPath",
	"texts of exported events":         "postern/audit/export FuzzText",
	"retention policies":               "postern/retention FuzzDecode",
	"raw requests":                     "postern/proxy/edge FuzzGuard",
	"streams of Envoy":                 "postern/proxy/extproc FuzzStream",
	"configurations of Envoy":          "postern/proxy/xds/check FuzzConfig",
	"personal data in text":            "postern/policy/pii FuzzScan",
	"words of lists":                   "postern/policy/pii/words FuzzMatch",
	"patterns of packs":                "postern/policy/pii/sieve FuzzSift",
	"places of a normalised text":      "postern/policy/pii FuzzView",
	"structures in text":               "postern/policy/pii/shape FuzzPass",
	"values behind labels":             "postern/policy/pii/shape FuzzBehind",
	"personal data in documents":       "postern/policy/pii FuzzRedact",
	"checks of identifiers":            "postern/policy/pii/check FuzzChecks",
	"labelled messages":                "postern/policy/pii/score FuzzRead",
	"kept policy inputs":               "postern/policy FuzzInput",
	"policy settings":                  "postern/policy FuzzDecodeSettings",
	"packs and lexicons":               "postern/policy/pii/pack FuzzLoad",
	"hosts of links":                   "postern/policy FuzzHostKey",
	"imports of facts":                 "postern/policy/facts FuzzImport",
	"stored facts":                     "postern/policy/facts FuzzRow",
	"leaves":                           "postern/audit FuzzLeaf",
	"checkpoints":                      "postern/audit FuzzCheckpoint",
	"erasure records":                  "postern/audit FuzzErasure",
	"journal files":                    "postern/audit/journal FuzzReader",
	"keystores":                        "postern/crypto/keyring FuzzKeystore",
	"sealed bodies":                    "postern/crypto/keyring FuzzBody",
	"wrapped keys":                     "postern/crypto/keyring FuzzEnvelopes",
	"protected keystores":              "postern/crypto/keyring FuzzProtected",
	"statements of checkpoint keys":    "postern/audit FuzzSuccession",
	"receipts":                         "postern/audit FuzzReceipt",
	"leaves of receipts":               "postern/audit FuzzDecodeLeaf",
	"requests to witnesses":            "postern/audit FuzzWitness",
	"hellos of TLS":                    "postern/crypto/certs FuzzHello",
	"encrypted messages":               "postern/crypto/jwe FuzzOpen",
	"pictures":                         "postern/proxy/media/exif FuzzStrip",
	"flow requests":                    "postern/crypto/flows FuzzOpen",
	"flow media":                       "postern/crypto/flows FuzzMedia",
	"flow token signatures":            "postern/crypto/flows FuzzVouched",
	"configurations":                   "postern/cmd/internal/boot FuzzLoad",
	"admin requests":                   "postern/cmd/internal/admin FuzzDo",
	"the simulator's sends":            "postern/cmd/metasim/internal/send FuzzDecode",
}

func TestEveryDecoderHasATarget(t *testing.T) {
	found, err := targets(t.Context(), "../../..")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, f.String())
	}
	for what, name := range decoders {
		if !slices.Contains(names, name) {
			t.Errorf("%s: there is no target %s", what, name)
		}
	}
	for _, name := range names {
		attacks := false
		for _, n := range decoders {
			attacks = attacks || n == name
		}
		if !attacks {
			t.Errorf("%s is not in the list of decoders; say there what it attacks", name)
		}
	}
}

// module writes a module with the test files given.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const good = `package a
import "testing"
func FuzzGood(f *testing.F) { f.Add(1); f.Fuzz(func(*testing.T, int) {}) }
type suite struct{}
func (suite) FuzzMethod(f *testing.F) {}
func helperFuzz(f *testing.F, n int) {}
func TestFuzzNot(t *testing.T) {}
`

const bad = `package b_test
import "testing"
func FuzzBad(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, _ int) { t.Fatal("broken on purpose") }) }
`

func TestFindsAndRunsTargets(t *testing.T) {
	dir := module(t, map[string]string{"a/a.go": "package a\n", "a/a_test.go": good, "b/b.go": "package b\n", "b/b_test.go": bad})
	found, err := targets(t.Context(), dir)
	if err != nil || !slices.Equal(found, []target{{"example/a", "FuzzGood"}, {"example/b", "FuzzBad"}}) {
		t.Fatalf("found %v, %v", found, err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), dir, []string{"-time", "100ms", "-only", "Good$"}, &out); err != nil {
		t.Errorf("a good target: %v\n%s", err, out.String())
	}
	out.Reset()
	err = run(t.Context(), dir, []string{"-time", "100ms"}, &out)
	if err == nil || !strings.Contains(err.Error(), "1 of 2") || !strings.Contains(out.String(), "broken on purpose") {
		t.Errorf("a broken target: %v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "[1/2] example/a FuzzGood ... ok") {
		t.Errorf("no progress:\n%s", out.String())
	}
	if !timeUp([]byte("--- FAIL: FuzzX (8.02s)\n    context deadline exceeded\nFAIL\n")) || timeUp([]byte("    context deadline exceeded\n    Failing input written to x\n")) {
		t.Error("the end of time is not told from a failing input")
	}
	if err := run(t.Context(), dir, []string{"-only", "Nothing"}, &out); err == nil {
		t.Error("nothing to run is taken for success")
	}
}
