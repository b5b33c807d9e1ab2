# METADATA
# title: Marks of reading and typing
# description: They answer a message of the person and carry nothing; only the account matters, and where what is sent rests.
package postern.read

# The person's own message is what is marked.
basis contains "received" if input.kind == "read"

refuse contains {
	"code": "facts_missing",
	"sentence": "What is known about this business number could not be looked up completely, so nothing may be sent. Check the facts store, then try again.",
} if {
	input.checks.facts == "missing"
}

refuse contains {
	"code": "account_restricted",
	"sentence": "WhatsApp has restricted this business number. Resolve the restriction with Meta before marking messages as read.",
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
	"code": "processing_restricted",
	"sentence": "Processing of this person's data is restricted at their request. Leave the message unmarked; operators lift it with: postern subject restrict --lift.",
} if {
	input.facts.restricted == true
}
