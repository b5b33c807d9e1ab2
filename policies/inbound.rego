# METADATA
# title: Inbound messages
# description: A refusal means recorded but not delivered to the app. The webhook is answered either way.
package postern.inbound

# The person wrote.
basis contains "received" if input.kind == "inbound"

refuse contains {
	"code": "type_not_allowed",
	"sentence": "Messages of this type are not delivered to the app. Ask compliance to add the type to messages.inbound; the message is recorded and can be replayed.",
} if {
	input.checks.type == "refused"
}

refuse contains {
	"code": "pii",
	"sentence": concat("", ["The message holds personal data that the app may not receive (", input.checks.pii, "). It is recorded and can be reviewed there."]),
} if {
	input.checks.pii != "ok"
}

refuse contains {
	"code": "processing_restricted",
	"sentence": "Processing of the sender's data is restricted at their request. The message is recorded and not delivered; operators lift it with: postern subject restrict --lift.",
} if {
	input.facts.restricted == true
}
