package policy

// Categories of messages. A free-form message has CategoryService.
const (
	CategoryMarketing      = "marketing"
	CategoryUtility        = "utility"
	CategoryAuthentication = "authentication"
	CategoryService        = "service"
	// CategoryGeneral is not a category of messages: a consent for it stands
	// for the categories that consent.general_covers lists.
	CategoryGeneral = "general"
)

// Kinds of Input.
const (
	KindMessage = "message"
	KindMedia   = "media"
	KindRead    = "read"
	KindInbound = "inbound"
	KindManage  = "manage"
)

// Kinds of Residency. Any other word, the empty one of inputs that were recorded
// before there was a residency too, counts as unknown.
const (
	ResidencyLocal   = "local"   // Local Storage in a region
	ResidencyNone    = "none"    // No Storage: nothing rests at upstream
	ResidencyDefault = "default" // wherever upstream likes
	ResidencyUnknown = "unknown" // upstream did not say
)

// managementCalls are the calls that change a business number or account:
// message.type of an input of KindManage, and what management.deny names.
var managementCalls = []string{
	"backup", "block", "certificate", "commerce", "compliance", "encryption", "flow", "identity", "number", "pin", "profile",
	"provider", "qr_code", "register", "subscription", "template", "upload", "username",
}

// typeTemplate is the message type that is judged as a template.
const typeTemplate = "template"

var (
	templateCategories = []string{CategoryMarketing, CategoryUtility, CategoryAuthentication}
	mediaKinds         = []string{"image", "audio", "video", "document", "sticker"}
	outboundTypes      = []string{"text", typeTemplate, "image", "audio", "video", "document", "sticker", "location", "contacts", "reaction", "interactive"}
	inboundTypes       = []string{
		"text", "image", "audio", "video", "document", "sticker", "location", "contacts", "reaction",
		"interactive", "button", "order", "system", "edit", "revoke", "unsupported",
	}
	// operators are policy/pii's operator names.
	operators = []string{"keep", "alert", "mask", "redact", "drop", "hash", "token", "block"}
	levels    = map[string]int{"possible": 0, "likely": 1, "certain": 2}
)

// Reason codes that no rule gives.
const (
	CodePolicyError = "policy_error"
	// CodeTreatment refuses what rules allowed: an operator's change would leave
	// no valid message. Whoever applies the obligations gives it.
	CodeTreatment    = "pii_treatment"
	codeFactsMissing = "facts_missing"
)

// alwaysEnforced codes have no observe mode. Which consent a template would need
// that nobody knows, nobody can tell.
var alwaysEnforced = []string{CodePolicyError, codeFactsMissing, "identity_changed", "processing_restricted", "template"}

// answerOrder ranks reasons: the first one that refused is the one to answer.
// It follows what an operator would fix first: the system, the account, the
// person's own will, then form. Codes that are not listed come last.
var answerOrder = rank(
	CodePolicyError, codeFactsMissing, "account_restricted", "residency", "type_not_allowed", "recipient_country",
	"processing_restricted", "opted_out", "marketing_stopped", "identity_changed", "window_closed",
	"template", "template_disabled", "template_paused", "template_not_approved", "template_category", "template_parameters",
	"opt_in_missing", "opt_in_expired", "opt_in_source",
	"call_not_allowed", "media_kind", "media_size", "media_location", "link_host", "pii", CodeTreatment, "quiet_hours",
)

func rank(codes ...string) map[string]int {
	m := make(map[string]int, len(codes))
	for i, c := range codes {
		m[c] = i
	}
	return m
}

// orderOf is the rank of a code.
func orderOf(code string) int {
	if i, ok := answerOrder[code]; ok {
		return i
	}
	return len(answerOrder)
}
