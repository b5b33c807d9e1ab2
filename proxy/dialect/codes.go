package dialect

// answer is how one kind of problem reads on the wire of both families.
type answer struct {
	cloudStatus, cloudCode int
	flatStatus, flatCode   int
	transient              bool // Cloud: is_transient
}

// answers is the one place where kinds of problems get codes and status.
// Cloud refusals keep to 400, 401, 403, 404 and 500, because published clients
// lose the body of others; 429 is for rate limits alone.
var answers = map[Kind]answer{
	Internal:         {500, 131000, 500, 1014, false},
	Malformed:        {400, 100, 400, 1025, false},
	Invalid:          {400, 131009, 400, 1009, false},
	Missing:          {400, 131008, 400, 1008, false},
	UnknownProperty:  {400, 100, 400, 1010, false},
	TooLarge:         {400, 100, 400, 1009, false},
	UnknownType:      {400, 131051, 400, 501, false},
	Unsupported:      {400, 131051, 501, 501, false},
	Unauthenticated:  {401, 190, 401, 1005, false},
	Forbidden:        {403, 10, 403, 1005, false},
	NotFound:         {404, 100, 404, 1006, false},
	Method:           {400, 100, 400, 1025, false},
	ContentType:      {400, 100, 400, 1025, false},
	PasswordChange:   {401, 190, 401, 1024, false},
	Blocked:          {403, 10, 403, 1005, false},
	Policy:           {403, 10, 403, 1005, false},
	RateNumber:       {429, 130429, 429, 1015, true},
	RatePair:         {429, 131056, 429, 1015, true},
	RateAccount:      {429, 80007, 429, 1015, true},
	RateManagement:   {429, 80008, 429, 1015, true},
	RateApp:          {429, 4, 429, 1015, true},
	Overloaded:       {500, 131016, 503, 1016, true},
	RecordingDown:    {500, 131016, 503, 1016, true},
	UpstreamDown:     {500, 2, 503, 1016, true},
	UnknownOutcome:   {500, 131000, 500, 1014, false},
	UpstreamRefused:  {500, 131000, 500, 1014, false},
	IdempotencyReuse: {400, 100, 400, 1009, false},
	TooLong:          {400, 100, 400, 1001, false},
	RecipientType:    {400, 100, 400, 1002, false},
	TemplateFormat:   {400, 132012, 400, 2012, false},
	OnlyMarketing:    {400, 131055, 400, 1009, false},
	Exists:           {400, 100, 409, 1004, false},
}

// policyAnswers gives each reason of policy its codes. Codes that clients
// retry (1006, 1015, 130429, 131048) never stand for a refusal; a reason not
// listed reads as the generic refusal of answers[Policy].
var policyAnswers = map[string]answer{
	"opt_in_missing":        {403, 10, 403, 1005, false},
	"opt_in_expired":        {403, 10, 403, 1005, false},
	"opt_in_source":         {403, 10, 403, 1005, false},
	"processing_restricted": {403, 10, 403, 1005, false},
	"opted_out":             {400, 131050, 403, 1005, false},
	"marketing_stopped":     {400, 131050, 403, 1005, false},
	"window_closed":         {400, 131047, 400, 470, false},
	"template":              {404, 132001, 404, 2001, false},
	"template_not_approved": {404, 132001, 404, 2001, false},
	"template_paused":       {400, 132015, 400, 2061, false},
	"template_disabled":     {400, 132016, 400, 2062, false},
	"template_parameters":   {400, 132000, 400, 2000, false},
	"template_category":     {403, 10, 403, 1005, false},
	"quiet_hours":           {400, 131049, 403, 1005, false},
	"call_not_allowed":      {403, 10, 403, 1005, false},
	"media_kind":            {400, 131009, 400, 1009, false},
	"media_size":            {400, 131009, 400, 1009, false},
	"media_location":        {400, 131009, 400, 1009, false},
	"link_host":             {400, 131009, 400, 1009, false},
	"pii":                   {400, 131009, 400, 1009, false},
	"pii_treatment":         {400, 131009, 400, 1009, false},
	"identity_changed":      {400, 137000, 400, 1028, false},
	"account_restricted":    {403, 368, 403, 1031, false},
	"residency":             {403, 10, 403, 1005, false},
	"facts_missing":         {500, 131000, 500, 1000, false},
	"recipient_country":     {403, 130497, 403, 1005, false},
	"type_not_allowed":      {400, 131051, 400, 501, false},
	"policy_error":          {500, 131000, 500, 1000, false},
}
