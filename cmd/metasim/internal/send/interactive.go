package send

// Lengths and counts of Meta's interactive message pages.
const (
	maxInteractive = 1024
	maxHeader      = 60
	maxFooter      = 60
	maxLabel       = 20
	maxButtons     = 3
	maxButtonID    = 256
	maxSections    = 10
	maxRows        = 10 // over all sections
	maxRowID       = 200
	maxRowTitle    = 24
	maxRowText     = 72
	maxProducts    = 30 // over all sections
)

var header = member{name: "header", kind: object, of: []member{
	{name: "type", need: true, enum: []string{"text", "image", "video", "document"}},
	{name: "text", max: maxHeader},
	media("image"),
	media("video"),
	media("document", fileName),
}, check: headerContent}

var interactive = []member{
	{name: "type", need: true},
	header,
	{name: "body", kind: object, of: []member{{name: "text", need: true, max: maxText}}},
	{name: "footer", kind: object, of: []member{{name: "text", need: true, max: maxFooter}}},
	{name: "action", kind: anything, need: true},
}

// headerContent wants the member that the header's type names.
func headerContent(v any) *problem {
	o, _ := v.(map[string]any)
	if kind := text(o, "type"); o[kind] == nil || o[kind] == "" {
		return wrong(131008, "is required.").at(kind)
	}
	return nil
}

// layout is what one interactive type asks for beside its action.
type layout struct {
	noHeader, textHeader, needHeader bool
	noBody, longBody, noFooter       bool
	action                           []member
	rule                             func(action map[string]any) *problem
}

func named(name string, parameters ...member) []member {
	action := []member{{name: "name", need: true, enum: []string{name}}}
	if parameters == nil {
		return action
	}
	return append(action, member{name: "parameters", kind: object, need: true, of: parameters})
}

// layouts are the interactive types that can be sent.
var layouts = map[string]layout{
	"button":                   {action: buttonAction, rule: distinctButtons},
	"list":                     {textHeader: true, longBody: true, action: listAction, rule: rowRules},
	"cta_url":                  {action: ctaAction},
	"flow":                     {action: flowAction, rule: flowRules},
	"location_request_message": {noHeader: true, noFooter: true, action: named("send_location")},
	"address_message":          {action: addressAction},
	"product":                  {noHeader: true, noBody: true, action: productAction},
	"product_list":             {textHeader: true, needHeader: true, action: productListAction, rule: productRules},
	"catalog_message":          {noHeader: true, action: catalogAction},
	"carousel":                 {noHeader: true, noFooter: true, action: carouselAction},
	"call_permission_request":  {noHeader: true, action: named("call_permission_request")},
	"voice_call":               {noHeader: true, action: voiceCallAction},
	"order_details":            {action: orderAction("review_and_pay")},
	"order_status":             {noHeader: true, action: orderAction("review_order")},
}

func interactiveRules(v any) *problem {
	o, _ := v.(map[string]any)
	l, ok := layouts[text(o, "type")]
	if !ok {
		return wrong(131009, "is not an interactive type that can be sent.").at("type")
	}
	if p := l.frame(o); p != nil {
		return p
	}
	action, ok := o["action"].(map[string]any)
	if !ok {
		return wrong(100, "must be a JSON object.").at("action")
	}
	if p := walk(action, l.action); p != nil {
		return p.at("action")
	}
	if l.rule == nil {
		return nil
	}
	if p := l.rule(action); p != nil {
		return p.at("action")
	}
	return nil
}

// frame checks header, body and footer.
func (l layout) frame(o map[string]any) *problem {
	head, _ := o["header"].(map[string]any)
	switch {
	case head != nil && l.noHeader:
		return wrong(131009, "is not allowed for this interactive type.").at("header")
	case head == nil && l.needHeader:
		return wrong(131008, "is required.").at("header")
	case head != nil && l.textHeader && text(head, "type") != "text":
		return wrong(131009, "must be text for this interactive type.").at("type").at("header")
	case o["footer"] != nil && l.noFooter:
		return wrong(131009, "is not allowed for this interactive type.").at("footer")
	}
	body, _ := o["body"].(map[string]any)
	if body == nil && !l.noBody {
		return wrong(131008, "is required.").at("body")
	}
	short := member{name: "text", max: maxInteractive}
	if p := short.acceptString(text(body, "text")); p != nil && !l.longBody {
		return p.at("text").at("body")
	}
	return nil
}
