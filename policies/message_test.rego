package postern.message_test

import data.postern.message

# free is a text in an open window that nothing speaks against.
free := {
	"kind": "message",
	"direction": "outbound",
	"message": {"type": "text", "category": "service"},
	"facts": {
		"window": {"open": true},
		"restricted": false,
		"optout": {"all": false, "marketing": false},
		"identity": "ok",
		"account": "ok",
	},
	"checks": {
		"form": "free",
		"facts": "ok",
		"type": "ok",
		"country": "ok",
		"consent": "",
		"after_stop": true,
		"category": "",
		"media": "ok",
		"link": "ok",
		"pii": "ok",
		"quiet": false,
		"next": 0,
		"next_at": "",
		"residency": "ok",
	},
}

# offer is a marketing template with consent that nothing speaks against.
offer := object.union(free, {
	"message": {
		"type": "template",
		"category": "marketing",
		"template": {"name": "offer", "known": true, "status": "APPROVED", "category": "marketing", "parameters": "ok"},
	},
	"facts": {"window": {"open": false}},
	"checks": {"form": "template", "consent": "ok", "category": "ok", "after_stop": false},
})

# codes are the codes that refuse base with the given changes.
codes(base, changes) := {r.code |
	some r in message.refuse with input as object.union(base, changes)
}

# grounds is the basis of base with the given changes.
grounds(base, changes) := b if {
	b := message.basis with input as object.union(base, changes)
}

test_free_text_in_open_window_passes if {
	codes(free, {}) == set()
	grounds(free, {}) == {"window"}
}

test_template_with_consent_passes if {
	codes(offer, {}) == set()
	grounds(offer, {}) == {"consent"}
}

test_template_without_required_consent_has_basis if {
	grounds(offer, {"checks": {"consent": "not_required"}}) == {"not_required"}
}

test_closed_window_is_no_basis if {
	grounds(free, {"facts": {"window": {"open": false}}}) == set()
}

test_missing_consent_is_no_basis if {
	grounds(offer, {"checks": {"consent": "missing"}}) == set()
}

test_template_does_not_rest_on_window if {
	grounds(offer, {"facts": {"window": {"open": true}}, "checks": {"consent": "missing"}}) == set()
}

test_empty_input_has_no_basis if {
	b := message.basis with input as {}
	b == set()
}

test_facts_missing_refuses if {
	codes(free, {"checks": {"facts": "missing"}}) == {"facts_missing"}
}

test_facts_missing_passes if {
	not "facts_missing" in codes(free, {"checks": {"facts": "ok"}})
}

test_account_restricted_refuses if {
	codes(free, {"facts": {"account": "restricted"}}) == {"account_restricted"}
}

test_account_restricted_passes if {
	not "account_restricted" in codes(free, {"facts": {"account": "ok"}})
}

test_residency_refuses if {
	codes(free, {"checks": {"residency": "refused"}}) == {"residency"}
	codes(offer, {"checks": {"residency": "unknown"}}) == {"residency"}
}

test_residency_passes if {
	not "residency" in codes(free, {"checks": {"residency": "ok"}})
}

test_type_not_allowed_refuses if {
	codes(free, {"checks": {"type": "refused"}}) == {"type_not_allowed"}
}

test_type_not_allowed_passes if {
	not "type_not_allowed" in codes(free, {"checks": {"type": "ok"}})
}

test_recipient_country_refuses if {
	codes(free, {"checks": {"country": "refused"}}) == {"recipient_country"}
}

test_recipient_country_passes if {
	not "recipient_country" in codes(free, {"checks": {"country": "ok"}})
}

test_opted_out_refuses if {
	codes(offer, {"facts": {"optout": {"all": true}}}) == {"opted_out"}
}

test_opted_out_passes if {
	not "opted_out" in codes(offer, {"facts": {"optout": {"all": true}}, "checks": {"after_stop": true}})
}

test_marketing_stopped_refuses if {
	codes(offer, {"facts": {"optout": {"marketing": true}}}) == {"marketing_stopped"}
}

test_marketing_stopped_passes if {
	not "marketing_stopped" in codes(offer, {"facts": {"optout": {"marketing": true}}, "message": {"category": "utility"}})
}

test_identity_changed_refuses if {
	codes(free, {"facts": {"identity": "changed"}}) == {"identity_changed"}
}

test_identity_changed_passes if {
	not "identity_changed" in codes(free, {"facts": {"identity": "ok"}})
}

test_window_closed_refuses if {
	codes(free, {"facts": {"window": {"open": false}}}) == {"window_closed"}
}

test_window_closed_passes if {
	not "window_closed" in codes(free, {"facts": {"window": {"open": true}}})
	not "window_closed" in codes(offer, {"facts": {"window": {"open": false}}})
}

test_opt_in_missing_refuses if {
	codes(offer, {"checks": {"consent": "missing"}}) == {"opt_in_missing"}
}

test_opt_in_missing_passes if {
	not "opt_in_missing" in codes(offer, {"checks": {"consent": "ok"}})
}

