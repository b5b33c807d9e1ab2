package postern.inbound_test

import data.postern.inbound

ok := {
	"kind": "inbound",
	"direction": "inbound",
	"checks": {"type": "ok", "pii": "ok"},
}

codes(changes) := {r.code |
	some r in inbound.refuse with input as object.union(ok, changes)
}

test_passes if {
	codes({}) == set()
	b := inbound.basis with input as ok
	b == {"received"}
}

test_other_kind_has_no_basis if {
	b := inbound.basis with input as object.union(ok, {"kind": "other"})
	b == set()
}

test_type_not_allowed_refuses if codes({"checks": {"type": "refused"}}) == {"type_not_allowed"}

test_type_not_allowed_passes if not "type_not_allowed" in codes({"checks": {"type": "ok"}})

test_pii_refuses if codes({"checks": {"pii": "CREDIT_CARD"}}) == {"pii"}

test_pii_passes if not "pii" in codes({"checks": {"pii": "ok"}})

test_processing_restricted_refuses if {
	codes({"facts": {"restricted": true}}) == {"processing_restricted"}
}

test_processing_restricted_passes if {
	not "processing_restricted" in codes({"facts": {"restricted": false}})
}
