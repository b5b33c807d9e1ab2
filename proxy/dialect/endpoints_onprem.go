package dialect

// Why calls of the On-Premises API have no counterpart.
const (
	noStickerPacks = "WhatsApp's Cloud API has no sticker packs. Send a sticker by its media id."
	noCertificates = "The certificate of this API is set by the gateway's operator; apps neither set nor read it."
	noGarbage      = "Nothing piles up here as in the old client; how long anything is kept is set by the gateway's operator."
	noGroups       = "Groups of the On-Premises API were withdrawn by WhatsApp; they are not offered."
	noPINEnd       = "WhatsApp's Cloud API can not switch two-step verification off. A PIN is replaced by POST, and removed in WhatsApp Manager only."
	noPhotoEnd     = "WhatsApp's Cloud API can not remove a profile photo. Post another one in its place."
)

// What becomes of profile calls of the old dialects.
const (
	profileNote = "the profile at upstream"
	photoNote   = "the profile's photo at upstream: JPEG or PNG of at most 5 MB; its link with format=link, else its bytes"
)

const healthNote = "how the app's numbers stand with WhatsApp, at most five minutes old; single, high_availability or multiconnect as the app's `health` setting in the configuration says"

// What the calls of monitoring tell: of the app alone, since the start.
const (
	statsNote    = "what the app sent and got since the gateway started, and what waits for it; JSON or `format=prometheus`"
	databaseNote = "the app's callbacks on disk and messages without an outcome; the old database's other tables have no counterpart. JSON or `format=prometheus`"
	metricsNote  = "how the app's calls were answered since the gateway started; JSON or `format=prometheus`"
	supportNote  = "what runs here and how the app's number stands; nothing of people"
)

