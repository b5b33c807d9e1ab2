package template

import "github.com/go-json-experiment/json/jsontext"

// Defaults returns a fresh set to start with: one template for each thing a
// sender has to get right.
func Defaults() []*Template {
	return []*Template{
		{Name: "order_update", Language: "en_US", Category: Utility, Status: Approved, Components: jsontext.Value(
			`[{"type":"BODY","text":"Your order {{1}} is on its way to you.","example":{"body_text":[["4711"]]}}]`)},
		{Name: "order_update", Language: "de", Category: Utility, Status: Approved, Components: jsontext.Value(
			`[{"type":"BODY","text":"Ihre Bestellung {{1}} ist unterwegs zu Ihnen.","example":{"body_text":[["4711"]]}}]`)},
		{Name: "spring_offer", Language: "en_US", Category: Marketing, Status: Approved, Components: jsontext.Value(
			`[{"type":"BODY","text":"Hello {{1}}, our spring offers are here.","example":{"body_text":[["Ana"]]}},` +
				`{"type":"FOOTER","text":"Reply STOP to end these messages"},` +
				`{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Stop promotions"}]}]`)},
		{Name: "login_code", Language: "en_US", Category: Authentication, Status: Approved, Components: jsontext.Value(
			`[{"type":"BODY","add_security_recommendation":true},{"type":"FOOTER","code_expiration_minutes":10},` +
				`{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copy code"}]}]`)},
		{Name: "parcel_photo", Language: "en_US", Category: Utility, Status: Approved, Components: jsontext.Value(
			`[{"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::aW"]}},` +
				`{"type":"BODY","text":"Parcel {{1}} was left at {{2}} today.","example":{"body_text":[["4711","the door"]]}},` +
				`{"type":"BUTTONS","buttons":[{"type":"URL","text":"Track","url":"https://shop.example/track/{{1}}","example":["4711"]},` +
				`{"type":"QUICK_REPLY","text":"Not mine"}]}]`)},
		{Name: "appointment", Language: "en_US", Category: Utility, Status: Approved, Format: Named, Components: jsontext.Value(
			`[{"type":"BODY","text":"Hello {{first_name}}, your visit is on {{visit_day}} as agreed.",` +
				`"example":{"body_text_named_params":[{"param_name":"first_name","example":"Ana"},{"param_name":"visit_day","example":"May 1"}]}}]`)},
		{Name: "paused_notice", Language: "en_US", Category: Utility, Status: Paused, Components: jsontext.Value(
			`[{"type":"BODY","text":"This notice is paused."}]`)},
		{Name: "disabled_notice", Language: "en_US", Category: Utility, Status: Disabled, Components: jsontext.Value(
			`[{"type":"BODY","text":"This notice is disabled."}]`)},
		{Name: "rejected_notice", Language: "en_US", Category: Marketing, Status: Rejected, Reason: "PROMOTIONAL", Components: jsontext.Value(
			`[{"type":"BODY","text":"This notice was rejected."}]`)},
	}
}
