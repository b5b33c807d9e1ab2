package boot

import (
	"fmt"
	"net"
	"regexp"
	"time"
)

// PKI says which role of Vault's PKI engine issues a listener's certificate.
// The zero value is none.
type PKI struct {
	Mount string        `json:"mount"`
	Role  string        `json:"role"`
	Names []string      `json:"names"` // host names and addresses in the certificate
	TTL   time.Duration `json:"ttl"`   // asked for; the role may give less
}

// shortest is how many looks at Vault a certificate's life has at least: it is
// then renewed before two thirds of it.
const shortest = 12

func (r *reader) pki(s *section) PKI {
	defer s.done()
	if s.node == nil {
		return PKI{}
	}
	p := PKI{
		Mount: s.text("mount", "pki", "write the mount of the PKI engine"),
		Role:  s.required("role", "write the role that signs"),
		Names: s.texts("names", "write a list of host names and addresses"),
		TTL:   s.duration("ttl", 72*time.Hour, time.Minute, 90*24*time.Hour),
	}
	if len(p.Names) == 0 {
		s.missing("names", "write the host names and addresses under which clients come")
	}
	return p
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func (r *reader) checkPKI(c *Config, path string, l TLSListener) {
	if _, written := r.nodes[path+".pki"]; !written {
		return
	}
	path += ".pki"
	r.expect(l.Cert == "" && l.Key == "", path, "stands beside cert or key", "keep the files or pki")
	r.expect(r.nodes["vault"] != nil, path, "names Vault, and there is no section vault", "add vault with address and one login")
	r.expect(mountPattern.MatchString(l.PKI.Mount), path+".mount", "is not a mount", "write it without slashes around it")
	r.expect(l.PKI.Role == "" || mountPattern.MatchString(l.PKI.Role), path+".role", "is not a role", "write its name alone")
	r.expect(c.Vault.Poll*shortest <= l.PKI.TTL, path+".ttl", "is too short for vault.poll", fmt.Sprintf("write at least %d times as long, or a shorter poll", shortest))
	for i, name := range l.PKI.Names {
		r.expect(len(name) <= 253 && hostPattern.MatchString(name) || net.ParseIP(name) != nil, fmt.Sprintf("%s.names[%d]", path, i),
			"is neither a host name nor an address", "write one such as gateway.example.org, without * and port")
	}
}
