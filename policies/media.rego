# METADATA
# title: Uploads of media
# description: Size, sniffed type and account; whom it will be sent to is judged when it is sent.
package postern.media

# An upload rests on the business's own account.
basis contains "upload" if input.kind == "media"

refuse contains {
	"code": "facts_missing",
	"sentence": "What is known about this business number could not be looked up completely, so nothing may be uploaded. Check the facts store, then try again.",
} if {
	input.checks.facts == "missing"
}

refuse contains {
	"code": "call_not_allowed",
	"sentence": "Apps may not upload files for templates and profiles. Ask compliance to take the call off the list (management.deny), or make the change with your operator.",
} if {
	input.checks.type == "refused"
}

refuse contains {
	"code": "account_restricted",
	"sentence": "WhatsApp has restricted this business number. Resolve the restriction with Meta before uploading again.",
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
	"code": "media_kind",
	"sentence": "Media of this kind or file type are not allowed. Use an allowed kind and type (media.kinds).",
} if {
	input.checks.media == "kind"
}

refuse contains {
	"code": "media_size",
	"sentence": "The media file is too large or its size is not known. Upload a smaller file.",
} if {
	input.checks.media == "size"
}

refuse contains {
	"code": "media_location",
	"sentence": "The picture may tell where it was taken and can not be read to take that out (media.strip_location). Save it again as JPEG, PNG or WebP and upload that.",
} if {
	input.checks.media == "location"
}
