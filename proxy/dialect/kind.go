package dialect

// kindNames are the classes of problems as records and metrics name them.
var kindNames = map[Kind]string{
	Internal: "internal", Malformed: "malformed", Invalid: "invalid", Missing: "missing", UnknownProperty: "unknown_property",
	TooLarge: "too_large", UnknownType: "unknown_type", Unsupported: "unsupported", Unauthenticated: "unauthenticated",
	Forbidden: "forbidden", NotFound: "not_found", Method: "method", ContentType: "content_type", PasswordChange: "password_change",
	Blocked: "blocked", Policy: "policy", RateNumber: "rate_number", RatePair: "rate_pair", RateAccount: "rate_account",
	RateManagement: "rate_management", RateApp: "rate_app", Overloaded: "overloaded",
	RecordingDown: "recording_down", UpstreamDown: "upstream_down", UnknownOutcome: "unknown_outcome",
	UpstreamRefused: "upstream_refused", IdempotencyReuse: "idempotency_reuse",
	TooLong: "too_long", RecipientType: "recipient_type", TemplateFormat: "template_format", OnlyMarketing: "only_marketing", Exists: "exists",
}

// String is a stable token such as "unknown_property".
func (k Kind) String() string { return kindNames[k] }
