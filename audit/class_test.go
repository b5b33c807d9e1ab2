package audit_test

import (
	"strings"
	"testing"

	"postern/audit"
)

func TestRetentionClass(t *testing.T) {
	for _, c := range []struct {
		kind      audit.Kind
		retention string
		want      string
	}{
		{audit.KindAdmission, "", audit.ClassMessages},
		{audit.KindAdmission, "message", audit.ClassMessages},
		{audit.KindAdmission, "statutory", "statutory"},
		{audit.KindStatus, "", audit.ClassMessages},
		{audit.KindUnmatchedSend, "", audit.ClassMessages},
		{audit.KindUndecodable, "", audit.ClassMessages},
		{audit.KindRevision, "", audit.ClassMessages},
		{audit.KindRead, "", audit.ClassMessages},
		{audit.KindMedia, "", audit.ClassMedia},
		{audit.KindConsent, "", audit.ClassConsent},
		{audit.KindRequest, "", audit.ClassConsent},
		{audit.KindDelivery, "", audit.ClassDeliveries},
		{audit.KindErasure, "", audit.ClassAudit},
		{audit.KindManage, "messages", audit.ClassAudit},
		{audit.KindMedia, "messages", audit.ClassMedia},
		{audit.KindMedia, "statutory", "statutory"},
		{audit.KindManage, "statutory", audit.ClassAudit},
		{"of_a_later_version", "", audit.ClassAudit},
	} {
		if got := audit.RetentionClass(c.kind, c.retention); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.kind, c.retention, got, c.want)
		}
		if got := audit.KeyClass(c.kind, c.retention); got != c.want {
			t.Errorf("keys of %s %q: %s, want %s", c.kind, c.retention, got, c.want)
		}
	}
	for _, odd := range []string{"subject", strings.Repeat("x", 65)} {
		if got := audit.KeyClass(audit.KindInbound, odd); got != audit.ClassMessages {
			t.Errorf("keys of %q: %s", odd, got)
		}
	}
}
