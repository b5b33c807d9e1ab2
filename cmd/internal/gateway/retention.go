package gateway

import (
	"postern/audit"
	"postern/proxy"
	"postern/retention"
)

// Retention is the retention policy in force.
func (g *Gateway) Retention() retention.Policy { return *g.retention.Load() }

// keeps says what the retention policy keeps of the content of a class. One it
// does not name can be there for the moment in which a reload takes over: its
// redacted form is kept, and the original where a law asks for it of messages.
func (g *Gateway) keeps(class string) proxy.Kept {
	classes := g.retention.Load().Classes
	c, known := classes[class]
	if !known {
		return proxy.Kept{Content: true, Original: classes[audit.ClassMessages].KeepBy != ""}
	}
	return proxy.Kept{Content: c.Keep != retention.KeepNothing, Original: c.Keep == retention.KeepOriginal}
}
