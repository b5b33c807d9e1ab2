package dialect

import "strings"

// Pieces that several interactive kinds share, with Meta's limits.
var (
	textOnly = &shape{form: formObject, disc: "type", long: Invalid, variant: map[string]*shape{
		"text": object(req("type", words("text")), req("text", phrase(60)))}}
	anyHeader = &shape{form: formObject, disc: "type", long: Invalid, variant: map[string]*shape{
		"text":     object(req("type", words("text")), req("text", phrase(60))),
		"image":    object(req("type", words("image")), req("image", imageShape)),
		"video":    object(req("type", words("video")), req("video", videoShape)),
		"document": object(req("type", words("document")), req("document", documentShape))}}
	footer = opt("footer", object(req("text", phrase(60))))
)

func body(limit int) *shape { return object(req("text", phrase(limit))) }

// kind is one interactive kind: header, body, footer and action where it has them.
func kind(name string, members ...member) *shape {
	return object(append([]member{req("type", words(name))}, members...)...)
}

func action(members ...member) member { return req("action", object(members...)) }

func named(name string, params *shape) member {
	return action(req("name", words(name)), req("parameters", params))
}

var interactiveShape = &shape{form: formObject, disc: "type", long: Unsupported, check: noteKind, variant: map[string]*shape{
	"button": kind("button", opt("header", anyHeader), req("body", body(1024)), footer,
		action(req("buttons", array(replyButton, 1, 3)))),
	"list": kind("list", opt("header", textOnly), req("body", body(4096)), footer,
		action(req("button", label(20)), req("sections", array(listSection, 1, 10).withCheck(tenRows)))),
	"product": kind("product", opt("body", body(1024)), footer,
		action(req("catalog_id", token(128)), req("product_retailer_id", token(256)))),
	"product_list": kind("product_list", req("header", textOnly), req("body", body(1024)), footer,
		action(req("catalog_id", token(128)), req("sections", array(productSection, 1, 10).withCheck(thirtyItems)))),
	"catalog_message": kind("catalog_message", opt("body", body(1024)), footer,
		action(req("name", words("catalog_message")),
			opt("parameters", object(opt("thumbnail_product_retailer_id", token(256)))))),
	"cta_url": kind("cta_url", opt("header", anyHeader), req("body", body(1024)), footer,
		named("cta_url", object(req("display_text", label(20)), req("url", link())))),
	"flow": kind("flow", opt("header", anyHeader), req("body", body(1024)), footer,
		named("flow", flowParameters)),
	"location_request_message": kind("location_request_message", req("body", body(1024)), footer,
		action(req("name", words("send_location")), ign("parameters"))), // a published client repeats the body there
	"address_message": kind("address_message", opt("header", anyHeader), req("body", body(1024)), footer,
		named("address_message", object(req("country", phrase(60)), opt("values", anyJSON),
			opt("saved_addresses", anyJSON), opt("validation_errors", anyJSON)))),
	"carousel": kind("carousel", req("body", body(1024)),
		action(req("cards", array(cardShape, 2, 10)))),
}}

func noteKind(w *walk, n int32) *Problem {
	w.m.Sub = strings.ToLower(w.t.str(n, "type"))
	return nil
}

var replyButton = object(
	req("type", words("reply")),
	req("reply", object(req("id", label(256)), req("title", label(20)))))

var listSection = object(
	opt("title", &shape{role: rolePhrase, max: 24, trim: true}),
	req("rows", array(object(req("id", label(200)), req("title", label(24)), opt("description", &shape{role: rolePhrase, max: 72})), 1, 10)))

var productSection = object(
	opt("title", &shape{role: rolePhrase, max: 24, trim: true}),
	req("product_items", array(object(req("product_retailer_id", token(256))), 1, 30)))

var flowParameters = object(
	req("flow_message_version", &shape{role: roleToken, numeric: true, min: 1, max: 10, ident: true}),
	opt("flow_token", phrase(1024)),
	opt("flow_id", token(64)),
	opt("flow_name", phrase(200)),
	req("flow_cta", label(30)),
	opt("mode", words("draft", "published")),
	opt("flow_action", words("navigate", "data_exchange")),
	opt("flow_action_payload", object(opt("screen", phrase(200)), opt("data", anyJSON))),
).withCheck(oneFlow)

func oneFlow(w *walk, n int32) *Problem {
	if (w.t.str(n, "flow_id") == "") == (w.t.str(n, "flow_name") == "") {
		return w.at(Missing, "flow_id", "Exactly one of flow_id and flow_name is needed.")
	}
	return nil
}

// tenRows holds the list limit over all sections; several sections need titles.
func tenRows(w *walk, n int32) *Problem {
	return w.sections(n, "rows", 10)
}

func thirtyItems(w *walk, n int32) *Problem {
	return w.sections(n, "product_items", 30)
}

func (w *walk) sections(n int32, name string, most int) *Problem {
	total, many := 0, w.t.count(n) > 1
	for c := w.t.nodes[n].first; c != none; c = w.t.nodes[c].next {
		total += w.t.count(w.t.child(c, name))
		if many && w.t.str(c, "title") == "" {
			return w.at(Missing, "title", "With more than one section every section needs a title.")
		}
	}
	if total > most {
		return w.at(Invalid, name, "There are too many entries over all sections.")
	}
	return nil
}

var cardHeader = &shape{form: formObject, disc: "type", long: Invalid, variant: map[string]*shape{
	"image": object(req("type", words("image")), req("image", imageShape)),
	"video": object(req("type", words("video")), req("video", videoShape))}}

// cardShape is a card of either kind; cards of a carousel with quick replies
// are of type cta_url too.
var cardShape = object(
	opt("card_index", integer),
	req("type", words("cta_url", "product")),
	opt("header", cardHeader),
	opt("body", body(160)),
	req("action", object(
		opt("name", words("cta_url")),
		opt("parameters", object(req("display_text", label(20)), req("url", link()))),
		opt("product_retailer_id", token(256)),
		opt("catalog_id", token(128)),
		opt("buttons", array(cardButton, 1, 3)),
	).withCheck(cardAction)))

var cardButton = object(
	req("type", words("quick_reply")),
	req("quick_reply", object(req("id", label(256)), req("title", label(20)))))

func cardAction(w *walk, n int32) *Problem {
	given := 0
	for _, name := range []string{"parameters", "product_retailer_id", "buttons"} {
		if c := w.t.child(n, name); w.t.is(c, '{') && w.t.nodes[c].first != none || w.t.is(c, '[') || w.t.str(c) != "" {
			given++
		}
	}
	if given != 1 {
		return w.at(Missing, "parameters", "A card needs exactly one of parameters, product_retailer_id and buttons.")
	}
	return nil
}
