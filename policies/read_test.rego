package postern.read_test

import data.postern.read

ok := {
	"kind": "read",
	"direction": "outbound",
	"facts": {"account": "ok"},
	"checks": {"facts": "ok"},
}

codes(changes) := {r.code |
	some r in read.refuse with input as object.union(ok, changes)
}

test_passes if {
	codes({}) == set()
	b := read.basis with input as ok
	b == {"received"}
}

test_other_kind_has_no_basis if {
	b := read.basis with input as object.union(ok, {"kind": "other"})
	b == set()
}

test_facts_missing_refuses if codes({"checks": {"facts": "missing"}}) == {"facts_missing"}

test_facts_missing_passes if not "facts_missing" in codes({})

test_account_restricted_refuses if codes({"facts": {"account": "restricted"}}) == {"account_restricted"}

test_account_restricted_passes if not "account_restricted" in codes({"facts": {"account": "ok"}})

test_residency_refuses if {
	codes({"checks": {"residency": "refused"}}) == {"residency"}
	codes({"checks": {"residency": "unknown"}}) == {"residency"}
}

test_residency_passes if not "residency" in codes({"checks": {"residency": "ok"}})

test_processing_restricted_refuses if {
	codes({"facts": {"restricted": true}}) == {"processing_restricted"}
}

test_processing_restricted_passes if {
	not "processing_restricted" in codes({"facts": {"restricted": false}})
}
