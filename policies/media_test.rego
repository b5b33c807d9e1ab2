package postern.media_test

import data.postern.media

ok := {
	"kind": "media",
	"direction": "outbound",
	"facts": {"account": "ok"},
	"checks": {"facts": "ok", "media": "ok"},
}

codes(changes) := {r.code |
	some r in media.refuse with input as object.union(ok, changes)
}

test_passes if {
	codes({}) == set()
	b := media.basis with input as ok
	b == {"upload"}
}

test_other_kind_has_no_basis if {
	b := media.basis with input as object.union(ok, {"kind": "other"})
	b == set()
}

test_facts_missing_refuses if codes({"checks": {"facts": "missing"}}) == {"facts_missing"}

test_facts_missing_passes if not "facts_missing" in codes({})

test_account_restricted_refuses if codes({"facts": {"account": "restricted"}}) == {"account_restricted"}

test_account_restricted_passes if not "account_restricted" in codes({"facts": {"account": "ok"}})

test_media_kind_refuses if codes({"checks": {"media": "kind"}}) == {"media_kind"}

test_media_kind_passes if not "media_kind" in codes({"checks": {"media": "size"}})

test_media_size_refuses if codes({"checks": {"media": "size"}}) == {"media_size"}

test_media_size_passes if not "media_size" in codes({"checks": {"media": "ok"}})

test_media_location_refuses if codes({"checks": {"media": "location"}}) == {"media_location"}

test_media_location_passes if not "media_location" in codes({"checks": {"media": "ok"}})

test_residency_refuses if {
	codes({"checks": {"residency": "refused"}}) == {"residency"}
	codes({"checks": {"residency": "unknown"}}) == {"residency"}
}

test_residency_passes if not "residency" in codes({"checks": {"residency": "ok"}})

test_call_not_allowed_refuses if codes({"checks": {"type": "refused"}}) == {"call_not_allowed"}

test_call_not_allowed_passes if not "call_not_allowed" in codes({"checks": {"type": "ok"}})
