package conformance

import (
	"testing"

	"postern/cmd/internal/rig"
)

// TestDialects runs the topics that need nothing of their own, one after the
// other at one gateway. What each counts begins with it.
func TestDialects(t *testing.T) {
	s := open(t, rig.Options{})
	for _, topic := range []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"types", testTypes}, {"upstream errors", testUpstreamErrors}, {"upstream credential", testUpstreamCredential},
		{"retry after", testRetryAfter}, {"outcomes", testOutcomes}, {"bad bodies", testBadBodies}, {"dropped", testDropped},
		{"paths", testPaths}, {"unread", testUnread}, {"not offered", testNotOffered}, {"revoked", testRevoked}, {"other number", testOtherNumber},
		{"token places", testTokenPlaces}, {"first login", testFirstLogin}, {"upstream request", testUpstreamRequest},
		{"recipients", testRecipients}, {"replies", testReplies}, {"statuses", testStatuses}, {"failed status", testFailedStatus},
		{"flat states", testFlatStates}, {"idempotency scope", testIdempotencyScope}, {"idempotency outcomes", testIdempotencyOutcomes},
		{"contacts", testContacts}, {"settings", testSettings}, {"360dialog webhook", testConfigWebhook}, {"reads", testReads},
		{"template lists", testTemplateLists}, {"policy", testPolicyRefusals}, {"request forms", testRequestForms}, {"inbound", testInbound},
	} {
		t.Run(topic.name, func(t *testing.T) {
			s.begin(t)
			topic.run(t, s)
		})
	}
}
