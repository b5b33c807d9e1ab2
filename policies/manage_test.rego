package postern.manage_test

import data.postern.manage

ok := {
	"kind": "manage",
	"direction": "outbound",
	"checks": {"facts": "ok", "type": "ok"},
}

codes(changes) := {r.code |
	some r in manage.refuse with input as object.union(ok, changes)
}

test_passes if {
	codes({}) == set()
	b := manage.basis with input as ok
	b == {"account"}
}

test_other_kind_has_no_basis if {
	b := manage.basis with input as object.union(ok, {"kind": "other"})
	b == set()
}

test_facts_missing_refuses if codes({"checks": {"facts": "missing"}}) == {"facts_missing"}

test_facts_missing_passes if not "facts_missing" in codes({})

test_call_not_allowed_refuses if codes({"checks": {"type": "refused"}}) == {"call_not_allowed"}

test_call_not_allowed_passes if not "call_not_allowed" in codes({"checks": {"type": "ok"}})

test_media_location_refuses if codes({"checks": {"media": "location"}}) == {"media_location"}

test_media_location_passes if not "media_location" in codes({"checks": {"media": "ok"}})