// onpremEndpoints are those of the On-Premises API v1.
var onpremEndpoints = join(
	rows(OnPrem, "/v1/users/login", Emulated, RouteLogin, "a token of the gateway, by user and password", "POST"),
	rows(OnPrem, "/v1/users/logout", Emulated, RouteLogout, "revokes the token", "POST"),
	rows(OnPrem, "/v1/users", Emulated, RouteUsers, "a user of the app; ROLE_ADMIN alone", "POST"),
	rows(OnPrem, "/v1/users/{name}", Emulated, RouteUsers, "users of the app; ROLE_ADMIN alone", "GET", "PUT", "DELETE"),
	rows(OnPrem, "/v1/account", Served, RouteAccount, "201 where the number is registered; else upstream sends a code. The certificate is not needed any more", "POST"),
	rows(OnPrem, "/v1/account/verify", Served, RouteVerify, "upstream checks the code and registers the number with the PIN, and the backup of the old client, given here or with /v1/account", "POST"),
	rows(OnPrem, "/v1/account/shards", Stub, RouteStub, "WhatsApp's Cloud API has no shards", "POST"),
	rows(OnPrem, "/v1/messages", Served, RouteMessages, "translated and sent", "POST"),
	rows(OnPrem, "/v1/messages/{id}", Served, RouteMarkRead, "marked as read", "PUT"),
	rows(OnPrem, "/v1/contacts", Emulated, RouteContacts, "well-formed numbers are valid: the Cloud API has no check", "POST"),
	rows(OnPrem, "/v1/contacts/{wa_id}/identity", Emulated, RouteIdentity, "the identity as upstream's webhooks told it", "GET"),
	with(decided(CallIdentity, rows(OnPrem, "/v1/contacts/{wa_id}/identity", Emulated, RouteIdentity, "the app vouches for the identity of that hash: sends that its change stopped are possible again", "PUT")), Endpoint{As: "identity/acknowledge"}),
	rows(OnPrem, "/v1/media", Served, RouteUpload, "checked, on record and handed on; ids are the gateway's", "POST"),
	rows(OnPrem, "/v1/media/{id}", Served, RouteMedia, "a file's bytes", "GET"),
	rows(OnPrem, "/v1/media/{id}", Served, RouteMedia, "a file goes, here and at upstream", "DELETE"),
	rows(OnPrem, "/v1/settings/application", Emulated, RouteSettings, "kept by the gateway; those that have no effect here are named in the record", "GET", "PATCH", "DELETE"),
	decided(CallProvider, rows(OnPrem, "/v1/settings/application/media/providers", Emulated, RouteProviders, "kept sealed; a link that names one is fetched with it, taken as an upload and sent by its id; ROLE_ADMIN alone", "POST")),
	rows(OnPrem, "/v1/settings/application/media/providers", Emulated, RouteProviders, "their names and kinds, without credentials; ROLE_ADMIN alone", "GET"),
	decided(CallProvider, rows(OnPrem, "/v1/settings/application/media/providers/{name}", Emulated, RouteProviders, "a provider goes; ROLE_ADMIN alone", "DELETE")),
	rows(OnPrem, "/v1/settings/profile/about", Served, RouteAbout, profileNote, "GET", "PATCH"),
	rows(OnPrem, "/v1/settings/profile/photo", Served, RoutePhoto, photoNote, "GET", "POST"),
	rows(OnPrem, "/v1/settings/profile/photo", Refused, "", noPhotoEnd, "DELETE"),
	rows(OnPrem, "/v1/settings/business/profile", Served, RouteBusiness, profileNote, "GET", "POST"),
	rows(OnPrem, "/v1/settings/account/two-step", Served, RouteTwoStep, "sets the PIN at upstream", "POST"),
	rows(OnPrem, "/v1/settings/account/two-step", Refused, "", noPINEnd, "DELETE"),
	backedUp("/v1/settings/backup", RouteBackup, "backup/make", "settings, webhook, certificates, providers and users of the app under the password, in a form of the gateway's own; ROLE_ADMIN alone"),
	backedUp("/v1/settings/restore", RouteRestore, "backup/restore", "puts a backup of this gateway and app back in place, whole or not at all; ROLE_ADMIN alone"),
	rows(OnPrem, "/v1/settings/groups", Stub, RouteStub, "there are no groups", "PATCH"),
	rows(OnPrem, "/v1/certificates/external/ca", Refused, "", noCertificates, "GET"),
	rows(OnPrem, "/v1/certificates/external", Refused, "", noCertificates, "POST"),
	rows(OnPrem, "/v1/certificates/webhooks/ca", Emulated, RouteWebhookCA, "authorities that deliveries to this app's webhook trust", "GET"),
	decided(CallCertificate, rows(OnPrem, "/v1/certificates/webhooks/ca", Emulated, RouteWebhookCA, "authorities that deliveries to this app's webhook trust", "POST", "DELETE")),
	rows(OnPrem, "/v1/health", Emulated, RouteHealth, healthNote, "GET"),
	rows(OnPrem, "/v1/stats/app", Emulated, RouteStats, statsNote, "GET"),
	rows(OnPrem, "/v1/stats/db", Emulated, RouteStats, databaseNote, "GET"),
	rows(OnPrem, "/v1/stats/app/internal", Emulated, RouteStats, statsNote, "GET"),
	rows(OnPrem, "/v1/stats/db/internal", Emulated, RouteStats, databaseNote, "GET"),
	rows(OnPrem, "/v1/metrics", Emulated, RouteMetrics, metricsNote, "GET"),
	rows(OnPrem, MetricsPath, Emulated, RouteMetrics, metricsNote, "GET"),
	rows(OnPrem, "/v1/support", Emulated, RouteSupport, supportNote, "GET"),
	rows(OnPrem, "/v1/stickerpacks", Refused, "", noStickerPacks, "GET", "POST"),
	rows(OnPrem, "/v1/stickerpacks/{id}", Refused, "", noStickerPacks, "GET", "PATCH", "DELETE"),
	rows(OnPrem, "/v1/stickerpacks/{id}/stickers", Refused, "", noStickerPacks, "GET", "POST"),
	rows(OnPrem, "/v1/stickerpacks/{id}/stickers/{index}", Refused, "", noStickerPacks, "GET", "PATCH", "DELETE"),
	rows(OnPrem, "/v1/services/message/gc", Refused, "", noGarbage, "POST"),
	rows(OnPrem, "/v1/groups", Refused, "", noGroups, "GET", "POST"),
	rows(OnPrem, "/v1/groups/{id}", Refused, "", noGroups, "GET", "PUT"),
	rows(OnPrem, "/v1/groups/{id}/invite", Refused, "", noGroups, "GET", "DELETE"),
	rows(OnPrem, "/v1/groups/{id}/participants", Refused, "", noGroups, "DELETE"),
	rows(OnPrem, "/v1/groups/{id}/leave", Refused, "", noGroups, "POST"),
	rows(OnPrem, "/v1/groups/{id}/icon", Refused, "", noGroups, "GET", "POST", "DELETE"),
	rows(OnPrem, "/v1/groups/{id}/admins", Refused, "", noGroups, "PATCH", "DELETE"),
)

// backedUp is one of the two calls about an app's backup.
func backedUp(path string, name RouteName, as, note string) []Endpoint {
	return with(decided(CallBackup, rows(OnPrem, path, Emulated, name, note, "POST")), Endpoint{As: as})
}
