package catalog

import "slices"

// Term is a word or phrase of a lexicon: what a message speaks of, not personal
// data.
const Term Type = "LEXICON"

// Types lists the types of built-in rows and of lexicons, sorted.
func Types() []Type {
	out := []Type{
		Email, Phone, CreditCard, CardCVV, CardExpiry, CardPIN, TrackData, IBAN, BIC, BankAccount, NationalID, Passport, Licence, RecordID,
		URL, IPAddress, MACAddress, Wallet, MetaToken, Secret, Password, OTP, BirthDate, Location, Device, Vehicle, Plate, MRZ, Name, Address,
		Diagnosis, WAMID, Term,
	}
	slices.Sort(out)
	return out
}
