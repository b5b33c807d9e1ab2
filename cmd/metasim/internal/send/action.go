package send

// Schemas of interactive.action and the rules that look across members.

var buttonAction = []member{{name: "buttons", kind: list, need: true, min: 1, max: maxButtons, of: []member{
	{name: "type", need: true, enum: []string{"reply"}},
	{name: "reply", kind: object, need: true, of: []member{
		{name: "id", need: true, max: maxButtonID},
		{name: "title", need: true, max: maxLabel},
	}},
}}}

var listAction = []member{
	{name: "button", need: true, max: maxLabel},
	{name: "sections", kind: list, need: true, min: 1, max: maxSections, of: []member{
		{name: "title", max: maxRowTitle},
		{name: "rows", kind: list, need: true, min: 1, max: maxRows, of: []member{
			{name: "id", need: true, max: maxRowID},
			{name: "title", need: true, max: maxRowTitle},
			{name: "description", max: maxRowText},
		}},
	}},
}

var ctaAction = named("cta_url",
	member{name: "display_text", need: true, max: maxLabel},
	member{name: "url", need: true, check: webLink})

var flowAction = named("flow",
	member{name: "flow_message_version", need: true, enum: []string{"3"}},
	member{name: "flow_id"}, member{name: "flow_name"}, member{name: "flow_token"},
	member{name: "flow_cta", need: true, max: maxLabel},
	member{name: "mode", enum: []string{"draft", "published"}},
	member{name: "flow_action", enum: []string{"navigate", "data_exchange"}},
	member{name: "flow_action_payload", kind: object, of: []member{
		{name: "screen"}, {name: "data", kind: anything},
	}})

var addressAction = named("address_message",
	member{name: "country", need: true, max: 2},
	member{name: "values", kind: anything},
	member{name: "saved_addresses", kind: anything},
	member{name: "validation_errors", kind: anything})

var productAction = []member{
	{name: "catalog_id", need: true},
	{name: "product_retailer_id", need: true},
}

var productListAction = []member{
	{name: "catalog_id", need: true},
	{name: "sections", kind: list, need: true, min: 1, max: maxSections, of: []member{
		{name: "title", max: maxRowTitle},
		{name: "product_items", kind: list, need: true, min: 1, max: maxProducts, of: []member{
			{name: "product_retailer_id", need: true},
		}},
	}},
}

var catalogAction = []member{
	{name: "name", need: true, enum: []string{"catalog_message"}},
	{name: "parameters", kind: object, of: strs("thumbnail_product_retailer_id")},
}

var voiceCallAction = []member{
	{name: "name", need: true, enum: []string{"voice_call"}},
	{name: "parameters", kind: object, of: []member{
		{name: "display_text", max: maxLabel}, {name: "ttl_minutes", kind: number}, {name: "payload"},
	}},
}

func orderAction(name string) []member {
	return []member{
		{name: "name", need: true, enum: []string{name}},
		{name: "parameters", kind: anything, need: true},
	}
}

var carouselAction = []member{{name: "cards", kind: list, need: true, min: 2, max: maxCards, of: []member{
	{name: "card_index", kind: number, need: true, check: buttonIndex},
	{name: "type", need: true, enum: []string{"cta_url", "product"}},
	header,
	{name: "body", kind: object, of: []member{{name: "text", need: true, max: 160}}},
	{name: "action", kind: object, need: true, of: append([]member{
		{name: "name", enum: []string{"cta_url"}},
		{name: "parameters", kind: object, of: []member{
			{name: "display_text", need: true, max: maxLabel},
			{name: "url", need: true, check: webLink},
		}}, cardReplies}, strs("catalog_id", "product_retailer_id")...)},
}}}

var cardReplies = member{name: "buttons", kind: list, min: 1, max: maxButtons, of: []member{
	{name: "type", need: true, enum: []string{"quick_reply"}},
	{name: "quick_reply", kind: object, need: true, of: []member{
		{name: "id", need: true, max: maxButtonID},
		{name: "title", need: true, max: maxLabel},
	}},
}}

// entries returns the objects of a list, over all lists of that name one
// level below when outer is given.
func entries(o map[string]any, outer, inner string) []map[string]any {
	var found []map[string]any
	groups, _ := o[outer].([]any)
	for _, group := range groups {
		g, ok := group.(map[string]any)
		if !ok {
			continue
		}
		if inner == "" {
			found = append(found, g)
			continue
		}
		found = append(found, entries(g, inner, "")...)
	}
	return found
}

func distinct(path string, objects []map[string]any, name string) *problem {
	seen := make(map[string]bool, len(objects))
	for _, o := range objects {
		value := text(o, name)
		if seen[value] {
			return wrong(131009, "must be different in each entry.").at(name).at(path)
		}
		seen[value] = true
	}
	return nil
}

func distinctButtons(action map[string]any) *problem {
	var replies []map[string]any
	for _, button := range entries(action, "buttons", "") {
		reply, _ := button["reply"].(map[string]any)
		replies = append(replies, reply)
	}
	if p := distinct("buttons", replies, "id"); p != nil {
		return p
	}
	return distinct("buttons", replies, "title")
}

func rowRules(action map[string]any) *problem {
	rows := entries(action, "sections", "rows")
	if len(rows) > maxRows {
		return wrong(131009, "may hold at most %d rows together.", maxRows).at("sections")
	}
	if p := sectionTitles(action); p != nil {
		return p
	}
	return distinct("sections", rows, "id")
}

// sectionTitles: with more than one section each needs a title.
func sectionTitles(action map[string]any) *problem {
	sections := entries(action, "sections", "")
	for _, section := range sections {
		if len(sections) > 1 && text(section, "title") == "" {
			return wrong(131008, "is required with more than one section.").at("title").at("sections")
		}
	}
	return nil
}

func productRules(action map[string]any) *problem {
	if len(entries(action, "sections", "product_items")) > maxProducts {
		return wrong(131009, "may hold at most %d products together.", maxProducts).at("sections")
	}
	return sectionTitles(action)
}

func flowRules(action map[string]any) *problem {
	parameters, _ := action["parameters"].(map[string]any)
	if (text(parameters, "flow_id") == "") == (text(parameters, "flow_name") == "") {
		return wrong(131008, "needs exactly one of flow_id and flow_name.").at("parameters")
	}
	return nil
}
