package catalog

// labelled are values that a word beside them names.
var labelled = []Row{
	{
		Name: "PHONE", Type: Phone, Class: Supported, Tier: 1, Needs: Nothing,
		Example: "my number is +49 1511 2345678",
		Source:  "ITU-T E.164; national numbering plans",
	},
	{
		Name: "CREDIT_CARD", Type: CreditCard, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "card 4111 1111 1111 1111",
		Source:  "ISO/IEC 7812-1; schemes' pages on their number ranges",
	},
	{
		Name: "CARD_CVV", Type: CardCVV, Class: Labelled, Tier: 1, Needs: Label,
		Labels: []string{"cvv"}, Weak: []string{"card"},
		Example: "cvv 123",
		Source:  "PCI DSS, card verification codes",
	},
	{
		Name: "CARD_EXPIRY", Type: CardExpiry, Class: Labelled, Tier: 1, Needs: Label,
		Labels: []string{"expiry"}, Weak: []string{"card"},
		Example: "exp 04/28",
		Source:  "ISO/IEC 7813",
	},
	{
		Name: "CARD_PIN", Type: CardPIN, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"pin"},
		Example: "pin 4821",
		Source:  "ISO 9564-1",
	},
	{
		Name: "OTP", Type: OTP, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"otp"},
		Example: "your code is 482913",
		Source:  "no public rule",
	},
	{
		Name: "PASSWORD", Type: Password, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"password"},
		Example: "password: tr0ub4dor",
		Source:  "no public rule",
	},
	{
		Name: "LABELLED_KEY", Type: Secret, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"secret"},
		Example: "api key kJ83hfQ0pLs72ZtVbX91",
		Source:  "no public rule",
	},
	{
		Name: "BIRTH_DATE", Type: BirthDate, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"dob"},
		Example: "date of birth 12.03.1984",
		Source:  "ISO 8601 and the customary writings of calendars",
	},
	{
		Name: "NAME", Type: Name, Class: Described, Tier: 2, Needs: Label,
		Labels:  []string{"name"},
		Example: "my name is Anna Meier",
		Source:  "no public rule",
	},
	{
		Name: "ADDRESS", Type: Address, Class: Described, Tier: 2, Needs: Label,
		Labels:  []string{"address"},
		Example: "address: 12 Baker Street, London NW1 6XE",
		Source:  "Universal Postal Union, S42",
	},
}
