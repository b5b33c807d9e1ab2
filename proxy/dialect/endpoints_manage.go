package dialect

// Parameters of reads of lists that go on to upstream.
var (
	paged = []string{"fields", "limit", "after", "before"}
	pages = []string{"limit", "after", "before"}
)

// keyMembers are what settings show of keys and credentials.
var keyMembers = []string{
	"client_encryption_key", "client_encryption_key_fingerprint", "cloud_encryption_key", "sip_user_password", "sip_user_username",
}

// Why calls are refused: each sentence is what the caller reads.
const (
	noEncrypted = "The gateway reads what apps send, and encrypts to WhatsApp itself where its operator says so. Use /messages; " +
		"the operator sets the encryption of a number with postern encryption."
	noUnsubscribe = "Without this subscription the events of every app of this account would end. The operator ends it at WhatsApp."
	noCalls       = "Policy can not judge what is said in a call, so calls and what belongs to them are not offered."
	noGroup       = "Policy can not judge who reads a group, so groups are not offered."
	noFlowKey     = "The gateway holds the private key of this number's flows. Its operator changes the key with postern flows key upload."
	noFlows       = "What a flow asks people for is not judged here: flows are made and changed at WhatsApp."
	noCatalog     = "Catalogues are joined to an account at WhatsApp, for all of its apps at once."
	noTokens      = "Tokens of WhatsApp are the gateway's own and are neither shown nor exchanged; the app's credential comes from the operator."
	noGraph       = "A query may ask for anything at once, and policy can not judge it. Use the path of each call."
	noBatch       = "Calls in a batch are not taken apart: each is judged, recorded and answered by itself. Make them one by one."
)

// ofProfile is what a change of the profile may hold.
var ofProfile = Endpoint{Takes: []string{
	"messaging_product", "about", "address", "description", "email", "vertical", "websites", "profile_picture_handle",
}}

// ofOverride is where an app has its events sent.
var ofOverride = []string{"override_callback_uri", "verify_token"}

// ofCode is what a change of a short link may hold.
var ofCode = Endpoint{Takes: []string{"messaging_product", "code", "prefilled_message", "generate_qr_image"}}

// ofCommerce is what a change of cart and catalogue may hold.
var ofCommerce = Endpoint{Takes: []string{"messaging_product", "is_cart_enabled", "is_catalog_visible"}}

// ofCompliance is what a change of the legal details may hold.
var ofCompliance = Endpoint{
	Takes: []string{
		"messaging_product", "entity_name", "entity_type", "entity_type_custom", "is_registered", "grievance_officer_details", "customer_care_details",
	},
	Hidden: []string{"grievance_officer_details", "customer_care_details"},
}

// ofBlock is who is blocked, which records do not say: a keyed hash of the body
// proves it.
var ofBlock = Endpoint{Takes: []string{"messaging_product", "block_users"}, Hidden: []string{"block_users"}}
