package pii

// Reasons is the set of evidence behind a finding.
type Reasons uint32

// Evidence a finding can rest on.
const (
	ByChecksum   Reasons = 1 << iota // a published check passes: Luhn, mod 97, a real date inside
	ByPrefix                         // issuer range, calling code, fixed prefix
	ByGrouping                       // written in the customary groups
	ByLabel                          // a word beside it says so
	ByCountry                        // fits the country of the peer, the tenant or the language
	ByNeighbour                      // stands beside a card
	ByShape                          // structure alone
	BadChecksum                      // everything but the checksum fits
	DespiteLabel                     // lowered: a word beside it says something else
	ByWeakLabel                      // a word beside it supports it among others
	ByRepetition                     // the same kind stands elsewhere in the text
	ByName                           // a name the caller knows
	ByTerm                           // a word or phrase of a list
	ByPattern                        // a pattern of a pack
	Lookalike                        // read with letters that look like digits, or the like
	AsAmount                         // lowered: currency, unit, '#', or written as an amount, date or time
	ByPieces                         // it began in the messages before
	Spoken                           // digits said in words
)

var reasonNames = [...]string{"checksum", "prefix", "grouping", "label", "country", "neighbour", "shape",
	"bad_checksum", "other_label", "weak_label", "repetition", "name", "term", "pattern", "lookalike", "amount", "pieces", "spoken"}

// Names lists the evidence as stable tokens.
func (r Reasons) Names() []string {
	var out []string
	for i, n := range reasonNames {
		if r&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}
