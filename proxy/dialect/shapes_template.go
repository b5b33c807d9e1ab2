package dialect

import (
	"strconv"
	"strings"
)

var templateShape = object(
	req("name", &shape{min: 1, max: 512, ident: true}),
	req("language", object(req("code", &shape{min: 2, max: 15, ident: true}), ign("policy"))),
	opt("components", array(componentShape, 0, 20)),
	ign("namespace"),
).withCheck(checkTemplate)

// checkTemplate fills in what the old dialects let people leave out.
func checkTemplate(w *walk, n int32) *Problem {
	if w.strict {
		return nil
	}
	return w.fillIndex(w.t.child(n, "components"))
}

// fillIndex gives the one button that lacks an index the index "0", as the
// On-Premises API did; with two it would have to guess.
func (w *walk) fillIndex(list int32) *Problem {
	if list == none {
		return nil
	}
	lacking, zero := none, false
	for c := w.t.nodes[list].first; c != none; c = w.t.nodes[c].next {
		if strings.ToLower(w.t.str(c, "type")) != "button" {
			continue
		}
		index := w.t.str(c, "index")
		zero = zero || index == "0"
		if index == "" && lacking == none {
			lacking = c
		} else if index == "" {
			return w.at(TemplateFormat, "components", "More than one button component lacks its index.")
		}
	}
	switch {
	case lacking == none:
		return nil
	case zero:
		return w.at(TemplateFormat, "components", "A button component lacks its index and index 0 is taken.")
	}
	w.t.drop(w.t.child(lacking, "index"))
	w.t.add(lacking, "index", '"', "0")
	return nil
}

func component(name string, members ...member) *shape {
	return object(append([]member{req("type", words(name))}, members...)...)
}

func parameters(lo, hi int) member { return opt("parameters", array(parameterShape, lo, hi)) }

var subTypes = words("quick_reply", "url", "flow", "catalog", "copy_code", "mpm", "spm", "voice_call", "phone_number", "otp", "order_details")

var buttonComponent = component("button",
	req("sub_type", subTypes),
	req("index", &shape{numeric: true, min: 1, max: 2, ident: true, check: smallNumber}),
	parameters(0, 10))

func smallNumber(w *walk, n int32) *Problem {
	if i, err := strconv.ParseUint(w.t.nodes[n].text, 10, 8); err != nil || i > 19 {
		return w.at(Invalid, "", "The index must be a whole number from 0 to 19.")
	}
	return nil
}

var plainComponents = map[string]*shape{
	"header": component("header", ign("index"), parameters(0, 1)),
	"body":   component("body", ign("index"), parameters(0, 100)),
	"footer": component("footer", ign("index"), parameters(0, 10)),
	"button": buttonComponent,
}

var componentShape = &shape{form: formObject, disc: "type", long: TemplateFormat, variant: map[string]*shape{
	"header":             plainComponents["header"],
	"body":               plainComponents["body"],
	"footer":             plainComponents["footer"],
	"button":             buttonComponent,
	"limited_time_offer": component("limited_time_offer", ign("index"), parameters(1, 1)),
	"carousel": component("carousel", ign("index"), ign("parameters"), req("cards", array(object(
		req("card_index", integer),
		req("components", array(&shape{form: formObject, disc: "type", long: TemplateFormat, variant: plainComponents}, 1, 20)),
	), 1, 10))),
}}

func param(kind string, members ...member) *shape {
	return object(append([]member{req("type", words(kind))}, members...)...)
}

func paramName() member { return opt("parameter_name", &shape{min: 1, max: 100, ident: true}) }

// fallback values stand in for what the phone formats itself.
func fallback() member { return req("fallback_value", phrase(1024)) }

var productAction = object(
	opt("thumbnail_product_retailer_id", token(256)),
	opt("sections", array(productSection, 1, 10)),
	opt("flow_token", phrase(1024)),
	opt("flow_action_data", anyJSON))

var parameterShape = &shape{form: formObject, disc: "type", long: TemplateFormat, variant: map[string]*shape{
	"text": param("text", paramName(), req("text", phrase(4096))),
	"currency": param("currency", paramName(), req("currency", object(
		fallback(), req("code", &shape{min: 3, max: 3, ident: true}), req("amount_1000", &shape{form: formInteger, numeric: true})))),
	"date_time": param("date_time", paramName(), req("date_time", object(fallback(),
		opt("day_of_week", anyJSON), opt("year", integer), opt("month", integer), opt("day_of_month", integer),
		opt("hour", integer), opt("minute", integer), opt("calendar", &shape{min: 1, max: 20, ident: true}), opt("timestamp", integer)))),
	"image":       param("image", req("image", imageShape)),
	"video":       param("video", req("video", videoShape)),
	"document":    param("document", req("document", documentShape)),
	"location":    param("location", req("location", locationShape)),
	"payload":     param("payload", req("payload", phrase(512))),
	"action":      param("action", req("action", productAction)),
	"coupon_code": param("coupon_code", req("coupon_code", phrase(20))),
	"limited_time_offer": param("limited_time_offer", req("limited_time_offer", object(
		req("expiration_time_ms", integer)))),
	"product": param("product", req("product", object(
		req("product_retailer_id", token(256)), req("catalog_id", token(128))))),
}}
