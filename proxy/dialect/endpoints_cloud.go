package dialect

// fields are the parameters of reads of one object that go on to upstream.
var fields = []string{"fields"}

// onward is relayed for a path that is the same at upstream.
func onward(path, call, note string, query []string, methods ...string) []Endpoint {
	return relayed(Cloud, path, path, call, note, query, methods...)
}

// cloudEndpoints are those of Meta's Cloud API, behind an optional version.
var cloudEndpoints = join(
	rows(Cloud, "/{number}/messages", Served, RouteMessages, "sent, or marked as read", "POST", "PUT"),
	rows(Cloud, "/{number}/messages_encrypted", Refused, "", noEncrypted, "POST"),
	rows(Cloud, "/{number}/marketing_messages", Served, RouteMarketing, marketingNote, "POST"),
	rows(Cloud, "/{number}/media", Served, RouteUpload, "checked, on record and handed on", "POST"),
	rows(Cloud, "/{node}", Served, RouteNode, "fields of a business number, account or template, or a file's node, whose url leads to the gateway", "GET"),
	rows(Cloud, "/{node}", Served, RouteMedia, "a file goes, here and at upstream", "DELETE"),
	servedBy(RouteNode, with(relayed(Cloud, "/{node}", "/{number}", CallPIN, "the PIN of a business number or where its events go, or a template of the account, which is edited", nil, "POST"), Endpoint{
		As: "pin/set", Takes: []string{"pin", "webhook_configuration"}, Hidden: []string{"pin", "webhook_configuration"},
	})),
	rows(Cloud, "/whatsapp_business/attachments", Served, RouteFile, "a file's bytes, by the url of its node", "GET"),
	with(onward("/{waba}/phone_numbers", "", "the numbers of the app, of those that upstream lists", paged, "GET"), Endpoint{Own: true}),
	with(onward("/{number}/request_code", CallRegister, "upstream sends the code", nil, "POST"), Endpoint{
		As: "register/request_code", Takes: []string{"messaging_product", "code_method", "language", "locale"},
	}),
	with(onward("/{number}/verify_code", CallRegister, "upstream checks the code", nil, "POST"), Endpoint{
		As: "register/verify_code", Takes: []string{"messaging_product", "code"}, Hidden: []string{"code"},
	}),
	with(onward("/{number}/register", CallRegister, "registered at upstream; PIN and backup stay out of the record", nil, "POST"), Endpoint{
		As: "register/register", Takes: []string{"messaging_product", "pin", "data_localization_region", "backup"}, Hidden: []string{"pin", "backup"},
	}),
	with(onward("/{number}/deregister", CallRegister, "no longer registered at upstream", nil, "POST"), Endpoint{
		As: "register/deregister", Takes: []string{"messaging_product"},
	}),
	with(onward("/{number}/settings", CallNumber, "one setting at a time, without what concerns encryption or calls", nil, "GET", "POST"), Endpoint{
		As: "number/settings", Takes: []string{"user_identity_change", "storage_configuration"}, Drops: keyMembers,
		Denied: map[string]string{"payload_encryption": noEncrypted, "calling": noCalls},
	}),
	with(onward("/{number}/whatsapp_business_profile", CallProfile, "the profile at upstream", fields, "GET", "POST"), ofProfile),
	with(onward("/{number}/username", CallUsername, "the username at upstream", fields, "GET", "POST", "DELETE"), Endpoint{
		Takes: []string{"messaging_product", "username"},
	}),
	onward("/{number}/username_suggestions", "", "upstream's suggestions", nil, "GET"),
	with(onward("/{number}/message_qrdls", CallQRCode, "short links and QR codes at upstream", paged, "GET", "POST"), ofCode),
	with(onward("/{number}/message_qrdls/{code}", CallQRCode, "one of them", fields, "GET", "POST", "DELETE"), ofCode),
	with(onward("/{number}/whatsapp_commerce_settings", CallCommerce, "cart and catalogue at upstream", fields, "GET", "POST"), ofCommerce),
	with(onward("/{number}/business_compliance_info", CallCompliance, "legal details at upstream", fields, "GET", "POST"), ofCompliance),
	onward("/{number}/whatsapp_business_encryption", "", "the public key of flows at upstream", nil, "GET"),
	rows(Cloud, "/{number}/whatsapp_business_encryption", Refused, "", noFlowKey, "POST"),
	with(onward("/{number}/block_users", CallBlock, "blocked at upstream; the record does not say who", pages, "GET", "POST", "DELETE"), ofBlock),
	relayed(Cloud, "/{number}/health_status", "/{number}?fields=health_status", "", "upstream's view of the number", nil, "GET"),
	relayed(Cloud, "/{number}/conversational_automation", "/{number}?fields=conversational_automation", "", "prompts and commands at upstream", nil, "GET"),
	with(onward("/{number}/conversational_automation", CallNumber, "prompts and commands at upstream", nil, "POST"), Endpoint{
		As: "number/conversational_automation", Takes: []string{"messaging_product", "enable_welcome_message", "prompts", "commands"},
	}),
	with(onward("/{number}/official_business_account", CallNumber, "the request for the mark of an official account", fields, "GET", "POST"), Endpoint{
		As: "number/official_business_account", Takes: []string{
			"messaging_product", "business_website_url", "primary_country_of_operation", "primary_language",
			"parent_business_or_brand", "supporting_links", "additional_supporting_information",
		},
	}),
	rows(Cloud, "/{number}/calls", Refused, "", noCalls, "POST"),
	rows(Cloud, "/{number}/call_permissions", Refused, "", noCalls, "GET"),
	rows(Cloud, "/{number}/groups", Refused, "", noGroup, "GET", "POST"),
	rows(Cloud, "/{waba}/message_templates", Served, RouteTemplates, "as last read from upstream", "GET"),
	rows(Cloud, "/{waba}/message_templates", Served, RouteTemplates, "a template is handed in, or goes; judged, on record, and known here at once", "POST", "DELETE"),
	rows(Cloud, "/{node}/unpause", Served, RouteTemplate, "the pause of a template of the app's account ends", "POST"),
	rows(Cloud, "/{node}/compare", Served, RouteTemplate, "how templates of the app's account did, from upstream", "GET"),
	servedBy(RouteSubscriptions, with(onward("/{waba}/subscribed_apps", CallSubscription, "the gateway's app at the account; an override is where the gateway delivers", nil, "GET", "POST"), Endpoint{
		Takes: ofOverride, Hidden: ofOverride, Drops: []string{"override_callback_uri"},
	})),
	rows(Cloud, "/{waba}/subscribed_apps", Refused, "", noUnsubscribe, "DELETE"),
	onward("/{waba}/flows", "", "the flows of the account", paged, "GET"),
	rows(Cloud, "/{waba}/flows", Refused, "", noFlows, "POST"),
	onward("/{node}/assets", "", "the files of a flow of the account", paged, "GET"),
	rows(Cloud, "/{node}/assets", Refused, "", noFlows, "POST"),
	rows(Cloud, "/{node}/publish", Refused, "", noFlows, "POST"),
	rows(Cloud, "/{node}/deprecate", Refused, "", noFlows, "POST"),
	onward("/{waba}/product_catalogs", "", "the catalogues of the account", paged, "GET"),
	rows(Cloud, "/{waba}/product_catalogs", Refused, "", noCatalog, "POST", "DELETE"),
	rows(Cloud, "/{app}/uploads", Served, RouteUploads, "an upload for a template or profile is announced; it goes to the app of the gateway's token", "POST"),
	rows(Cloud, "/upload:{session}", Served, RouteSession, "nothing of it is here: a file is taken whole", "GET"),
	decided(CallUpload, rows(Cloud, "/upload:{session}", Served, RouteSession, "the file, from file_offset 0: checked, on record and handed on for its handle", "POST")),
	rows(Cloud, "/me", Refused, "", noTokens, "GET"),
	rows(Cloud, "/debug_token", Refused, "", noTokens, "GET"),
	rows(Cloud, "/oauth/access_token", Refused, "", noTokens, "GET", "POST"),
	rows(Cloud, "/graphql", Refused, "", noGraph, "GET", "POST"),
	rows(Cloud, "/", Refused, "", noBatch, "POST"),
)
