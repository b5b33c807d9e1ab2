package dialect

import (
	"strconv"
	"strings"
	"time"
)

// metaJSON is what old clients are told of API and version.
const metaJSON = `{"api_status":"stable","version":"2.53.2"}`

// EncodeProblem writes a refusal in the words of a dialect: status, headers
// beside Content-Type, body. It is the only place where problems become wire
// errors. Retry-After is set for rate limits and, in the old dialects, for
// overload: elsewhere it would turn "do not retry" into "retry later".
func EncodeProblem(d Dialect, p *Problem) (status int, header map[string]string, body []byte) {
	if p == nil {
		p = &Problem{}
	}
	if p.Kind == Policy && p.Reason == "" {
		c := *p
		c.Reason = "policy_error"
		p = &c
	}
	header = map[string]string{"Content-Type": "application/json"}
	if p.Reason != "" {
		header["X-Postern-Reason"] = p.Reason
	}
	switch {
	case (d == D360V1 || d == D360V2) && (p.Kind == Unauthenticated || p.Kind == Blocked || p.Stranger):
		status, body = d360Problem(d, p)
	case d.Flat():
		status, body = flatProblem(p)
	default:
		status, body = cloudProblem(p)
	}
	if s := retryAfter(p, status); s != "" {
		header["Retry-After"] = s
	}
	return status, header, body
}

// codesOf is the row of the tables for a problem.
func codesOf(p *Problem) answer {
	if p.Kind == Policy {
		if a, ok := policyAnswers[p.Reason]; ok {
			return a
		}
	}
	if a, ok := answers[p.Kind]; ok {
		return a
	}
	return answers[Internal]
}

// retryAfter is whole seconds, rounded up, for statuses that may carry it. Of
// upstream's refusals only upstream knows when they end.
func retryAfter(p *Problem, status int) string {
	if status != 429 && status != 503 || p.Kind == Policy || p.Kind == UpstreamRefused && p.RetryAfter == 0 {
		return ""
	}
	s := int64((p.RetryAfter + time.Second - 1) / time.Second)
	if s < 1 {
		s = 1
	}
	return strconv.FormatInt(s, 10)
}

// details is the sentence people read. Policy refusals begin with their reason
// and end with the next instant at which the send would be allowed.
func details(p *Problem) string {
	var b strings.Builder
	if p.Reason != "" && !strings.HasPrefix(p.Details, "policy:") {
		b.WriteString("policy:" + p.Reason)
		if p.Details != "" {
			b.WriteString(": ")
		}
	}
	if p.Param != "" && p.Reason == "" {
		b.WriteString("Parameter '" + p.Param + "': ")
	}
	b.WriteString(p.Details)
	if !p.Next.IsZero() {
		b.WriteString(" Next allowed: " + p.Next.UTC().Format(time.RFC3339) + ".")
	}
	return b.String()
}

func cloudProblem(p *Problem) (int, []byte) {
	if p.Kind == UpstreamRefused && p.Upstream != nil {
		return cloudUpstream(p)
	}
	a := codesOf(p)
	e := UpstreamError{Status: a.cloudStatus, Code: a.cloudCode, Details: details(p), Trace: p.Trace, Transient: a.transient}
	e.Message = "(#" + strconv.Itoa(e.Code) + ") " + cloudRow(e.Code).Title
	switch {
	case p.Kind == Unsupported && p.Param == "":
		e.Code, e.Message = 100, "(#100) This call is not offered by this version of the gateway"
	case p.Kind == NotFound:
		e.Message = "Unsupported request: the object or path does not exist, or is not offered here"
		e.Subcode = 33
	}
	return a.cloudStatus, encodeGraphError(&e)
}

// cloudUpstream hands upstream's error on, except for what concerns the
// gateway's own credentials: an app told 190 would renew a token that is fine.
func cloudUpstream(p *Problem) (int, []byte) {
	u := *p.Upstream
	if u.Refused() {
		return 500, encodeGraphError(&UpstreamError{
			Code: 131016, Message: "(#131016) " + cloudRow(131016).Title, Trace: u.Trace, Details: credentialRefused})
	}
	row := cloudRow(u.Code)
	if u.Status < 400 {
		u.Status = row.Status
	}
	if u.Message == "" && row.Title != "" {
		u.Message = "(#" + strconv.Itoa(u.Code) + ") " + row.Title
	}
	u.Details = hinted(or(u.Details, u.Message), u.Code, p.Param)
	return cloudStatus(u.Status), encodeGraphError(&u)
}

