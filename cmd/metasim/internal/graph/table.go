package graph

// Entry is what the table knows of a code.
type Entry struct {
	Status    int // HTTP status as documented; real traffic also shows 429 for rates
	Title     string
	Transient bool // the documentation advises a later retry
}

// Lookup returns the entry of a code, or of the documented range it is in.
func Lookup(code int) (Entry, bool) {
	if e, ok := codes[code]; ok {
		return e, true
	}
	for _, r := range ranges {
		if code >= r.from && code <= r.to {
			return r.entry, true
		}
	}
	return Entry{}, false
}

// ranges are families documented as a span of codes.
var ranges = []struct {
	from, to int
	entry    Entry
}{
	{200, 299, Entry{403, "Permission missing", false}},
	{131201, 131215, Entry{400, "Group request cannot be served", false}},
	{134100, 134101, Entry{400, "Marketing messages request cannot be served", false}},
	{138000, 138018, Entry{400, "Calling request cannot be served", false}},
	{139000, 139006, Entry{400, "Flow request cannot be served", false}},
	{139100, 139103, Entry{400, "Blocking users failed", false}},
	{147001, 147005, Entry{400, "Username request cannot be served", false}},
}

// codes follow the error table of the Cloud API (error-codes page, December
// 2025) and, where that names no status, what client libraries have seen.
var codes = map[int]Entry{
	0:       {401, "AuthException", false},
	1:       {400, "API Unknown", true},
	2:       {503, "API Service", true},
	3:       {500, "API Method", false},
	4:       {400, "Application request limit reached", true},
	10:      {403, "Permission Denied", false},
	33:      {400, "Parameter value is not valid", false},
	100:     {400, "Invalid parameter", false},
	190:     {401, "Access token has expired or is not valid", false},
	368:     {403, "Temporarily blocked for policies violations", false},
	2500:    {400, "Unknown path components", false},
	80007:   {400, "Rate limit issues", true},
	80008:   {400, "There have been too many calls to this WhatsApp Business account", true},
	130429:  {400, "Rate limit hit", true},
	130472:  {400, "User's number is part of an experiment", false},
	130497:  {403, "Business account is restricted from messaging users in this country", false},
	131000:  {500, "Something went wrong", false},
	131005:  {403, "Access denied", false},
	131008:  {400, "Required parameter is missing", false},
	131009:  {400, "Parameter value is not valid", false},
	131016:  {500, "Service unavailable", true},
	131020:  {400, "Group request cannot be served", false},
	131021:  {400, "Recipient cannot be sender", false},
	131026:  {400, "Message undeliverable", false},
	131030:  {400, "Recipient phone number not in allowed list", false},
	131031:  {403, "Account has been locked", false},
	131037:  {400, "Display name approval is needed before messages can be sent", false},
	131041:  {400, "Group request cannot be served", false},
	131042:  {400, "Business eligibility payment issue", false},
	131044:  {400, "Business eligibility payment issue for calling", false},
	131045:  {500, "Incorrect certificate", false},
	131047:  {400, "Re-engagement message", false},
	131048:  {400, "Spam rate limit hit", false},
	131049:  {400, "Message was not delivered to maintain healthy ecosystem engagement", false},
	131050:  {400, "User has stopped marketing messages from this business", false},
	131051:  {400, "Unsupported message type", false},
	131052:  {400, "Media download error", false},
	131053:  {400, "Media upload error", false},
	131055:  {400, "Method not allowed", false},
	131056:  {400, "Business account and consumer account pair rate limit hit", true},
	131057:  {500, "Account in maintenance mode", true},
	131059:  {400, "Group request cannot be served", false},
	131062:  {400, "User id recipients are not supported for this message", false},
	131063:  {400, "Marketing templates are disabled on this account", false},
	131064:  {400, "Messaging limit reached", false},
	132000:  {400, "Number of parameters does not match the expected number of params", false},
	132001:  {404, "Template name does not exist in the translation", false},
	132005:  {400, "Translated text too long", false},
	132007:  {400, "Format character policy violated", false},
	132008:  {400, "Template parameter value is not valid", false},
	132012:  {400, "Parameter format does not match format in the created template", false},
	132015:  {400, "Template is paused", false},
	132016:  {400, "Template is disabled", false},
	132068:  {400, "Flow is in blocked state", false},
	132069:  {400, "Flow is in throttled state", false},
	133000:  {500, "Incomplete deregistration", true},
	133004:  {503, "Server is temporarily unavailable", true},
	133005:  {400, "Two step verification PIN mismatch", false},
	133006:  {400, "Phone number re-verification needed", false},
	133008:  {400, "Too many two step verification PIN guesses", false},
	133009:  {400, "Two step verification PIN guessed too fast", false},
	133010:  {400, "Phone number not registered", false},
	133015:  {400, "Phone number was deleted a moment ago", true},
	133016:  {400, "Account register deregister rate limit exceeded", false},
	134011:  {400, "Payments terms of service have not been accepted", false},
	134102:  {500, "Marketing messages are unavailable", true},
	135000:  {400, "Generic user error", false},
	137000:  {400, "Recipient identity key hash does not match", false},
	2388001: {400, "Phone number cannot be migrated", false},
	2388012: {400, "Phone number cannot be migrated", false},
	2388019: {400, "Message template limit exceeded", false},
	2388040: {400, "Template field is too long", false},
	2388047: {400, "Template header is not valid", false},
	2388072: {400, "Template body is not valid", false},
	2388073: {400, "Template footer is not valid", false},
	2388091: {400, "Phone number cannot be migrated", false},
	2388093: {400, "Phone number cannot be migrated", false},
	2388103: {400, "Phone number cannot be migrated", false},
	2388293: {400, "Template has too many parameters for its length", false},
	2388299: {400, "Template starts or ends with a parameter", false},
	2494055: {400, "Rate limit hit", true},
	2494100: {400, "Phone number is in maintenance", true},
}
