package admin

import (
	"context"
	"fmt"
	"time"

	"postern/audit"
	"postern/proxy"
)

// FindToken asks token.find: which records show a reversible token.
type FindToken struct {
	Token string `json:"token"`
}

// TokenFound answers token.find, the newest first.
type TokenFound struct {
	Records []TokenRecord `json:"records"`
	More    bool          `json:"more"` // there are older ones
}

// TokenRecord is a record that shows a token whose value is kept.
type TokenRecord struct {
	ID   audit.ID  `json:"id"`
	Time time.Time `json:"time"`
}

// tokenRecords bounds what token.find names.
const tokenRecords = 20

// tokenFind names records of the operator's tenants. It opens nothing, and is on
// record.
func (s *Service) tokenFind(ctx context.Context, a Actor, in FindToken) (TokenFound, error) {
	who, err := s.revealer(ctx, a)
	if err != nil {
		return TokenFound{}, err
	}
	if !proxy.IsToken(in.Token) {
		return TokenFound{}, refuse(Invalid, "a token has the form tok_PHONE_v1_ and 16 letters or digits; copy it whole")
	}
	rows, err := s.sealed().Tokens(ctx, in.Token, tokenRecords+1)
	if err != nil {
		return TokenFound{}, fmt.Errorf("look for a token: %w", err)
	}
	out := TokenFound{Records: []TokenRecord{}, More: len(rows) > tokenRecords}
	for _, row := range rows[:min(len(rows), tokenRecords)] {
		if _, err := s.recordFor(ctx, who, row.Record); err == nil {
			out.Records = append(out.Records, TokenRecord{ID: row.Record, Time: time.UnixMicro(row.Time).UTC()})
		}
	}
	if _, err := s.trailRead(ctx, a, TrailRead{What: "token", Rows: int64(len(out.Records))}); err != nil {
		return TokenFound{}, err
	}
	if len(out.Records) == 0 {
		return out, refuse(NotFound, "no record that you may open keeps the value of this token: it was erased with its record or its person, or another store made the token")
	}
	return out, nil
}
