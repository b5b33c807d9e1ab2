// Package layers holds the project to its shape: which folder may import which,
// and which package alone may import each module from outside. A module that no
// rule names fails too, so that a new dependency is a decision and no accident.
//
// The rules look at what is built; external tests may import more.
package layers

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "postern/"

// listed is what go list says of one package.
type listed struct {
	ImportPath string
	GoFiles    []string
	Imports    []string
	Module     *struct{ Main bool }
	Standard   bool
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,GoFiles,Imports,Module,Standard"}, args...)...)
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// within reports whether a package is the folder or lies below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func anyWithin(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return within(path, f) })
}

// folders are the top-level ones with what each may import of the others.
var folders = map[string][]string{
	"cmd":       {"cmd", "proxy", "policy", "audit", "crypto", "retention", "policies", "deploy"},
	"proxy":     {"proxy", "policy", "audit", "crypto"},
	"retention": {"retention", "audit", "crypto/keyring"},
	"policy":    {"policy", "policies"},
	"audit":     {"audit"},
	"crypto":    {"crypto"},
	"policies":  {"policies"},
	"deploy":    {"deploy"},
}

// narrower are packages held to less than their folder. The narrowest folder
// that a package lies in decides.
var narrower = []struct {
	folder string
	may    []string
	why    string
}{
	{"cmd/metasim", []string{"cmd/metasim"}, "the simulator is an independent witness: what both shared, it could not contradict"},
	{"proxy/message", nil, "the vocabulary stands below everything that speaks it"},
	{"proxy/dialect", []string{"proxy/message"}, "a dialect turns bytes into messages and back, and knows no policy, store or key"},
	{"proxy/edge", []string{"proxy/edge"}, "the strict shell judges requests before anything of ours sees them"},
	{"proxy/egress", nil, "what may be called outside is decided by addresses alone"},
	{"proxy/upstream", nil, "a connector sends bytes that the gate gave it"},
	{"policy/pii", []string{"policy/pii"}, "the scanner is pure: text in, findings out"},
	{"audit/journal", []string{"audit"}, "the store knows records, nobody who makes them"},
	{"crypto/keyring", nil, "keys stand on the standard library alone"},
	{"crypto/certs", nil, "certificates stand on the standard library alone"},
	{"crypto/flows", nil, "Meta's payload encryption stands on the standard library alone"},
	{"policies", nil, "policies are files"},
}

func rule(path string) (may []string, why string, known bool) {
	best := -1
	for i, n := range narrower {
		if within(path, n.folder) && (best < 0 || len(n.folder) > len(narrower[best].folder)) {
			best = i
		}
	}
	if best >= 0 {
		return narrower[best].may, narrower[best].why, true
	}
	top, _, _ := strings.Cut(path, "/")
	may, known = folders[top]
	return may, "imports point down only: cmd, then proxy and retention, then policy, audit and crypto", known
}

// everywhere marks a module that any package of ours but the pure ones may use.
const everywhere = "*"

// rival is the benchmark's stand-in for what a user would have instead of
// Postern: it shares no code with the program, so it has its own imports.
const rival = "cmd/internal/bench/peer"

