package boot_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// written takes the comments away from the example's section about Envoy, but
// for the part about xds.
func written(change ...string) func(string) string { return writtenTo("#   xds:", change...) }

// writtenTo does so up to a mark.
func writtenTo(mark string, change ...string) func(string) string {
	return func(text string) string {
		_, rest, found := strings.Cut(text, "# envoy:\n")
		section, _, _ := strings.Cut(rest, mark)
		if !found {
			panic("the example has no section envoy")
		}
		out := "envoy:\n"
		for line := range strings.Lines(section + "\n") {
			line = strings.TrimPrefix(line, "# ")
			if !strings.HasPrefix(strings.TrimSpace(line), "# ") {
				out += line
			}
		}
		return strings.NewReplacer(change...).Replace(out) + text
	}
}

const overTCP = "listen: 127.0.0.1:9443\n    cert: certs/a.pem\n    key: certs/b.pem\n    client_ca: certs/c.pem # was"

func TestExtProcOfTheExample(t *testing.T) {
	c, err := boot.Load(folder(t, same))
	if err != nil || c.Envoy.ExtProc.Enabled() {
		t.Fatalf("without the section: %v", err)
	}
	if c, err = boot.Load(folder(t, written())); err != nil {
		t.Fatal(err)
	}
	e := c.Envoy.ExtProc
	if path, unix := e.Socket(); !unix || path != "/run/postern/ext_proc.sock" || e.Mode != 0o660 || e.Group != "envoy" || e.Stream != 4096 || !e.TrustSource || !e.TrustCertificate {
		t.Errorf("%+v", e)
	}
	tcp := []string{"listen: unix", overTCP, "socket_mode", "#", "socket_group", "#", "trust:", "# trust:", "    streams", "    client_names: [envoy.example.org]\n    streams"}
	path := folder(t, written(tcp...))
	if c, err = boot.Load(path); err != nil {
		t.Fatal(err)
	}
	e = c.Envoy.ExtProc
	side := e.TLS.TLS(nil)
	if side.ClientCA != filepath.Join(filepath.Dir(path), "certs/c.pem") || side.Optional || side.TLS12 || !slices.Equal(side.ClientNames, []string{"envoy.example.org"}) || e.TrustSource {
		t.Errorf("%+v", e)
	}
	if _, unix := e.Socket(); unix || e.TLS.Address != "127.0.0.1:9443" {
		t.Errorf("%+v", e)
	}
}

// TestExtProcProblems: nobody but Envoy may open a stream, and nothing is
// written that means nothing.
func TestExtProcProblems(t *testing.T) {
	tcp := []string{"listen: unix", overTCP, "socket_mode", "#", "socket_group", "#"}
	for name, tc := range map[string]struct {
		change []string
		what   string
	}{
		"TCP without certificate of Envoy": {append([]string{"listen: unix", "listen: 127.0.0.1:9443\n    cert: a\n    key: b # "}, tcp[2:]...), "asks Envoy for no certificate"},
		"TCP without own certificate":      {append([]string{"listen: unix", "listen: 127.0.0.1:9443\n    client_ca: a # "}, tcp[2:]...), "has no certificate"},
		"mode that all may open":           {[]string{`"0660"`, `"0666"`}, "is no mode of a socket"},
		"mode that is none":                {[]string{`"0660"`, `"rw"`}, "is no mode of a socket"},
		"certificate on a socket":          {[]string{"streams", "cert: a\n    streams"}, "means nothing with a unix socket"},
		"mode over TCP":                    {[]string{"listen: unix", overTCP, "socket_group", "#"}, "means nothing without a unix socket"},
		"a long path":                      {[]string{"ext_proc.sock", strings.Repeat("x", 100)}, "is too long for a socket"},
		"no address":                       {append([]string{"listen: unix", strings.Replace(overTCP, "127.0.0.1:9443", "localhost", 1)}, tcp[2:]...), "is neither host:port nor unix:PATH"},
		"no listener":                      {[]string{"listen:", "# listen:"}, "envoy.ext_proc.listen is missing"},
		"an unknown key":                   {[]string{"streams:", "stream:"}, "is not a known key"},
	} {
		_, err := boot.Load(folder(t, written(tc.change...)))
		if err == nil || !strings.Contains(err.Error(), tc.what) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
