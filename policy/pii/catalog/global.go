package catalog

import "slices"

// global are rows of no single country. Those without forms are recognised by
// their structure: package shape, and the readers of numbers in package pii.
var global = slices.Concat(contact, machines, secrets, labelled, devices)

// contact are addresses, accounts, stripes and documents.
var contact = []Row{
	{
		Name: "EMAIL", Type: Email, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "mail anna.meier@example.org",
		Source:  "RFC 5321, RFC 6531; IANA root zone",
	},
	{
		Name: "EMAIL_SPELLED", Type: Email, Class: Supported, Tier: 2, Needs: Nothing,
		Example: "anna (at) example (dot) org",
		Source:  "no public rule",
	},
	{
		Name: "PHONE_LINK", Type: Phone, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "wa.me/4915112345678",
		Source:  "RFC 3966; WhatsApp's help on click to chat",
	},
	{
		Name: "URL_TOKEN", Type: URL, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "https://bank.example/login?token=k3J9xQpL72ZtVb",
		Source:  "RFC 3986; RFC 7519; no public rule for names of parameters",
	},
	{
		Name: "URL_LOGIN", Type: URL, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "ftp://anna:geheim@ftp.example.org/",
		Source:  "RFC 3986, 3.2.1",
	},
	{
		Name: "IN_UPI", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"IN"}, Needs: Nothing,
		Example: "pay to ravi.k@okaxis",
		Source:  "National Payments Corporation of India, UPI handles",
	},
	{
		Name: "IBAN", Type: IBAN, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "DE89 3704 0044 0532 0130 00",
		Source:  "ISO 13616-1; SWIFT IBAN registry, release 101",
	},
	{
		Name: "TRACK_DATA", Type: TrackData, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "%B4111111111111111^DOE/JOHN^25121010000000000?",
		Source:  "ISO/IEC 7813",
	},
	{
		Name: "WAMID", Type: WAMID, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUFBQUFB",
		Source:  "samples in Meta's documentation of the WhatsApp APIs",
	},
	{
		Name: "MRZ", Type: MRZ, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
		Source:  "ICAO Doc 9303, parts 3 to 6",
	},
}

// machines are addresses of machines and places.
var machines = []Row{
	{
		Name: "IP", Type: IPAddress, Class: SelfEvident, Tier: 2, Labels: []string{"ip"}, Needs: Nothing,
		Example: "logged in from 203.0.113.7",
		Source:  "RFC 791",
	},
	{
		Name: "IPV6", Type: IPAddress, Class: SelfEvident, Tier: 2, Labels: []string{"ip"}, Needs: Nothing,
		Example: "from 2001:db8::ff00:42:8329",
		Source:  "RFC 4291",
	},
	{
		Name: "IP_LOCAL", Type: IPAddress, Class: Supported, Tier: 3, Labels: []string{"ip"}, Needs: Nothing,
		Example: "printer at 192.168.1.20",
		Source:  "RFC 1918, RFC 4193, RFC 3927",
	},
	{
		Name: "MAC", Type: MACAddress, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "00:1A:2B:3C:4D:5E",
		Source:  "IEEE 802",
	},
	{
		Name: "GEO", Type: Location, Class: Supported, Tier: 2, Needs: Nothing,
		Example: "52.520008, 13.404954",
		Source:  "ISO 6709, as maps write it",
	},
	{
		Name: "MAP_LINK", Type: Location, Class: Supported, Tier: 2, Needs: Nothing,
		Example: "https://maps.google.com/?q=52.52,13.40",
		Source:  "pages of the makers of maps on sharing a place",
	},
	{
		Name: "PLUS_CODE", Type: Location, Class: Supported, Tier: 2, Needs: Nothing,
		Example: "8FVC9G8F+6X",
		Source:  "Open Location Code, specification",
	},
	{
		Name: "PLUS_CODE_SHORT", Type: Location, Class: Supported, Tier: 2, Needs: Nothing,
		Example: "9G8F+6XQ",
		Source:  "Open Location Code, specification",
	},
	{
		Name: "WHAT3WORDS", Type: Location, Class: Supported, Tier: 3, Needs: Nothing,
		Example: "///filled.count.soap",
		Source:  "what3words, writing of addresses",
	},
}