test_opt_in_expired_refuses if {
	codes(offer, {"checks": {"consent": "expired"}}) == {"opt_in_expired"}
}

test_opt_in_expired_passes if {
	not "opt_in_expired" in codes(offer, {"checks": {"consent": "ok"}})
}

test_opt_in_source_refuses if {
	codes(offer, {"checks": {"consent": "source"}}) == {"opt_in_source"}
}

test_opt_in_source_passes if {
	not "opt_in_source" in codes(offer, {"checks": {"consent": "not_required"}})
}

test_template_refuses if {
	codes(offer, {"message": {"template": {"known": false, "status": ""}}}) == {"template"}
}

test_template_passes if {
	not "template" in codes(offer, {"message": {"template": {"known": true}}})
}

test_template_paused_refuses if {
	codes(offer, {"message": {"template": {"status": "PAUSED"}}}) == {"template_paused"}
}

test_template_paused_passes if {
	not "template_paused" in codes(offer, {"message": {"template": {"status": "APPROVED"}}})
}

test_template_disabled_refuses if {
	codes(offer, {"message": {"template": {"status": "DISABLED"}}}) == {"template_disabled"}
}

test_template_disabled_passes if {
	not "template_disabled" in codes(offer, {"message": {"template": {"status": "PAUSED"}}})
}

test_template_not_approved_refuses if {
	codes(offer, {"message": {"template": {"status": "PENDING"}}}) == {"template_not_approved"}
	codes(offer, {"message": {"template": {"status": "SOMETHING_NEW"}}}) == {"template_not_approved"}
}

test_template_not_approved_passes if {
	not "template_not_approved" in codes(offer, {"message": {"template": {"status": "APPROVED"}}})
	not "template_not_approved" in codes(offer, {"message": {"template": {"status": "PAUSED"}}})
}

test_template_category_refuses if {
	codes(offer, {"checks": {"category": "mismatch"}}) == {"template_category"}
	codes(offer, {"checks": {"category": "refused"}}) == {"template_category"}
}

test_template_category_passes if {
	not "template_category" in codes(offer, {"checks": {"category": "ok"}})
}

test_template_parameters_refuses if {
	codes(offer, {"message": {"template": {"parameters": "count"}}}) == {"template_parameters"}
	codes(offer, {"message": {"template": {"parameters": "format"}}}) == {"template_parameters"}
	codes(offer, {"message": {"template": {"parameters": "component"}}}) == {"template_parameters"}
	codes(offer, {"message": {"template": {"parameters": "index"}}}) == {"template_parameters"}
}

test_template_parameters_passes if {
	not "template_parameters" in codes(offer, {"message": {"template": {"parameters": "ok"}}})
}

test_media_kind_refuses if {
	codes(free, {"checks": {"media": "kind"}}) == {"media_kind"}
}

test_media_kind_passes if {
	not "media_kind" in codes(free, {"checks": {"media": "size"}})
}

test_media_size_refuses if {
	codes(free, {"checks": {"media": "size"}}) == {"media_size"}
}

test_media_size_passes if {
	not "media_size" in codes(free, {"checks": {"media": "ok"}})
}

test_media_location_refuses if {
	codes(free, {"checks": {"media": "location"}}) == {"media_location"}
}

test_media_location_passes if {
	not "media_location" in codes(free, {"checks": {"media": "ok"}})
}

test_link_host_refuses if {
	codes(free, {"checks": {"link": "refused"}}) == {"link_host"}
}

test_link_host_passes if {
	not "link_host" in codes(free, {"checks": {"link": "ok"}})
}

test_pii_refuses if {
	codes(free, {"checks": {"pii": "CREDIT_CARD"}}) == {"pii"}
}

test_pii_passes if {
	not "pii" in codes(free, {"checks": {"pii": "ok"}})
}

test_quiet_hours_refuses if {
	codes(offer, {"checks": {"quiet": true, "next": 1795330800, "next_at": "2026-11-22 07:00 UTC"}}) == {"quiet_hours"}
}

test_quiet_hours_passes if {
	not "quiet_hours" in codes(offer, {"checks": {"quiet": false}})
}

test_quiet_hours_names_the_next_moment if {
	changes := {"checks": {"quiet": true, "next": 1795330800, "next_at": "2026-11-22 07:00 UTC"}}
	some r in message.refuse with input as object.union(offer, changes)
	r.next == 1795330800
	endswith(r.sentence, "2026-11-22 07:00 UTC.")
}

test_pii_names_the_type if {
	some r in message.refuse with input as object.union(free, {"checks": {"pii": "IBAN"}})
	contains(r.sentence, "(IBAN)")
}

test_several_rules_refuse_at_once if {
	codes(offer, {"facts": {"optout": {"all": true}}, "checks": {"consent": "expired"}}) == {"opted_out", "opt_in_expired"}
}

test_processing_restricted_refuses if {
	codes(free, {"facts": {"restricted": true}}) == {"processing_restricted"}
}

test_processing_restricted_passes if {
	not "processing_restricted" in codes(free, {"facts": {"restricted": false}})
}
