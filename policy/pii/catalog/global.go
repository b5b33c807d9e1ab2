package catalog

import "slices"

// global are rows of no single country. Those without forms are recognised by
// their structure: package shape, and the readers of numbers in package pii.
var global = slices.Concat(contact)

var contact = []Row{
	{
		Name: "EMAIL", Type: Email, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "mail anna.meier@example.org",
		Source:  "RFC 5321, RFC 6531; IANA root zone",
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
}
