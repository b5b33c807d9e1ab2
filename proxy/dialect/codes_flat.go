package dialect

import "strconv"

// flatTitles are the titles of the On-Premises API's error codes.
var flatTitles = map[int]string{
	400:  "Media download error",
	402:  "Business eligibility - Payment issue",
	408:  "Message is not valid",
	410:  "Message expired",
	429:  "Rate limit hit",
	430:  "Unsigned certificate",
	432:  "Certificate id mismatch",
	433:  "Certificate signature is invalid",
	470:  "Re-engagement message",
	471:  "Spam rate limit hit",
	472:  "User's number is part of an experiment",
	480:  "User potentially changed",
	500:  "Generic error",
	501:  "Message type is not currently supported",
	1000: "Generic error",
	1001: "Message too long",
	1002: "Invalid recipient type",
	1003: "Not a group participant",
	1004: "Resource already exists",
	1005: "Access denied",
	1006: "Resource not found",
	1007: "Recipient blocked to receive message",
	1008: "Required parameter is missing",
	1009: "Parameter value is not valid",
	1010: "Parameter is not required",
	1011: "Service not ready",
	1012: "Group is unknown",
	1013: "User is not valid",
	1014: "Internal error",
	1015: "Too many requests",
	1016: "System overloaded",
	1017: "Not Primary Master",
	1018: "Not Primary Coreapp",
	1019: "Not group admin",
	1020: "Bad group",
	1021: "Bad User",
	1022: "Webhooks URL is not configured",
	1023: "Database error occurred",
	1024: "Password Change Required",
	1025: "Invalid request",
	1026: "Receiver incapable",
	1028: "Identity change must be acknowledged",
	1031: "Sender account has been locked",
	2000: "Template Param Count Mismatch",
	2001: "Template Missing",
	2002: "Template Fetch Failed",
	2003: "Template Pack Missing",
	2004: "Template Param Length Too Long",
	2005: "Template Hydrated Text Too Long",
	2006: "Template White Space Policy Violated",
	2007: "Template Format Character Policy Violated",
	2008: "Template Media Format Unsupported",
	2009: "Template Required Component Missing",
	2010: "Template Invalid Hydrated Url",
	2011: "Template Invalid Phone Number",
	2012: "Template Parameter Format Mismatch",
	2013: "Template Buttons Unsupported",
	2014: "Expected Namespace Is Empty",
	2015: "Invalid Number Of Sections",
	2016: "Invalid Number Of Rows",
	2017: "Character Policy Violated",
	2036: "Invalid Header Structure",
	2050: "Missing Compliance Info",
	2060: "Template Is Rejected",
	2061: "Template Is Paused",
	2062: "Template Is Disabled",
	2064: "Flow Id Is Invalid",
	2065: "Flow Message Version Is Invalid",
	2066: "Flow Mode Is Invalid",
	2067: "Flow Draft Mode Is Not Allowed",
	2068: "Flow Is Blocked",
	2069: "Flow Is Throttled",
	2070: "Flow Version Is Invalid",
}

// flatTitle is never empty: one published client sees a failure only by it.
func flatTitle(code int) string {
	if t := flatTitles[code]; t != "" {
		return t
	}
	return "Generic error"
}

// flatCode is an On-Premises code, with the status of an answer to a request
// and the code where a webhook uses another.
type flatCode struct{ code, status, webhook int }

// upstreamCodes maps Cloud codes to On-Premises ones. 131049 and 131050 have
// no equivalent and must not look retryable. Upstream refusing the gateway's
// own token (0, 190) is the gateway's trouble: clients must not log in again.
var upstreamCodes = map[int]flatCode{
	0: {1014, 500, 500}, 190: {1014, 500, 500},
	3: {1005, 403, 1005}, 10: {1005, 403, 1005}, 131005: {1005, 403, 1005},
	4: {1015, 429, 429}, 80007: {1015, 429, 429}, 130429: {1015, 429, 429}, 131056: {1015, 429, 429},
	131048: {471, 429, 471}, 131064: {471, 429, 471},
	1: {1000, 500, 500}, 131000: {1000, 500, 500}, 135000: {1000, 500, 500},
	2: {1016, 503, 1016}, 131016: {1016, 503, 1016}, 131057: {1016, 503, 1016}, 133004: {1016, 503, 1016},
	33: {1011, 500, 1011}, 133010: {1011, 500, 1011},
	100: {1009, 400, 1009}, 131009: {1009, 400, 1009}, 131008: {1008, 400, 1008}, 131021: {1021, 400, 1021},
	131026: {1013, 400, 1026}, 131030: {1013, 400, 1026}, 131062: {1013, 400, 1026}, 130472: {472, 400, 472},
	131031: {1031, 403, 1031}, 368: {1031, 403, 1031}, 130497: {1031, 403, 1031},
	131042: {402, 400, 402}, 131043: {410, 400, 410}, 131045: {430, 500, 430}, 131047: {470, 400, 470},
	131049: {1000, 400, 1000}, 131050: {1000, 400, 1000}, 131051: {501, 400, 501},
	131052: {400, 400, 400}, 131053: {1009, 400, 1009},
	132000: {2000, 400, 2000}, 132001: {2001, 404, 2001}, 132005: {2005, 400, 2005}, 132007: {2007, 400, 2007},
	132012: {2012, 400, 2012}, 132015: {2061, 400, 2061}, 132016: {2062, 400, 2062},
	132068: {2068, 400, 2068}, 132069: {2069, 400, 2069},
	133005: {1005, 403, 1005}, 133006: {1005, 403, 1005},
	133008: {1015, 429, 1015}, 133009: {1015, 429, 1015}, 133015: {1015, 429, 1015}, 133016: {1015, 429, 1015},
	137000: {1028, 400, 480},
}

// cloudNote adds to a text what the On-Premises code cannot say.
func cloudNote(code, cloud int, text string) string {
	if code == 1000 {
		text = "Cloud API code " + strconv.Itoa(cloud) + ": " + text
	}
	if cloud == 131050 {
		text = "policy:opted_out: " + text
	}
	return text
}

// flatOf maps any Cloud code. Most On-Premises codes are the last four digits
// of the Cloud code; that regularity is only the fallback.
func flatOf(code int) flatCode {
	if f, ok := upstreamCodes[code]; ok {
		return f
	}
	if code >= 200 && code <= 299 {
		return flatCode{1005, 403, 1005}
	}
	if _, ok := flatTitles[code-130000]; ok && code >= 130000 {
		return flatCode{code - 130000, 400, code - 130000}
	}
	return flatCode{1000, 500, 1000}
}