// credentialRefused is what apps read when upstream refuses the gateway's own
// token: nothing of theirs is wrong.
const credentialRefused = "Upstream refused the gateway's own credential; the gateway's operators must renew its access token."

func encodeGraphError(e *UpstreamError) []byte {
	out := append([]byte(`{"error":{"message":`), appendText(nil, or(e.Message, "(#"+strconv.Itoa(e.Code)+")"))...)
	out = appendText(append(out, `,"type":`...), or(e.Type, "OAuthException"))
	out = strconv.AppendInt(append(out, `,"code":`...), int64(e.Code), 10)
	out = appendText(append(out, `,"error_data":{"messaging_product":"whatsapp","details":`...), or(e.Details, e.Message))
	out = append(out, '}')
	if e.Subcode != 0 {
		out = strconv.AppendInt(append(out, `,"error_subcode":`...), int64(e.Subcode), 10)
	}
	out = appendMember(out, "error_user_title", e.UserTitle)
	out = appendMember(out, "error_user_msg", e.UserMessage)
	out = strconv.AppendBool(append(out, `,"is_transient":`...), e.Transient)
	out = appendText(append(out, `,"fbtrace_id":`...), or(e.Trace, "none"))
	return append(out, '}', '}')
}

func flatProblem(p *Problem) (int, []byte) {
	if u := p.Upstream; p.Kind == UpstreamRefused && u != nil {
		f := flatRefusal(u)
		text := cloudNote(f.Code, u.Code, hinted(or(u.Details, u.Message), u.Code, p.Param))
		if u.Refused() {
			f, text = flatOf(190), credentialRefused
		}
		return f.Status, encodeFlatError(f.Code, text)
	}
	a := codesOf(p)
	text := details(p)
	if p.Kind == Unauthenticated {
		text = or(p.Details, "Invalid credentials.")
	}
	if p.Kind == Unsupported && p.Param == "" {
		return 501, encodeFlatError(1000, text)
	}
	return a.flatStatus, encodeFlatError(a.flatCode, text)
}

// flatRefusal is upstream's refusal in the old API. Where that has no code for
// it the status still tells an app's mistake from a failure: an app would try
// again after a 500.
func flatRefusal(u *UpstreamError) flatCode {
	f := flatOf(u.Code)
	if f.Code == genericError && cloudRow(u.Code).OnPrem == nil && u.Status >= 400 && u.Status < 500 && u.Status != 429 {
		f.Status = 400
	}
	return f
}

func encodeFlatError(code int, details string) []byte {
	out := append([]byte(`{"errors":[`), flatError(nil, code, flatTitle(code), details)...)
	return append(append(append(out, `],"meta":`...), metaJSON...), '}')
}

const errorsHref = "https://developers.facebook.com/docs/whatsapp/api/errors/"

func flatError(out []byte, code int, title, details string) []byte {
	out = strconv.AppendInt(append(out, `{"code":`...), int64(code), 10)
	out = appendMember(out, "title", title)
	out = appendMember(out, "details", details)
	return append(appendMember(out, "href", errorsHref), '}')
}

// d360Problem is 360dialog's own shape. Its documentation gives httpCode 404
// with status 401 for a bad key; clients read the status.
func d360Problem(d Dialect, p *Problem) (int, []byte) {
	status, code, text := 401, 404, "Invalid api_key or token expired"
	switch p.Kind {
	case Unauthenticated:
	case Blocked:
		status, code, text = 403, 403, or(p.Details, "This URL is blocked.")
	default:
		status = codesOf(p).cloudStatus
		if d.Flat() {
			status = codesOf(p).flatStatus
		}
		code, text = status, p.Details
	}
	out := strconv.AppendInt([]byte(`{"meta":{"httpCode":`), int64(code), 10)
	return status, append(appendMember(out, "developerMessage", text), `,"success":false}}`...)
}
