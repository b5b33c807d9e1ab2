package boot

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/audit/export"
)

// Export is one system of others that gets the trail.
type Export struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`        // "splunk", "datadog", "syslog" or "lines"
	URL        string `json:"url"`         // https://HOST[:PORT], tls://HOST:PORT of syslog; "" of lines
	Dir        string `json:"dir"`         // of lines: a folder
	S3         S3     `json:"s3"`          // of lines, in place of Dir
	Token      Secret `json:"token"`       // of splunk and datadog
	CA         string `json:"ca"`          // PEM file of extra roots
	ClientCert string `json:"client_cert"` // PEM files, for a receiver that asks for one
	ClientKey  string `json:"client_key"`
	Private    bool   `json:"private"` // the address may be a private one

	Fields  []string `json:"fields"` // nil: export.DefaultFields
	Payload bool     `json:"include_payload"`
	Tenants []string `json:"tenants"` // nil: all
	Kinds   []string `json:"kinds"`   // nil: all

	Every    time.Duration `json:"every"`     // of lines: one file's time
	MaxBytes int           `json:"max_bytes"` // of syslog: one message

	Timeout     time.Duration `json:"timeout"`      // of one batch on its way to a receiver
	BehindAfter time.Duration `json:"behind_after"` // when a record that waits is an alarm; see Late

	// Retention: bucket, prefix and whether the body leaves are what a retention
	// policy of the older form says (compliance_logging).
	Retention bool `json:"from_retention"`

	Region string `json:"region"` // label of where it is; "" for none
}

// Kinds of exports.
const (
	ExportSplunk  = "splunk"
	ExportDatadog = "datadog"
	ExportSyslog  = "syslog"
	ExportLines   = "lines"
)

// Filter is what of the trail an export sends.
func (e Export) Filter() export.Filter {
	return export.Filter{Fields: e.Fields, Payload: e.Payload, Tenants: e.Tenants, Kinds: e.Kinds}
}

// Late is how old a record may be that an export has not sent, before the alarm:
// one that goes into a file waits for the file's end.
func (e Export) Late() time.Duration {
	if e.Kind == ExportLines {
		return e.BehindAfter + e.Every
	}
	return e.BehindAfter
}

// Place is where an export goes, without secrets.
func (e Export) Place() string {
	switch {
	case e.Kind != ExportLines:
		return e.URL
	case e.Dir != "":
		return e.Dir
	case e.Retention:
		return "s3, as the retention policy says"
	}
	return "s3://" + e.S3.Bucket + "/" + e.S3.Prefix
}

// withoutSecrets is what a restart takes over; secrets are taken over by a reload.
func withoutSecrets(all []Export) []Export {
	all = slices.Clone(all)
	for i := range all {
		all[i].Token, all[i].S3 = Secret{}, all[i].S3.withoutSecrets()
	}
	return all
}

// defaultMessage is what every collector of syslog over TLS should take (RFC
// 5425, 4.3.1).
const defaultMessage = 8192

func (r *reader) exports(s *section) []Export {
	var out []Export
	for i, n := range s.items("exports", "write a list of exports") {
		out = append(out, r.export(r.section(n, fmt.Sprintf("exports[%d]", i))))
	}
	return out
}

const exportKinds = "write splunk, datadog, syslog or lines"

func (r *reader) export(s *section) Export {
	defer s.done()
	retention := s.flag("from_retention")
	return Export{
		Retention:  retention,
		Name:       s.required("name", "write a short name"),
		Kind:       s.required("kind", exportKinds),
		URL:        s.text("url", "", "write an address"),
		Dir:        s.file("dir", "", "write a folder"),
		S3:         r.s3(s.sub("s3"), retention),
		Token:      s.secret("token", false),
		CA:         s.file("ca", "", "write a PEM file of roots, or leave it out"),
		ClientCert: s.file("client_cert", "", "write the PEM file of a certificate"),
		ClientKey:  s.file("client_key", "", "write the PEM file of its private key"),
		Private:    s.flag("private"),
		Fields:     s.texts("fields", "write a list of fields"),
		Payload:    s.flag("include_payload"),
		Tenants:    s.texts("tenants", "write a list of tenants' names"),
		Kinds:      s.texts("kinds", "write a list of kinds of records"),
		Every:      s.duration("every", time.Hour, time.Second, 24*time.Hour),
		MaxBytes:   s.whole("max_bytes", defaultMessage, 2048, 1<<20),
		Region:     s.text("region", "", writeRegion),

		Timeout:     s.duration("timeout", time.Minute, time.Second, 10*time.Minute),
		BehindAfter: s.duration("behind_after", 5*time.Minute, time.Second, 7*24*time.Hour),
	}
}

func (r *reader) checkExports(c *Config) {
	used := claims{}
	for i, e := range c.Exports {
		path := fmt.Sprintf("exports[%d]", i)
		r.expect(e.Name == "" || namePattern.MatchString(e.Name), path+".name", "is not a short name", "use lower-case letters, digits and -, at most 32")
		used.claim(r, e.Name, path+".name", "name of an export")
		r.expect(slices.Contains([]string{"", ExportSplunk, ExportDatadog, ExportSyslog, ExportLines}, e.Kind), path+".kind", "is no kind of export", exportKinds)
		r.checkPlace(c, e, path)
		r.checkMeant(e, path)
		r.checkFilter(c, e, path)
	}
}

// checkPlace judges where an export goes.
func (r *reader) checkPlace(c *Config, e Export, path string) {
	switch e.Kind {
	case ExportSplunk, ExportDatadog:
		r.expect(baseURL(e.URL, false), path+".url", "is not an https URL without path", "write https://HOST or https://HOST:PORT")
		r.expect(e.Token.IsSet() || r.nodes[path+".token"] != nil, path+".token", "is missing", "write file:PATH, env:NAME or vault:PATH#FIELD")
	case ExportSyslog:
		u, err := url.Parse(e.URL)
		r.expect(err == nil && u.Scheme == "tls" && u.Hostname() != "" && u.Port() != "" && u.Path == "" && u.User == nil && u.RawQuery == "",
			path+".url", "is no address of a collector", "write tls://HOST:6514")
	case ExportLines:
		r.expect((r.nodes[path+".s3"] != nil) != (e.Dir != ""), path, "has no place, or two", "write either dir or s3")
		r.expect(!e.Retention || e.Dir == "" && !e.Payload, path+".from_retention", "goes to S3 and says whether the body leaves", "write s3 without bucket and prefix, and leave dir and include_payload out")
		inside := c.Data != "" && (e.Dir == c.Data || strings.HasPrefix(e.Dir, c.Data+string(filepath.Separator)))
		r.expect(e.Dir == "" || !inside, path+".dir", "lies inside data", "write a folder outside the store")
	}
}

// remote are the kinds that have an address of their own.
var remote = []string{ExportSplunk, ExportDatadog, ExportSyslog}

// meant are the kinds of export that a key means something for.
var meant = []struct {
	key   string
	kinds []string
}{
	{"url", remote}, {"ca", remote}, {"client_cert", remote}, {"private", remote}, {"timeout", remote},
	{"token", []string{ExportSplunk, ExportDatadog}},
	{"dir", []string{ExportLines}}, {"s3", []string{ExportLines}}, {"every", []string{ExportLines}},
	{"from_retention", []string{ExportLines}},
	{"max_bytes", []string{ExportSyslog}},
}

// checkMeant refuses keys that would do nothing.
func (r *reader) checkMeant(e Export, path string) {
	for _, m := range meant {
		_, written := r.nodes[path+"."+m.key]
		r.expect(!written || e.Kind == "" || slices.Contains(m.kinds, e.Kind), path+"."+m.key, "means nothing for kind "+e.Kind, "remove it; it is for "+strings.Join(m.kinds, " and "))
	}
	r.expect((e.ClientCert == "") == (e.ClientKey == ""), path+".client_cert", "and client_key belong together", "write both, or none")
}

// checkFilter judges what leaves.
func (r *reader) checkFilter(c *Config, e Export, path string) {
	for i, name := range e.Fields {
		if err := export.CheckField(name, e.Payload); err != nil {
			r.reportAt(fmt.Sprintf("%s.fields[%d]", path, i), fmt.Sprintf("%s.fields[%d]: %s: %s", path, i, name, err), "remove it, or write another field")
		}
	}
	for i, name := range e.Tenants {
		known := slices.ContainsFunc(c.Tenants, func(t Tenant) bool { return t.Name == name })
		r.expect(known, fmt.Sprintf("%s.tenants[%d]", path, i), "is no tenant of this file", "write a name listed under tenants")
	}
	for i, kind := range e.Kinds {
		r.expect(slices.Contains(export.Kinds(), kind), fmt.Sprintf("%s.kinds[%d]", path, i), "is no kind of record", "write one of "+strings.Join(export.Kinds(), ", "))
	}
}
