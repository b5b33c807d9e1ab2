package boot

import (
	"net/netip"
	"strings"
)

// checkOwnPlaces: of what the gateway listens at for Envoys nothing else may be there.
func (r *reader) checkOwnPlaces(c *Config) {
	taken := map[string]string{"listeners.app": c.Listeners.App.Address, "listeners.webhook": c.Listeners.Webhook.Address, "listeners.admin": c.Listeners.Admin}
	for _, e := range []struct {
		key string
		at  EnvoySocket
	}{{"envoy.ext_proc.listen", c.Envoy.ExtProc.EnvoySocket}, {"envoy.xds.listen", c.Envoy.XDS.EnvoySocket}} {
		_, unix := e.at.Socket()
		for name, address := range taken {
			r.expect(!clash(e.at.Listen, address) && (!unix || e.at.Listen != address), e.key, "is where "+name+" is", "give one of the two another place")
		}
		taken[e.key] = e.at.Listen
	}
}

// checkPorts: Envoys on the gateway's own machine can not listen where it does.
// They are there where sockets lead to them.
func (r *reader) checkPorts(c *Config, x XDS) {
	_, near := c.Envoy.ExtProc.Socket()
	_, own := x.Socket()
	if !near || !own {
		return
	}
	taken := map[string]string{"listeners.app": c.Listeners.App.Address, "listeners.webhook": c.Listeners.Webhook.Address, "listeners.admin": c.Listeners.Admin}
	for _, e := range []struct{ key, address string }{
		{"envoy.xds.app", x.App}, {"envoy.xds.webhook", x.Webhook}, {"envoy.xds.sidecar.address", x.Sidecar.Address},
	} {
		for name, address := range taken {
			r.expect(!clash(e.address, address), e.key, "is where "+name+" listens on the same machine", "give one of the two another port")
		}
		taken[e.key] = e.address
	}
}

// clash reports whether two addresses can not both be listened at.
func clash(a, b string) bool {
	hostA, portA, okA := hostPort(a, 0)
	hostB, portB, okB := hostPort(b, 0)
	if !okA || !okB || portA != portB || portA == "0" { // 0 is any that is free
		return false
	}
	return strings.EqualFold(hostA, hostB) || everywhere(hostA) || everywhere(hostB)
}

func everywhere(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "" || err == nil && at.IsUnspecified()
}
