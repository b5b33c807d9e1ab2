package audit

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

// leafText is a leaf as FORMAT.md spells it.
type leafText struct {
	Version   uint16            `json:"version"`
	Chain     string            `json:"chain"`
	Seq       uint64            `json:"seq"`
	Prev      string            `json:"prev"`
	ID        string            `json:"id"`
	Kind      string            `json:"kind"`
	Time      int64             `json:"time"`
	Ref       string            `json:"ref"`
	Tenant    string            `json:"tenant"`
	App       string            `json:"app"`
	Number    string            `json:"number"`
	Actor     string            `json:"actor"`
	Subject   string            `json:"subject"`
	Country   string            `json:"country"`
	Direction string            `json:"direction"`
	Dialect   string            `json:"dialect"`
	Type      string            `json:"type"`
	Category  string            `json:"category"`
	Template  string            `json:"template"`
	Effect    string            `json:"effect"`
	Reasons   []string          `json:"reasons"`
	Observed  []string          `json:"observed"`
	Revision  string            `json:"revision"`
	Facts     string            `json:"facts"`
	Findings  string            `json:"findings"`
	Changed   int               `json:"changed"`
	Mac       string            `json:"mac"`
	MacKey    uint32            `json:"mac_key"`
	MessageID string            `json:"message_id"`
	Result    string            `json:"result"`
	Code      int64             `json:"code"`
	Retention string            `json:"retention"`
	Labels    []string          `json:"labels"`
	Parts     map[string]string `json:"parts"`
}

// DecodeLeaf is the inverse of AppendLeaf: a record whose parts are erased,
// since a leaf holds their hashes only. What AppendLeaf would spell otherwise
// is refused, so that a leaf has one reading.
func DecodeLeaf(leaf []byte) (Record, error) {
	var t leafText
	if len(leaf) > MaxLeaf {
		return Record{}, fmt.Errorf("%w: longer than %d bytes", ErrLeaf, MaxLeaf)
	}
	if err := json.Unmarshal(leaf, &t, json.RejectUnknownMembers(true)); err != nil {
		return Record{}, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrLeaf)
	}
	r := t.record()
	if err := t.addBinary(&r); err != nil {
		return Record{}, err
	}
	again, err := AppendLeaf(nil, &r)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(again, leaf) {
		return Record{}, fmt.Errorf("%w: not in canonical form", ErrLeaf)
	}
	r.Leaf = LeafHash(leaf)
	return r, nil
}

func (t *leafText) record() Record {
	return Record{
		Version: t.Version, Chain: t.Chain, Seq: t.Seq, Kind: Kind(t.Kind), Time: t.Time,
		Tenant: t.Tenant, App: t.App, Number: t.Number, Actor: t.Actor, Country: t.Country,
		Direction: t.Direction, Dialect: t.Dialect, Type: t.Type, Category: t.Category, Template: t.Template,
		Effect: Effect(t.Effect), Reasons: t.Reasons, Observed: t.Observed, Revision: t.Revision, Facts: t.Facts,
		Findings: t.Findings, Changed: t.Changed == 1, MacKey: t.MacKey,
		Result: t.Result, Code: t.Code, Retention: t.Retention, Labels: t.Labels,
	}
}

// addBinary reads what stands as hex. What is left out stays zero; whether it
// is in capitals or was left out with cause shows when the leaf is made again.
func (t *leafText) addBinary(r *Record) error {
	for name, text := range t.Parts {
		p := Part{Name: name, Erased: true}
		if err := fixed(p.Hash[:], text); err != nil {
			return err
		}
		r.Parts = append(r.Parts, p)
	}
	var errMac, errMessage error
	r.Mac, errMac = hex.DecodeString(t.Mac)
	r.MessageID, errMessage = hex.DecodeString(t.MessageID)
	if errMac != nil || errMessage != nil {
		return errHex
	}
	return errors.Join(fixed(r.Prev[:], t.Prev), fixed(r.ID[:], t.ID), optional(r.Ref[:], t.Ref), optional(r.Subject[:], t.Subject))
}

var errHex = fmt.Errorf("%w: a hash or an id is not hex of its length", ErrLeaf)

// fixed reads exactly as many bytes as dst has.
func fixed(dst []byte, text string) error {
	if len(text) != 2*len(dst) {
		return errHex
	}
	if _, err := hex.Decode(dst, []byte(text)); err != nil {
		return errHex
	}
	return nil
}

func optional(dst []byte, text string) error {
	if text == "" {
		return nil
	}
	return fixed(dst, text)
}
