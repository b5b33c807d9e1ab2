package gateway

import (
	"testing"

	"postern/audit"
	"postern/proxy"
	"postern/retention"
)

// TestKeeps: of a class that the policy does not name the original is kept
// exactly where a law asks for it of messages.
func TestKeeps(t *testing.T) {
	for _, c := range []struct {
		class string
		keep  retention.Keep
		by    string
		want  proxy.Kept
	}{
		{audit.ClassMessages, retention.KeepOriginal, "", proxy.Kept{Content: true, Original: true}},
		{audit.ClassMessages, retention.KeepRedacted, "", proxy.Kept{Content: true}},
		{audit.ClassMessages, retention.KeepNothing, "", proxy.Kept{}},
		{"promo", retention.KeepOriginal, "", proxy.Kept{Content: true}},
		{"promo", retention.KeepOriginal, "sec-17a-4", proxy.Kept{Content: true, Original: true}},
	} {
		g := &Gateway{}
		g.retention.Store(&retention.Policy{Classes: map[string]retention.Class{audit.ClassMessages: {Keep: c.keep, KeepBy: c.by}}})
		if got := g.keeps(c.class); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
