package boot

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"postern/policy/facts"
)

var (
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	versionPattern = regexp.MustCompile(`^v[1-9][0-9]?\.[0-9]$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	displayPattern = regexp.MustCompile(`^\+[0-9][0-9 ()./-]{5,24}$`)
	headerPattern  = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

const maxID = 1 << 53 // ids pass through JavaScript numbers (clients' need)

// check finds what single values cannot show: forms and contradictions. Values
// that were reported as missing or mistyped are empty here and passed over.
func (r *reader) check(c *Config) {
	r.checkForms(c)
	r.checkListeners(c.Listeners)
	r.checkTLS(c)
	r.checkEnvoy(c)
	r.checkTargets(c.Delivery.AllowTargets)
	if c.Data != "" && (c.Checkpoints.Dir == c.Data || strings.HasPrefix(c.Checkpoints.Dir, c.Data+string(filepath.Separator))) {
		r.reportAt("checkpoints.dir", "checkpoints.dir lies inside data", "write a folder outside the store, best on another disk")
	}
	r.checkRetentionRuns(c)
	r.checkTenants(c)
	r.checkBackup(c)
	r.checkExports(c)
	r.checkStores(c)
	r.checkVault(c.Vault, c.Keystore)
	r.checkClickHouse(c.ClickHouse)
}

func (r *reader) expect(ok bool, path, what, write string) {
	if !ok {
		r.reportAt(path, path+" "+what, write)
	}
}

func (r *reader) checkForms(c *Config) {
	r.expect(c.PublicURL == "" || baseURL(c.PublicURL, false), "public_url", "is not an https URL without path", "write https://HOST or https://HOST:PORT")
	r.expect(baseURL(c.Upstream.BaseURL, true), "upstream.base_url", "is not an https URL without path", "write https://graph.facebook.com; http only for a simulator on loopback")
	r.expect(versionPattern.MatchString(c.Upstream.Version), "upstream.version", "is not a Graph version", "write one such as v25.0")
	levels := []string{"debug", "info", "warn", "error"}
	r.expect(slices.Contains(levels, c.LogLevel), "log.level", "is not a level", "write debug, info, warn or error")
}

func baseURL(s string, plainLoopback bool) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return false
	}
	return u.Scheme == "https" || plainLoopback && u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (r *reader) checkListeners(l Listeners) {
	seen := map[string]string{}
	for _, e := range []struct{ path, address string }{
		{"listeners.app.address", l.App.Address}, {"listeners.webhook.address", l.Webhook.Address}, {"listeners.admin.address", l.Admin},
	} {
		if e.address == "" {
			continue
		}
		host, port, ok := hostPort(e.address, 0)
		r.expect(ok, e.path, "is not host:port", "write an address such as 127.0.0.1:8443")
		if first, twice := seen[e.address]; twice && port != "0" {
			r.reportAt(e.path, fmt.Sprintf("%s is the address of %s too", e.path, first), "write another port")
		}
		seen[e.address] = e.path
		if e.path == "listeners.admin.address" && ok {
			r.expect(isLoopback(host), e.path, "is not a loopback address", "write 127.0.0.1:PORT; reach it from elsewhere through SSH")
		}
	}
}

// hostPort splits an address; the host may be empty (all interfaces) for listeners.
func hostPort(s string, least int) (host, port string, ok bool) {
	host, port, err := net.SplitHostPort(s)
	n, perr := strconv.Atoi(port)
	return host, port, err == nil && perr == nil && n >= least && n <= 65535
}

func (r *reader) checkTargets(targets []string) {
	for i, target := range targets {
		host, _, ok := hostPort(target, 1)
		ok = ok && host != "" && !strings.ContainsAny(host, "*/")
		r.expect(ok, fmt.Sprintf("delivery.allow_targets[%d]", i), "is not one host:port", "write single targets such as 127.0.0.1:9444, never ranges")
	}
}

// claims finds values that may be used only once, and says where they were first.
type claims map[string]string

func (c claims) claim(r *reader, value, path, what string) {
	if value == "" {
		return
	}
	if first, twice := c[what+value]; twice {
		r.reportAt(path, fmt.Sprintf("%s: this %s is already used at %s", path, what, first), "keep one of them")
		return
	}
	c[what+value] = path
}

func (r *reader) checkTenants(c *Config) {
	used := claims{}
	for i, t := range c.Tenants {
		path := fmt.Sprintf("tenants[%d]", i)
		r.expect(t.Name == "" || namePattern.MatchString(t.Name), path+".name", "is not a short name", "use lower-case letters, digits and -, at most 32")
		used.claim(r, t.Name, path+".name", "tenant name")
		r.expect(t.WABA == "" || isID(t.WABA), path+".waba_id", "is not an id", "write digits only")
		r.expect(t.AppID == "" || isID(t.AppID), path+".app_id", "is not an id", "write digits only")
		used.claim(r, t.WABA, path+".waba_id", "business account")
		for j, country := range t.Countries {
			r.expect(countryPattern.MatchString(country), fmt.Sprintf("%s.countries[%d]", path, j), "is not a country", "write two capital letters such as DE")
		}
		r.checkNumbers(t, path, used)
		r.checkUpstream(t, path)
		for j, n := range t.Numbers {
			r.checkFlow(c, t, n, fmt.Sprintf("%s.numbers[%d].flow", path, j))
		}
		for j, a := range t.Apps {
			r.checkApp(c, t, a, fmt.Sprintf("%s.apps[%d]", path, j), used)
		}
	}
}

func isID(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n > 0 && n < maxID && strconv.FormatInt(n, 10) == s
}

func (r *reader) checkNumbers(t Tenant, path string, used claims) {
	for j, n := range t.Numbers {
		at := fmt.Sprintf("%s.numbers[%d]", path, j)
		r.expect(n.ID == "" || isID(n.ID), at+".id", "is not a phone_number_id", "write digits only, below 2^53")
		used.claim(r, n.ID, at+".id", "number")
		r.expect(n.Display == "" || displayPattern.MatchString(n.Display), at+".display", "is not an international number", "start with + and the country code")
		r.expect(!facts.TrunkPrefix(n.Display), at+".display", "has digits that are dialled only inside the country", "leave out what stands there before the area code, such as the 0 of +49 030 1234567")
	}
}

func (r *reader) checkApp(c *Config, t Tenant, a App, path string, used claims) {
	r.expect(a.Name == "" || namePattern.MatchString(a.Name), path+".name", "is not a short name", "use lower-case letters, digits and -, at most 32")
	used.claim(r, a.Name, path+".name", "app name")
	dialects := []string{"", "cloud", "d360", "onprem"}
	r.expect(slices.Contains(dialects, a.Dialect), path+".dialect", "is not a dialect", "write cloud, d360 or onprem")
	if len(a.Numbers) == 0 {
		r.reportAt(path+".numbers", path+".numbers is missing", "write the ids of the numbers this app sends from")
	}
	for i, id := range a.Numbers {
		at := fmt.Sprintf("%s.numbers[%d]", path, i)
		r.expect(slices.ContainsFunc(t.Numbers, func(n Number) bool { return n.ID == id }), at, "is not a number of this tenant", "write an id listed under its numbers")
		used.claim(r, id, at, "number of an app")
	}
	r.checkClient(c, a, path, used)
	r.checkHealth(a, path+".health")
	r.checkMonitor(a, path+".monitor_key")
	r.checkWebhook(c, a, path+".webhook")
}

const writeHealth = "write single, high_availability or multiconnect: how the client was deployed that this app read /v1/health of"

func (r *reader) checkHealth(a App, path string) {
	r.expect(slices.Contains([]string{"", "single", "high_availability", "multiconnect"}, a.Health), path, "is not a shape of health", writeHealth)
	r.expect(a.Health == "" || a.Dialect != "cloud", path, "is of the old APIs, and this app speaks the Cloud API", "remove it")
}

// checkMonitor holds the key to the lengths of the old client's WA_API_KEY.
func (r *reader) checkMonitor(a App, path string) {
	if !a.MonitorKey.IsSet() {
		return
	}
	n := len(a.MonitorKey.Value())
	r.expect(n >= 12 && n <= 128, path, "is not as long as it has to be", "use a random key of 12 to 128 characters")
	r.expect(a.Dialect == "" || a.Dialect == "onprem", path, "is of the On-Premises API, which this app does not speak", "remove it")
}

func (r *reader) checkWebhook(c *Config, a App, path string) {
	w := a.Webhook
	if w.URL == "" {
		return
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		r.reportAt(path+".url", path+".url is not a URL an event can be posted to", "write https://HOST/PATH; put credentials into headers")
		return
	}
	if u.Scheme == "http" && !slices.Contains(c.Delivery.AllowTargets, u.Host) {
		r.reportAt(path+".url", path+".url is plain http", "write https, or list its host:port under delivery.allow_targets")
	}
	if a.Dialect == "cloud" && !w.Secret.IsSet() && !w.FromKeystore && r.nodes[path+".secret"] == nil {
		r.reportAt(path, path+".secret is missing", "write file:PATH or env:NAME, or secret_from: keystore: Cloud apps check the signature of what they receive")
	}
}

func headerName(s string) bool { return headerPattern.MatchString(s) }

func headerValue(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}

func isReference(s string) bool {
	return strings.HasPrefix(s, "file:") || strings.HasPrefix(s, "env:") || strings.HasPrefix(s, "vault:")
}

func secretHeader(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"auth", "key", "token", "secret", "cookie", "password", "signature"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}
