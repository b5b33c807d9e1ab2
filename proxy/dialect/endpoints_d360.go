package dialect

// d360v1Endpoints are those of 360dialog in the style of the On-Premises API.
// What has no row there is blocked, as 360dialog does.
var d360v1Endpoints = join(
	rows(D360V1, "/v1/messages", Served, RouteMessages, "translated and sent", "POST"),
	rows(D360V1, "/v1/messages/{id}", Served, RouteMarkRead, "marked as read", "PUT"),
	rows(D360V1, "/v1/contacts", Emulated, RouteContacts, "well-formed numbers are valid: the Cloud API has no check", "POST"),
	rows(D360V1, "/v1/media", Served, RouteUpload, "checked, on record and handed on; ids are the gateway's", "POST"),
	rows(D360V1, "/v1/media/{id}", Served, RouteMedia, "a file's bytes", "GET"),
	rows(D360V1, "/v1/media/{id}", Served, RouteMedia, "a file goes, here and at upstream", "DELETE"),
	shared(rows(D360V1, "/v1/configs/webhook", Emulated, RouteConfigWebhook, "where this gateway delivers the app's events", "GET", "POST")),
	shared(rows(D360V1, "/v1/configs/phone_number", Emulated, RouteConfigPhone, "from the configuration", "GET")),
	shared(rows(D360V1, "/v1/configs/templates", Served, RouteConfigTmpl, "as last read from upstream", "GET")),
	shared(rows(D360V1, "/v1/configs/templates", Served, RouteConfigTmpl, "handed in for review; old categories become today's", "POST")),
	shared(rows(D360V1, "/v1/configs/templates/{name}", Served, RouteConfigTmpl, "goes, in all its languages", "DELETE")),
	rows(D360V1, "/v1/health", Emulated, RouteHealth, healthNote, "GET"),
	rows(D360V1, "/v1/settings/profile/about", Served, RouteAbout, profileNote, "GET", "PATCH"),
	rows(D360V1, "/v1/settings/profile/photo", Served, RoutePhoto, photoNote, "GET", "POST"),
	rows(D360V1, "/v1/settings/business/profile", Served, RouteBusiness, profileNote, "GET", "POST"),
)

// d360v2Endpoints are those of 360dialog's Cloud hosting, beside the shared
// ones above. What has no row is blocked.
var d360v2Endpoints = join(
	rows(D360V2, "/messages", Served, RouteMessages, "sent, or marked as read", "POST", "PUT"),
	rows(D360V2, "/media", Served, RouteUpload, "checked, on record and handed on", "POST"),
	rows(D360V2, "/{node}", Served, RouteMedia, "a file's node, whose url leads to the gateway", "GET"),
	rows(D360V2, "/{node}", Served, RouteMedia, "a file goes, here and at upstream", "DELETE"),
	rows(D360V2, "/whatsapp_business/attachments", Served, RouteFile, "a file's bytes, by the url of its node", "GET"),
	rows(D360V2, "/waba_webhook", Emulated, RouteAccountHook, "where this gateway delivers events of all numbers of the app, unless /v1/configs/webhook is set", "GET", "POST"),
	relayed(D360V2, "/health_status", "/{number}?fields=health_status", "", "upstream's view of the number", nil, "GET"),
	with(relayed(D360V2, "/whatsapp_business_profile", "/{number}/whatsapp_business_profile", CallProfile, "the profile at upstream", fields, "GET", "POST"), ofProfile),
	rows(D360V2, "/marketing_messages", Served, RouteMarketing, marketingNote, "POST"),
	rows(D360V2, "/message_templates", Served, RouteTemplates, "as last read from upstream", "GET"),
	rows(D360V2, "/message_templates", Served, RouteTemplates, "a template is handed in, or goes; judged, on record, and known here at once", "POST", "DELETE"),
	with(relayed(D360V2, "/block_users", "/{number}/block_users", CallBlock, "blocked at upstream; the record does not say who", pages, "GET", "POST", "DELETE"), ofBlock),
	with(relayed(D360V2, "/business_compliance_info", "/{number}/business_compliance_info", CallCompliance, "legal details at upstream", fields, "GET", "POST"), ofCompliance),
	relayed(D360V2, "/whatsapp_business_encryption", "/{number}/whatsapp_business_encryption", "", "the public key of flows at upstream", nil, "GET"),
	with(relayed(D360V2, "/whatsapp_commerce_settings", "/{number}/whatsapp_commerce_settings", CallCommerce, "cart and catalogue at upstream", fields, "GET", "POST"), ofCommerce),
)
