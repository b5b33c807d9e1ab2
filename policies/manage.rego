# METADATA
# title: Management calls
# description: Calls of apps that change a business number or account and send nothing to anybody.
package postern.manage

# The business acts on its own account.
basis contains "account" if input.kind == "manage"

refuse contains {
	"code": "facts_missing",
	"sentence": "What is known about this business number could not be looked up completely, so nothing may be changed. Check the facts store, then try again.",
} if {
	input.checks.facts == "missing"
}

refuse contains {
	"code": "call_not_allowed",
	"sentence": "Apps may not make this call. Ask compliance to take it off the list (management.deny), or make the change with your operator.",
} if {
	input.checks.type == "refused"
}

refuse contains {
	"code": "media_location",
	"sentence": "The picture may tell where it was taken and can not be read to take that out (media.strip_location). Save it again as JPEG, PNG or WebP and upload that.",
} if {
	input.checks.media == "location"
}
