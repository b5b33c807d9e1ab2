package endpoints

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"postern/cmd/internal/rig"
)

// TestDescriptions: an app reads the OpenAPI description of any dialect with its
// own credential, a stranger none.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, auth := range map[string]string{
		"cloud": cloud(r, "").auth, "d360v2": d360(r, "").auth, "d360v1": "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"], "onprem": loginAdmin(t, r),
	} {
		want, err := os.ReadFile(filepath.Join("../../../proxy/dialect/openapi", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		path := "/postern/v1/openapi/" + name + ".yaml"
		if a := r.Do(t, "GET", path, "", auth); a.Status != http.StatusOK || a.Body != string(want) || a.Header.Get("Content-Type") != "application/yaml" {
			t.Errorf("%s: %d %s with %d bytes, want %d", name, a.Status, a.Header.Get("Content-Type"), len(a.Body), len(want))
		}
		if a := r.Do(t, "GET", path, ""); a.Status != http.StatusUnauthorized {
			t.Errorf("%s without a credential: %d", name, a.Status)
		}
		if a := r.Do(t, "POST", path, "{}", auth); a.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s posted: %d", name, a.Status)
		}
	}
	if a := r.Do(t, "GET", "/postern/v1/openapi/source/cloud.yaml", "", cloud(r, "").auth); a.Status != http.StatusNotFound {
		t.Errorf("no description: %d", a.Status)
	}
}
