// Package catalog lists the kinds of personal data that are looked for: how
// they are written, which rule checks them, what words name them, where they
// are issued. It is data; package pii has the engine that reads it.
//
// A row that contradicts itself is found by the tests of this package and by
// pii.New, which refuses it; nothing here fails at run time.
package catalog

import "slices"

// Type is what a finding is reported as, and what policy names. Rows of many
// countries share one.
type Type string

// Types of the built-in rows.
const (
	Email       Type = "EMAIL"
	Phone       Type = "PHONE"
	CreditCard  Type = "CREDIT_CARD"
	CardCVV     Type = "CARD_CVV"
	CardExpiry  Type = "CARD_EXPIRY"
	CardPIN     Type = "CARD_PIN"
	TrackData   Type = "TRACK_DATA" // magnetic stripe, track 1 or 2
	IBAN        Type = "IBAN"
	BIC         Type = "BIC"
	BankAccount Type = "BANK_ACCOUNT" // domestic accounts, routing numbers, payment handles
	NationalID  Type = "NATIONAL_ID"  // numbers a state gives a person or a business: identity, tax, social security, health insurance
	Passport    Type = "PASSPORT"
	Licence     Type = "DRIVING_LICENCE"
	RecordID    Type = "RECORD_ID" // patient, policy, case, customer, employee numbers, by label
	URL         Type = "URL"       // addresses that carry a token, a key or a login
	IPAddress   Type = "IP_ADDRESS"
	MACAddress  Type = "MAC_ADDRESS"
	Wallet      Type = "CRYPTO_WALLET"
	MetaToken   Type = "META_TOKEN"
	Secret      Type = "SECRET" // cloud keys, JWT, PEM blocks, labelled keys
	Password    Type = "PASSWORD"
	OTP         Type = "OTP"
	BirthDate   Type = "DATE_OF_BIRTH"
	Location    Type = "LOCATION"
	Device      Type = "DEVICE_ID" // IMEI, ICCID, IMSI
	Vehicle     Type = "VEHICLE_ID"
	Plate       Type = "LICENCE_PLATE"
	MRZ         Type = "MRZ"
	Name        Type = "NAME"
	Address     Type = "ADDRESS"
	Diagnosis   Type = "DIAGNOSIS"
	WAMID       Type = "WAMID" // a WhatsApp message id holds the phone number
)

// Class groups rows by what a person may expect of them; the goals for recall
// and precision are per class.
type Class byte

// Classes.
const (
	SelfEvident Class = 'A' // structure or checksum says it
	Supported   Class = 'B' // a checksum that needs a label or the right country
	Labelled    Class = 'C' // a shape that needs a label
	Described   Class = 'D' // names and addresses
)

// Need is the least that has to stand beside a value that fits a form. The
// zero value is the strictest.
type Need uint8

// Needs, strictest first.
const (
	Label   Need = iota // a word that names it
	Prior               // a word that names it, or the country of the person, tenant or language
	Nothing             // the form is enough
)

// Row is one kind of personal data.
type Row struct {
	Name      string   // upper case, country first: BR_CPF. Unique
	Type      Type     // what findings are reported as
	Class     Class    // for the goals
	Tier      int      // 1 to 3, how common it is in chats of regulated businesses
	Countries []string // ISO 3166-1 alpha-2 of the issuer; empty: anywhere
	Forms     []Form   // empty: the engine recognises it by code of its own
	Labels    []string // topics of the word lists that name exactly this kind
	Weak      []string // topics that support it among others, such as "id", "tax", "account"
	Needs     Need
	Example   string // a text in which it is found without further hints; values are made up
	Source    string // where the rule is published, or "no public rule"
}

// Form is one way to write a value.
//
// Shape is written with '#' for a digit, '@' for a letter, '*' for either and
// every other letter or digit for itself; what else stands between, one of
// " -./", is the customary grouping, which adds evidence but is not required:
// "###.###.###-##", "784-####-#######-#", "@@@@######@@@@@@*#". A last
// element may repeat: "*{6,12}"; such forms are found behind a label only, and
// hold a digit at least. "(" stands for a bracket that is closed behind the
// value: "@######(*".
type Form struct {
	Shape string
	Check Check // nil: shape alone
	OneIn int   // one in so many random values of this shape passes Check; 0 or 1 if Check is nil
	Alone bool  // written exactly so, separators included, it needs no more than that, whatever the row needs
}

// Check judges a value of the right shape: its letters and digits without
// separators, letters in upper case. It must not keep or change v.
type Check func(v []byte) bool

// Rows gives all built-in rows in a stable order. The caller owns the slice,
// not what it points at.
func Rows() []Row {
	return slices.Concat(global, americas, europe, nordicEast, asiaAfrica)
}
