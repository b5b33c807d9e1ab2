# METADATA
# title: Outbound messages
# description: |
#   Every rule adds one refusal with its stable code; README.md has a paragraph
#   for each. input.checks is how the lists and clocks of settings.yaml match
#   this message. Rules begin with equality tests, so that the ones that cannot
#   apply cost nothing. Nothing passes without a basis, whatever the rules say.
package postern.message

# An open window: the person wrote within the last 24 hours.
basis contains "window" if {
	input.checks.form == "free"
	input.facts.window.open == true
}

# A consent that stands, or a category for which the settings ask none.
basis contains "consent" if {
	input.checks.form == "template"
	input.checks.consent == "ok"
}

basis contains "not_required" if {
	input.checks.form == "template"
	input.checks.consent == "not_required"
}

refuse contains {
	"code": "facts_missing",
	"sentence": "What is known about this person or number could not be looked up completely, so nothing may be sent. Check the facts store and, for quiet hours, that the person's country or time zone is known; then send again.",
} if {
	input.checks.facts == "missing"
}

refuse contains {
	"code": "account_restricted",
	"sentence": "WhatsApp has restricted this business number. Resolve the restriction with Meta before sending again.",
} if {
	input.facts.account == "restricted"
}

refuse contains {
	"code": "residency",
	"sentence": "WhatsApp does not keep what this number sends and receives where policy demands it (residency). Use a number that does; operators see where with: postern residency show.",
} if {
	input.checks.residency == "refused"
}

refuse contains {
	"code": "residency",
	"sentence": "Policy demands where WhatsApp keeps what this number sends and receives, and that is not known now. Try again later; operators see why with: postern residency show.",
} if {
	input.checks.residency == "unknown"
}

refuse contains {
	"code": "type_not_allowed",
	"sentence": "Messages of this type are not allowed here. Send another type, or ask compliance to add it to messages.outbound.",
} if {
	input.checks.type == "refused"
}

refuse contains {
	"code": "recipient_country",
	"sentence": "The recipient's country is not one that may be written to. Ask compliance whether recipients.allow or recipients.deny should change.",
} if {
	input.checks.country == "refused"
}

refuse contains {
	"code": "processing_restricted",
	"sentence": "Processing of this person's data is restricted at their request. Do not send; operators lift it with: postern subject restrict --lift.",
} if {
	input.facts.restricted == true
}

refuse contains {
	"code": "opted_out",
	"sentence": "This person asked to get no more messages. Do not send again; only the person can undo it, by writing a start word.",
} if {
	input.facts.optout.all == true
	input.checks.after_stop == false
}

refuse contains {
	"code": "marketing_stopped",
	"sentence": "This person stopped marketing messages from this business. Do not send marketing again; only the person can resume it.",
} if {
	input.facts.optout.marketing == true
	input.message.category == "marketing"
}

refuse contains {
	"code": "identity_changed",
	"sentence": "This number's identity changed, so it may belong to somebody else now. Confirm who uses it and record that before sending again.",
} if {
	input.facts.identity == "changed"
}

refuse contains {
	"code": "window_closed",
	"sentence": "The person has not written within the last 24 hours, so only a template may be sent. Send an approved template, or wait until the person writes.",
} if {
	input.checks.form == "free"
	input.facts.window.open == false
}

refuse contains {
	"code": "opt_in_missing",
	"sentence": "No consent of this person for this category of messages is on record. Obtain it and record it before sending.",
} if {
	input.checks.consent == "missing"
}

refuse contains {
	"code": "opt_in_expired",
	"sentence": "This person's consent for this category is too old or has ended. Ask again and record the new consent.",
} if {
	input.checks.consent == "expired"
}

refuse contains {
	"code": "opt_in_source",
	"sentence": "This person's consent comes from a source that does not count for this category. Obtain consent from an accepted source and record it.",
} if {
	input.checks.consent == "source"
}

refuse contains {
	"code": "template",
	"sentence": "No template of this name and language is known for this account. Check both, or create the template and wait for approval.",
} if {
	input.message.template.known == false
}

refuse contains {
	"code": "template_paused",
	"sentence": "WhatsApp has paused this template because of its quality. Use another template, or wait until it is resumed.",
} if {
	input.message.template.status == "PAUSED"
}

refuse contains {
	"code": "template_disabled",
	"sentence": "WhatsApp has disabled this template for good. Use another template.",
} if {
	input.message.template.status == "DISABLED"
}

refuse contains {
	"code": "template_not_approved",
	"sentence": "This template is not approved. Wait for approval, or use an approved template.",
} if {
	input.message.template.known == true
	not input.message.template.status in {"APPROVED", "PAUSED", "DISABLED"}
}

refuse contains {
	"code": "template_category",
	"sentence": "This template's category is not the one the message claims. Look up the template's category as WhatsApp has it now and send under the rules of that one.",
} if {
	input.checks.category == "mismatch"
}

refuse contains {
	"code": "template_category",
	"sentence": "Templates of this category are not sent here. Use another template, or ask compliance to add the category to templates.categories.",
} if {
	input.checks.category == "refused"
}

refuse contains {
	"code": "template_parameters",
	"sentence": "The number of parameters does not fit the template. Send exactly the parameters the template asks for.",
} if {
	input.message.template.parameters == "count"
}

refuse contains {
	"code": "template_parameters",
	"sentence": "A parameter's kind or name does not fit the template. Compare kinds and names with the template's definition.",
} if {
	input.message.template.parameters == "format"
}

refuse contains {
	"code": "template_parameters",
	"sentence": "A component was sent that the template does not have, or one it needs is missing. Compare header, body and buttons with the template's definition.",
} if {
	input.message.template.parameters == "component"
}

refuse contains {
	"code": "template_parameters",
	"sentence": "A button's index does not fit the template. Number the buttons from 0 in the order of the template.",
} if {
	input.message.template.parameters == "index"
}

refuse contains {
	"code": "media_kind",
	"sentence": "Media of this kind or file type are not allowed. Use an allowed kind and type (media.kinds).",
} if {
	input.checks.media == "kind"
}

refuse contains {
	"code": "media_size",
	"sentence": "A media file is too large or its size is not known. Send a smaller file, or upload it first.",
} if {
	input.checks.media == "size"
}

refuse contains {
	"code": "media_location",
	"sentence": "A picture may tell where it was taken, and what is named by a link or was uploaded elsewhere can not be rid of that (media.strip_location). Upload it to the gateway and send its id.",
} if {
	input.checks.media == "location"
}

refuse contains {
	"code": "link_host",
	"sentence": "A link names a host that may not be linked. Remove the link, or ask compliance to review links.allow and links.deny.",
} if {
	input.checks.link == "refused"
}

refuse contains {
	"code": "pii",
	"sentence": concat("", ["The message holds personal data that may not be sent (", input.checks.pii, "). Remove it and send again."]),
} if {
	input.checks.pii != "ok"
}

refuse contains {
	"code": "quiet_hours",
	"sentence": concat("", ["It is a quiet time where this person may be. Send at or after ", input.checks.next_at, "."]),
	"next": input.checks.next,
} if {
	input.checks.quiet == true
}
