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
	rows(Cloud, "/{number}/messages_encrypted", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/marketing_messages", Served, RouteMarketing, marketingNote, "POST"),
	rows(Cloud, "/{number}/media", Served, RouteUpload, "checked, on record and handed on", "POST"),
	rows(Cloud, "/{node}", Served, RouteNode, "fields of a business number, or a file's node, whose url leads to the gateway", "GET"),
	rows(Cloud, "/{node}", Served, RouteMedia, "a file goes, here and at upstream", "DELETE"),
	rows(Cloud, "/{node}", Refused, "", later, "POST"),
	rows(Cloud, "/whatsapp_business/attachments", Served, RouteFile, "a file's bytes, by the url of its node", "GET"),
	rows(Cloud, "/{waba}/phone_numbers", Refused, "", later, "GET"),
	rows(Cloud, "/{number}/request_code", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/verify_code", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/register", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/deregister", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/settings", Refused, "", later, "GET", "POST"),
	onward("/{number}/whatsapp_business_profile", CallProfile, "the profile at upstream", fields, "GET", "POST"),
	rows(Cloud, "/{number}/username", Refused, "", later, "GET", "POST", "DELETE"),
	rows(Cloud, "/{number}/username_suggestions", Refused, "", later, "GET"),
	rows(Cloud, "/{number}/message_qrdls", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/message_qrdls/{code}", Refused, "", later, "GET", "POST", "DELETE"),
	rows(Cloud, "/{number}/whatsapp_commerce_settings", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/business_compliance_info", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/whatsapp_business_encryption", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/block_users", Refused, "", later, "GET", "POST", "DELETE"),
	rows(Cloud, "/{number}/health_status", Refused, "", later, "GET"),
	rows(Cloud, "/{number}/conversational_automation", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/official_business_account", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{number}/calls", Refused, "", later, "POST"),
	rows(Cloud, "/{number}/call_permissions", Refused, "", later, "GET"),
	rows(Cloud, "/{number}/groups", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{waba}/message_templates", Served, RouteTemplates, "as last read from upstream", "GET"),
	rows(Cloud, "/{waba}/message_templates", Refused, "", later, "POST", "DELETE"),
	rows(Cloud, "/{node}/unpause", Refused, "", later, "POST"),
	rows(Cloud, "/{node}/compare", Refused, "", later, "GET"),
	rows(Cloud, "/{waba}/subscribed_apps", Refused, "", later, "GET", "POST", "DELETE"),
	rows(Cloud, "/{waba}/flows", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{node}/assets", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/{node}/publish", Refused, "", later, "POST"),
	rows(Cloud, "/{node}/deprecate", Refused, "", later, "POST"),
	rows(Cloud, "/{waba}/product_catalogs", Refused, "", later, "GET", "POST", "DELETE"),
	rows(Cloud, "/{app}/uploads", Refused, "", later, "POST"),
	rows(Cloud, "/me", Refused, "", later, "GET"),
	rows(Cloud, "/debug_token", Refused, "", later, "GET"),
	rows(Cloud, "/oauth/access_token", Refused, "", later, "GET", "POST"),
	rows(Cloud, "/graphql", Refused, "", later, "GET", "POST"),
)