// importers names for each foreign import the packages that alone may have it.
var importers = map[string][]string{
	"github.com/digitorus/pkcs7":             {"audit/stamp"},
	"github.com/digitorus/timestamp":         {"audit/stamp"},
	"github.com/go-jose/go-jose":             {"crypto/jwe"},
	"github.com/go-json-experiment/json":     {everywhere},
	"github.com/minio/minio-go/v7":           {"audit/blob"},
	"github.com/nyaruka/phonenumbers":        {"policy/facts"},
	"github.com/open-policy-agent/opa":       {"policy", rival},
	"github.com/prometheus/client_golang":    {"cmd/internal/gateway"},
	"github.com/rogpeppe/go-internal":        nil, // tests only
	"github.com/rs/zerolog":                  {"cmd", "proxy", "proxy/inbound", "proxy/outbound"},
	"github.com/spf13/cobra":                 {"cmd/postern", "cmd/metasim"},
	"github.com/spf13/pflag":                 {"cmd/metasim"},
	"go.yaml.in/yaml/v3":                     {"cmd/internal/boot", "policy", "policy/pii/pack", "proxy/xds", "proxy/xds/check", "proxy/xds/check/checktest", "retention"},
	"golang.org/x/crypto/sha3":               {"policy/pii/shape"}, // the checksum of Ethereum addresses
	"golang.org/x/mod":                       {"audit"},
	"golang.org/x/sync":                      {"audit/blob", "cmd", "proxy", "proxy/media"},
	"golang.org/x/sys":                       {"audit/journal", "audit/blob", "audit/disk", "cmd"},
	"golang.org/x/text":                      {"policy", "policy/pii", "policy/pii/words"},
	"golang.org/x/time":                      {"proxy/limit"},
	"modernc.org/libc":                       {"audit/journal"},
	"modernc.org/sqlite":                     {"audit/journal"},
	"database/sql":                           {"audit/journal"},
	"github.com/gabriel-vasile/mimetype":     {"proxy/media"},
	"github.com/hashicorp/vault/api":         {"crypto/vault"},
	"github.com/ClickHouse/clickhouse-go":    {"audit/clickhouse"},
	"github.com/ClickHouse/ch-go":            {"audit/clickhouse"},
	"github.com/envoyproxy/go-control-plane": {"proxy/extproc", "proxy/xds", "proxy/xds/check", rival},
	"google.golang.org/genproto":             {rival},
	"google.golang.org/grpc":                 {"proxy/extproc", "proxy/xds", rival},
	"google.golang.org/protobuf":             {"proxy/extproc", "proxy/xds", "proxy/xds/check", rival},
}

// standardOnly are packages that use nothing from outside at all.
var standardOnly = []string{"crypto/keyring", "crypto/certs", "crypto/flows", "policies"}

func TestFoldersImportDownwards(t *testing.T) {
	for _, p := range list(t, "./...") {
		path, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			t.Errorf("%s is no package of a top-level folder; the folders are fixed", p.ImportPath)
			continue
		}
		may, why, known := rule(path)
		if !known {
			t.Errorf("%s lies in a new top-level folder; they are cmd, proxy, policy, audit, crypto, retention, policies, deploy", path)
		}
		if path == "crypto" {
			t.Errorf("crypto itself holds Go files; put them into a folder below")
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, module); ours && other != path && !anyWithin(other, may) {
				t.Errorf("%s imports %s, which it may not: %s", path, other, why)
			}
		}
	}
}

func TestForeignModulesHaveTheirImporters(t *testing.T) {
	standard := map[string]bool{}
	for _, p := range list(t, "std") {
		standard[p.ImportPath] = true
	}
	for _, p := range list(t, "./...") {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module) || standard[imported] && imported != "database/sql" || imported == "C" {
				continue
			}
			checkForeign(t, path, imported)
		}
	}
}

func checkForeign(t *testing.T, path, imported string) {
	t.Helper()
	if slices.Contains(standardOnly, path) {
		t.Errorf("%s imports %s; it stands on the standard library alone, so that it can be reviewed alone", path, imported)
		return
	}
	for foreign, may := range importers {
		if !within(imported, foreign) {
			continue
		}
		allowed := slices.ContainsFunc(may, func(m string) bool {
			return m == everywhere || m == path || m == "cmd" && within(path, m)
		})
		if !allowed {
			t.Errorf("%s imports %s, which is left to %s: one package to change when the module changes", path, imported, strings.Join(may, ", "))
		}
		return
	}
	t.Errorf("%s imports %s, which no rule names; decide here who may import it", path, imported)
}

// TestRulesBite holds the rules themselves against imports that must fail.
func TestRulesBite(t *testing.T) {
	for _, c := range []struct{ path, other string }{
		{"policy", "proxy/message"}, {"audit/journal", "crypto/keyring"}, {"cmd/metasim/sim", "proxy/dialect"},
		{"proxy/dialect", "policy"}, {"crypto/keyring", "audit"}, {"retention", "crypto/certs"}, {"policies", "policy"},
	} {
		if may, _, known := rule(c.path); !known || anyWithin(c.other, may) {
			t.Errorf("%s may import %s", c.path, c.other)
		}
	}
	if _, _, known := rule("util/strings"); known {
		t.Error("a folder named util is taken for a known one")
	}
}
