package facts

// countryZones lists the zones of countries that have several in use (source:
// the IANA time zone database, zone1970.tab, without zones that nobody lives in
// and without those that keep the same time all year as another one listed).
var countryZones = map[string][]string{
	"AU": {"Australia/Adelaide", "Australia/Brisbane", "Australia/Darwin", "Australia/Hobart", "Australia/Lord_Howe", "Australia/Perth", "Australia/Sydney"},
	"BR": {"America/Cuiaba", "America/Manaus", "America/Noronha", "America/Rio_Branco", "America/Sao_Paulo"},
	"CA": {
		"America/Edmonton", "America/Halifax", "America/Regina", "America/St_Johns",
		"America/Toronto", "America/Vancouver", "America/Whitehorse", "America/Winnipeg",
	},
	"CD": {"Africa/Kinshasa", "Africa/Lubumbashi"},
	"CL": {"America/Punta_Arenas", "America/Santiago", "Pacific/Easter"},
	"CY": {"Asia/Famagusta", "Asia/Nicosia"},
	"EC": {"America/Guayaquil", "Pacific/Galapagos"},
	"ES": {"Atlantic/Canary", "Europe/Madrid"},
	"FM": {"Pacific/Chuuk", "Pacific/Kosrae", "Pacific/Pohnpei"},
	"GL": {"America/Danmarkshavn", "America/Nuuk", "America/Scoresbysund", "America/Thule"},
	"ID": {"Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"},
	"KI": {"Pacific/Kanton", "Pacific/Kiritimati", "Pacific/Tarawa"},
	"KZ": {"Asia/Almaty", "Asia/Aqtobe"},
	"MN": {"Asia/Hovd", "Asia/Ulaanbaatar"},
	"MX": {
		"America/Cancun", "America/Ciudad_Juarez", "America/Hermosillo", "America/Matamoros",
		"America/Mazatlan", "America/Mexico_City", "America/Ojinaga", "America/Tijuana",
	},
	"NZ": {"Pacific/Auckland", "Pacific/Chatham"},
	"PF": {"Pacific/Gambier", "Pacific/Marquesas", "Pacific/Tahiti"},
	"PG": {"Pacific/Bougainville", "Pacific/Port_Moresby"},
	"PT": {"Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"},
	"RU": {
		"Asia/Irkutsk", "Asia/Kamchatka", "Asia/Krasnoyarsk", "Asia/Magadan", "Asia/Omsk", "Asia/Vladivostok",
		"Asia/Yakutsk", "Asia/Yekaterinburg", "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara",
	},
	"US": {
		"America/Adak", "America/Anchorage", "America/Chicago", "America/Denver",
		"America/Los_Angeles", "America/New_York", "America/Phoenix", "Pacific/Honolulu",
	},
}

// geographic are the countries of countryZones whose mobile numbers carry an
// area code.
var geographic = map[string]bool{"BR": true, "CA": true, "MX": true, "US": true}
