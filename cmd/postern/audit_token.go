package main

import (
	"context"
	"errors"
	"time"

	"postern/cmd/internal/admin"
)

var errTokenParts = usageError{errors.New("a token opens with --reveal --reason REFERENCE; with --request or --part name the record")}

// auditToken lists the records that show a token, or opens its value.
func (p *program) auditToken(ctx context.Context, token string, v reveal, open bool) error {
	if v.request != "" || len(v.parts) > 0 {
		return errTokenParts
	}
	found, err := ask[admin.TokenFound](ctx, p, "token.find", admin.FindToken{Token: token})
	if err != nil {
		return err
	}
	if open && v.reason != "" {
		v.id, v.parts = found.Records[0].ID, []string{token}
		return p.auditReveal(ctx, v)
	}
	return p.result(found, func() error {
		var rows [][]string
		for _, r := range found.Records {
			rows = append(rows, []string{r.ID.String(), r.Time.Format(time.RFC3339)})
		}
		if err := table(p.stdout, []string{"RECORD", "TIME"}, rows); err != nil {
			return err
		}
		if found.More {
			return p.say("There are older ones.")
		}
		return nil
	})
}
