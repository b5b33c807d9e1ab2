package check

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
)

// hostNames are names that lead to Meta or to a provider; one that begins with
// a dot stands for all names below it.
type hostNames []string

// known are the names of the APIs that move messages and files, with those
// that the user gave.
func known(more []string) hostNames {
	all := hostNames{
		"graph.facebook.com", "graph-video.facebook.com", "graph.whatsapp.com", "lookaside.fbsbx.com",
		".whatsapp.net", ".360dialog.io",
	}
	for _, name := range more {
		if _, _, err := net.SplitHostPort(name); err == nil {
			all = append(all, strings.ToLower(name))
			continue
		}
		all = append(all, strings.TrimPrefix(canonical(name), "*"))
	}
	return all
}

func canonical(name string) string {
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// has reports whether a name is one of them.
func (h hostNames) has(name string) bool {
	name = canonical(name)
	return name != "" && slices.ContainsFunc(h, func(n string) bool {
		return n == name || n[:min(1, len(n))] == "." && strings.HasSuffix(name, n)
	})
}

// at reports whether one of them is that very address: where a name has a port,
// nothing else under the name counts.
func (h hostNames) at(name string, port uint32) bool {
	return slices.Contains(h, net.JoinHostPort(canonical(name), strconv.FormatUint(uint64(port), 10)))
}

// mayMatch reports whether a domain of a virtual host or a server name of a
// filter chain, with Envoy's wildcards, covers one of them.
func (h hostNames) mayMatch(domain string) bool {
	domain = canonical(domain)
	switch {
	case domain == "*" || h.has(domain):
		return true
	case strings.HasPrefix(domain, "*"):
		return slices.ContainsFunc(h, func(n string) bool { return strings.HasSuffix(n, domain[1:]) || strings.HasSuffix(domain[1:], n) })
	case strings.HasSuffix(domain, "*"):
		return slices.ContainsFunc(h, func(n string) bool { return strings.HasPrefix(n, domain[:len(domain)-1]) || strings.HasPrefix(n, ".") })
	}
	return false
}

// local reports whether only this machine can be at the address.
func local(a *core.Address) bool {
	if a.GetPipe() != nil || a.GetEnvoyInternalAddress() != nil {
		return true
	}
	host := a.GetSocketAddress().GetAddress()
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
