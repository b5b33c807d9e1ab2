package main

import (
	"errors"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
)

func newSubjectRectify(p *program) *cobra.Command {
	var in admin.SubjectRectify
	var record, attach, detach string
	c := &cobra.Command{
		Use:   "rectify PERSON --why WORD",
		Short: "Put right what is kept of a person",
		Long: personArg + `

--zone corrects where the person lives, by which quiet hours go; what it was and is
stands on record as keyed hashes. What was written stays as it was written: --record
notes that a record is wrong, with --note as the reference to what is right in your
own files. It answers an open request for rectification. Needs role approve.

--new-owner says from when on the number is somebody else's, with --proved-by how
that was shown: consent from before does not count then, opt-outs stay, and an export
begins there.

--attach says that a number or user id is the person's, --detach that it is not, from
--at on, with --proved-by. It is refused while it is another person's here, or was after
--at. What was recorded stays with whom it was recorded of; after --detach whoever
writes from there begins as somebody new. A number that the person writes from comes by
itself. It stands on record as a keyed hash only; a detached one stays sealed with
the person until that is erased.`,
		Example: "  postern subject rectify +4915112345678 --zone Europe/Madrid --why moved\n  postern subject rectify +4915112345678 --record 0192f3a4b5c6d7e8f901234567890abc --note DSAR-2026-0042 --why wrong_amount\n  postern subject rectify +4915112345678 --new-owner 2026-02-01 --proved-by id_document --why new_owner\n  postern subject rectify +4915112345678 --attach +4915112345999 --at 2026-03-01 --proved-by callback --why second_number\n  postern subject rectify +4915112345678 --detach +4915112345999 --proved-by callback --why wrong_number",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if in.Why == "" {
				return usageError{errors.New("say why with --why, such as: --why moved")}
			}
			var err error
			if record != "" {
				if in.Record, err = audit.ParseID(record); err != nil {
					return usageError{err}
				}
			}
			if in.Who, err = p.who(args[0], in.Tenant); err != nil {
				return err
			}
			if in.Attach, err = p.identifier(attach); err != nil {
				return err
			}
			if in.Detach, err = p.identifier(detach); err != nil {
				return err
			}
			out, err := ask[admin.Rectified](c.Context(), p, "subject.rectify", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error {
				err := p.say("Put right for subject %s of %s; record %s says what.", out.Subject, out.Tenant, out.Record)
				if !out.Request.IsZero() {
					err = errors.Join(err, p.say("Request %s is answered with it.", out.Request))
				}
				return err
			})
		},
	}
	tenantFlag(c, &in.Tenant)
	f := c.Flags()
	f.StringVar(&in.Zone, "zone", "", "time `ZONE` of where the person lives, an IANA name")
	f.StringVar(&record, "record", "", "`ID` of a record that is noted to be wrong")
	f.StringVar(&in.Note, "note", "", "`REFERENCE` to what is right, such as DSAR-2026-0042")
	f.StringVar(&in.NewOwner, "new-owner", "", "`DAY` or RFC 3339 time from which on the number is somebody else's")
	f.StringVar(&attach, "attach", "", "`NUMBER` or user id that is the person's")
	f.StringVar(&detach, "detach", "", "`NUMBER` or user id that is not the person's")
	f.StringVar(&in.At, "at", "", "`DAY` or RFC 3339 time from which on that is so (default: now)")
	proofFlags(c, &in.ProvedBy, &in.Reference)
	f.StringVar(&in.Why, "why", "", "a short `WORD` that the trail keeps, such as moved")
	return c
}

// identifier is a number or a user id as an argument; "-" is standard input.
func (p *program) identifier(arg string) (*admin.Identifier, error) {
	if arg == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	who, err := p.who(arg, "")
	switch {
	case err != nil:
		return nil, err
	case who.Subject != "":
		return nil, usageError{errors.New("attach or detach a number or a user id, not a subject")}
	}
	return &admin.Identifier{Number: who.Number, UserID: who.UserID}, nil
}
