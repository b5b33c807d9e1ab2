package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"postern/audit"
	"postern/cmd/internal/admin"
)

// check refuses flags that do not go together.
func (r *redaction) check() error {
	asks := r.since != "" || r.until != "" || r.person != "" || r.in.App != "" || r.in.Class != "" || r.in.Tenant != ""
	switch {
	case r.approve != "" && r.waiting, (r.approve != "" || r.waiting) && (r.apply || r.request != "" || r.why != "" || asks || len(r.packs) > 0):
		return errors.New("--approve and --waiting stand alone")
	case r.request != "" && !r.apply:
		return errors.New("--request goes with --apply")
	case r.request != "" && (asks || r.why != ""):
		return errors.New("what is redacted was said when it was asked for: give --apply, --request and the same packs alone")
	case r.apply && r.request == "" && r.why == "":
		return errors.New("say why with a short word, such as: --why minimisation")
	case !r.apply && r.why != "":
		return errors.New("--why goes with --apply")
	}
	return nil
}

// redactApprove is the second person's word.
func (p *program) redactApprove(ctx context.Context, id string) error {
	of, err := audit.ParseID(id)
	if err != nil {
		return usageError{errors.New("a redaction is named by 32 hex digits; see: postern audit redact --waiting")}
	}
	q, err := ask[admin.Redaction](ctx, p, "redact.approve", admin.RedactionName{ID: of})
	if err != nil {
		return err
	}
	return p.result(q, func() error {
		return p.say("Approved. %s carries it out, by %s, with the same packs: postern audit redact --pack ... --apply --request %s", q.Operator, q.Expires.Format("2006-01-02 15:04 MST"), q.ID)
	})
}

func (p *program) redactWaiting(ctx context.Context) error {
	all, err := ask[[]admin.Redaction](ctx, p, "redact.waiting", admin.None{})
	if err != nil {
		return err
	}
	return p.result(all, func() error {
		if len(all) == 0 {
			return p.say("No redaction waits or goes on.")
		}
		var rows [][]string
		for _, q := range all {
			state := "waits for a second person"
			if q.Approver != "" {
				state = "approved by " + q.Approver
			}
			if q.Begun != 0 {
				state += ", under way at record " + strconv.FormatUint(q.Next, 10)
			}
			rows = append(rows, []string{q.ID.String(), q.Operator, q.Since, q.Until, q.Packs[:min(12, len(q.Packs))], q.Original, state})
		}
		return table(p.stdout, []string{"REQUEST", "ASKED BY", "SINCE", "UNTIL", "PACKS", "ORIGINAL", "STATE"}, rows)
	})
}

// redactAsk files what another operator has to approve.
func (p *program) redactAsk(ctx context.Context, s *session, r *redaction) error {
	q, err := do[admin.Redaction](ctx, s, "redact.ask", admin.RedactAsk{Redact: r.in, Why: r.why})
	if err != nil {
		return err
	}
	return p.result(q, func() error {
		return errors.Join(
			p.say("Nothing was changed yet. Request %s, by packs of revision %.12s.", q.ID, q.Packs),
			p.say("Another operator with role approve says yes: postern audit redact --approve %s", q.ID),
			p.say("Then, until %s, with the same packs: postern audit redact --pack ... --apply --request %s", q.Expires.Format("2006-01-02 15:04 MST"), q.ID),
		)
	})
}

// redactApply carries out what was approved, call by call.
func (p *program) redactApply(ctx context.Context, s *session, r *redaction) error {
	of, err := audit.ParseID(r.request)
	if err != nil {
		return usageError{errors.New("a redaction is named by 32 hex digits; see: postern audit redact --waiting")}
	}
	told := func(_, _ uint64) {}
	if r.progress {
		told = p.progress()
	}
	for {
		out, err := do[admin.Redacted](ctx, s, "redact.apply", admin.RedactApply{RedactPacks: r.in.RedactPacks, ID: of})
		if err != nil {
			return err
		}
		if out.Next == 0 {
			told(out.Size, out.Size)
			return p.result(out, func() error { return p.redactDone(&out) })
		}
		told(out.Next, out.Size)
	}
}

func (p *program) redactDone(out *admin.Redacted) error {
	var stay [][]string
	for _, s := range out.Stay {
		stay = append(stay, []string{s.Why, strconv.FormatInt(s.Count, 10)})
	}
	errs := []error{p.say("Revised: %d. The bodies before are erased; the certificate is %s.", out.Revised, out.Certificate)}
	if len(stay) > 0 {
		errs = append(errs, p.say("\nStays, and kept by:"), table(p.stdout, []string{"BY", "RECORDS"}, stay))
	}
	return errors.Join(append(errs, p.say("Keep a copy of it: %s", fmt.Sprintf("postern retention certificate %s --out FILE", out.Certificate)))...)
}
