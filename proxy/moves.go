package proxy

import (
	"bytes"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
)

// moves are the calls that may change where upstream keeps what a number sends
// and receives, by the names that records have for them, with the word that
// their body then has.
var moves = map[string]string{"register/register": "", "register/deregister": "", "number/settings": "storage_configuration", "move/register": ""}

// Moves reports a call after which nobody knows where the number's messages rest
// until upstream says it again. A body that is not at hand may say anything.
func Moves(name string, body []byte) bool {
	word, may := moves[name]
	return may && (body == nil || bytes.Contains(body, []byte(word)))
}

// forgetPlace notes with the outcome of a call that a crash cut off that the
// number's messages may rest elsewhere by now.
func (g *Gate) forgetPlace(b *journal.Batch, adm, settle audit.Record) {
	if adm.Kind != audit.KindManage || !Moves(adm.Type, nil) {
		return
	}
	unknown := policy.Residency{Kind: policy.ResidencyUnknown}
	AddFacts(b, g.cfg.Facts, settle.ID, g.cfg.Facts.NewResidency(adm.Tenant, adm.Number, unknown, g.cfg.Now()))
}
