package dialect

// cloudTitles are the short messages of Graph error codes the gateway itself
// may answer with.
var cloudTitles = map[int]string{
	1:      "API Unknown",
	2:      "Service temporarily unavailable",
	4:      "Application request limit reached",
	10:     "Application does not have permission for this action",
	100:    "Invalid parameter",
	190:    "Invalid OAuth access token",
	368:    "Temporarily blocked for policies violations",
	130429: "Rate limit hit",
	130497: "Business account is restricted from messaging users in this country",
	131000: "Something went wrong",
	131008: "Required parameter is missing",
	131009: "Parameter value is not valid",
	131016: "Service unavailable",
	131047: "Re-engagement message",
	131049: "This message was not delivered to maintain healthy ecosystem engagement",
	131050: "User has stopped marketing messages from this business",
	131051: "Unsupported message type",
	131056: "(Business Account, Consumer Account) pair rate limit hit",
	132000: "Number of parameters does not match the expected number of params",
	132001: "Template name does not exist in the translation",
	132012: "Parameter format does not match format in the created template",
	132015: "Template is paused",
	132016: "Template is disabled",
	137000: "User identity key hash does not match",
}

// cloudStatus is the status a Cloud client is given for upstream's status:
// only those whose body published clients read, and 429 for rate limits.
func cloudStatus(status int) int {
	switch {
	case status == 400, status == 401, status == 403, status == 404, status == 429, status == 500:
		return status
	case status >= 500:
		return 500
	}
	return 400
}
