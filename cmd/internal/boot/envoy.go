package boot

import (
	"strconv"
	"strings"
)

// Envoy is how Envoys in front reach the gateway. The zero value takes none.
type Envoy struct {
	ExtProc ExtProc `json:"ext_proc"`
	XDS     XDS     `json:"xds"`
}

// EnvoySocket is where the gateway listens for Envoys alone: what is told there
// is secret. The zero value is none.
type EnvoySocket struct {
	Listen string      `json:"listen"` // host:port with TLS, or unix:PATH, absolute
	TLS    TLSListener `json:"tls"`    // of host:port; its address is that of Listen
	Mode   int         `json:"mode"`   // of the unix socket
	Group  string      `json:"group"`  // of the unix socket, a name or a number; "" leaves it
}

// ExtProc is where Envoy's external processor listens.
type ExtProc struct {
	EnvoySocket
	Stream int `json:"streams"`

	TrustSource      bool `json:"trust_source"`      // Envoy's source.address is the client
	TrustCertificate bool `json:"trust_certificate"` // what Envoy says of the client's certificate names the app
}

// Enabled reports whether there is one.
func (e EnvoySocket) Enabled() bool { return e.Listen != "" }

// Socket is the path of the unix socket, if that is where it listens.
func (e EnvoySocket) Socket() (path string, ok bool) { return strings.CutPrefix(e.Listen, "unix:") }

func (r *reader) envoy(s *section) Envoy {
	defer s.done()
	return Envoy{ExtProc: r.extProc(s.sub("ext_proc")), XDS: r.xds(s.sub("xds"))}
}

const writeListen = "write host:port, or unix:PATH"

func (r *reader) extProc(s *section) ExtProc {
	defer s.done()
	if s.node == nil {
		return ExtProc{}
	}
	e := ExtProc{EnvoySocket: r.envoySocket(s), Stream: s.whole("streams", 4096, 1, 1<<20)}
	trust := s.sub("trust")
	defer trust.done()
	e.TrustSource, e.TrustCertificate = trust.flag("source_address"), trust.flag("client_certificate")
	return e
}

func (r *reader) envoySocket(s *section) EnvoySocket {
	e := EnvoySocket{
		Listen: s.required("listen", writeListen),
		TLS: TLSListener{
			Cert:        s.file("cert", "", "write the PEM file of the certificate chain"),
			Key:         s.file("key", "", "write the PEM file of the private key"),
			PKI:         r.pki(s.sub("pki")),
			MinTLS:      s.text("min_tls", "1.3", minTLSRemedy),
			ClientCA:    s.file("client_ca", "", "write the PEM file of the roots of Envoy's certificate"),
			ClientNames: s.texts("client_names", "write a list of names, one of which is in Envoy's certificate"),
		},
		Mode:  s.mode("socket_mode", 0o600),
		Group: s.text("socket_group", "", "write the group of Envoy's user, a name or a number in quotes"),
	}
	if path, ok := e.Socket(); ok {
		e.Listen = "unix:" + within(r.dir, path)
	} else {
		e.TLS.Address = e.Listen
	}
	return e
}

// mode is a file's, written as "0660". What others might open is none.
func (s *section) mode(key string, fallback int) int {
	const write = `write "0600" or "0660", in quotes`
	v, ok := s.scalar(key, write, "!!str")
	if !ok {
		return fallback
	}
	n, err := strconv.ParseUint(v, 8, 9)
	if err != nil || n&0o007 != 0 || n&0o600 != 0o600 {
		s.r.reportAt(s.at(key), s.at(key)+" is no mode of a socket that its owner and nobody else may open, but for a group", write)
		return fallback
	}
	return int(n)
}

// maxSocket is what the kernel takes as the path of a socket, less the name of
// the folder that it is made in.
const maxSocket = 107 - 24

func (r *reader) checkEnvoy(c *Config) {
	r.checkEnvoySocket(c, "envoy.ext_proc", c.Envoy.ExtProc.EnvoySocket)
	r.checkEnvoySocket(c, "envoy.xds", c.Envoy.XDS.EnvoySocket)
	r.checkOwnPlaces(c)
	r.checkXDS(c)
}

func (r *reader) checkEnvoySocket(c *Config, at string, e EnvoySocket) {
	if !e.Enabled() {
		return
	}
	if path, unix := e.Socket(); unix {
		r.expect(len(path) <= maxSocket, at+".listen", "is too long for a socket", "write a shorter path")
		for _, key := range []string{"cert", "key", "pki", "min_tls", "client_ca", "client_names"} {
			_, written := r.nodes[at+"."+key]
			r.expect(!written, at+"."+key, "means nothing with a unix socket", "leave it out, or listen on host:port")
		}
		return
	}
	_, _, ok := hostPort(e.Listen, 0)
	r.expect(ok, at+".listen", "is neither host:port nor unix:PATH", writeListen)
	for _, key := range []string{"socket_mode", "socket_group"} {
		_, written := r.nodes[at+"."+key]
		r.expect(!written, at+"."+key, "means nothing without a unix socket", "leave it out, or listen on unix:PATH")
	}
	r.checkEnvoyTLS(c, at, e.TLS)
}

// checkEnvoyTLS insists on Envoy's certificate: who else speaks to the
// processor, and has an app's key, is told Meta's token; who else asks for a
// configuration is told private keys.
func (r *reader) checkEnvoyTLS(c *Config, at string, l TLSListener) {
	r.checkPKI(c, at, l)
	r.expect(l.PKI.Role != "" || l.Cert != "" && l.Key != "", at, "has no certificate", "write cert and key, or pki, or listen on unix:PATH")
	r.expect(l.ClientCA != "", at, "asks Envoy for no certificate, and Envoy is told secrets", "write client_ca, or listen on unix:PATH")
	r.expect(l.MinTLS == "1.2" || l.MinTLS == "1.3", at+".min_tls", "is no version that is spoken here", minTLSRemedy)
	for i, name := range l.ClientNames {
		r.expect(clientName(name), at+".client_names["+strconv.Itoa(i)+"]", "is no name in a certificate", "write a name without spaces")
	}
}
