package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/retention"
)

func newHoldCommand(p *program) *cobra.Command {
	return group("hold", "Keep data for a legal matter, whatever else would have it go",
		newHoldPlace(p), newHoldApprove(p), newHoldLift(p), newHoldList(p), newHoldShow(p), newHoldWaiting(p), newHoldComplete(p))
}

func newHoldPlace(p *program) *cobra.Command {
	var in admin.HoldPlace
	var persons []string
	c := &cobra.Command{
		Use:   "place --matter REFERENCE --why WORD",
		Short: "Place a legal hold",
		Long: `What fits every condition that is given is kept until the hold is lifted: it wins
over retention and over the erasure of a person, also over a purge that runs now.
Records to come are held, too, unless --until ends the time.

A person is held with all ids that are linked to it, under no number. An app is
held with what its numbers receive. --query is a SELECT over the view audit with a
column seq; it is asked again before anything is purged, and what it matched once
stays held. It names nobody by number or address. Files that an app uploaded name
no person: hold the app or its number for them.

Needs role approve, and where the configuration says holds.second_person another
operator's "postern hold approve": it holds until then, and ends if nobody does.`,
		Example: `  postern hold place --person +4915112345678 --matter CASE-2026-0042 --why litigation
  postern hold place --app loans --from 2026-01-01 --until 2026-07-01 --matter SEC-118 --why regulator --review 2027-01-01
  postern hold place --query "SELECT seq FROM audit WHERE template LIKE 'loan_offer/%'" --matter CASE-7 --why investigation`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if in.Matter == "" || in.Why == "" {
				return usageError{errors.New("say for which matter and why, such as: --matter CASE-2026-0042 --why litigation")}
			}
			for _, arg := range persons {
				w, err := p.who(arg, in.Tenant)
				if err != nil {
					return err
				}
				in.Persons = append(in.Persons, w)
			}
			out, err := ask[admin.Held](c.Context(), p, "hold.place", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.placed(out) })
		},
	}
	tenantFlag(c, &in.Tenant)
	f := c.Flags()
	f.StringArrayVar(&persons, "person", nil, "`PERSON`: number, user id or subject id, \"-\" from standard input; may be repeated")
	f.StringVar(&in.Number, "number", "", "phone number `ID` of the business")
	f.StringVar(&in.App, "app", "", "`NAME` of an app")
	f.StringVar(&in.From, "from", "", "`TIME` of the first record held: 2026-11-03, or RFC 3339")
	f.StringVar(&in.Until, "until", "", "`TIME` before which a record is held (default: those to come, too)")
	f.StringVar(&in.Reason, "reason", "", "`CODE` of a decision, such as no_consent")
	f.StringVar(&in.Query, "query", "", "`SELECT` over the view audit with a column seq")
	f.StringVar(&in.Matter, "matter", "", "`REFERENCE` of the matter, such as CASE-2026-0042")
	f.StringVar(&in.Why, "why", "", "a short `WORD`, such as litigation")
	f.StringVar(&in.Review, "review", "", "`TIME` to come to look whether it is still needed; it ends nothing")
	return c
}

func (p *program) placed(h admin.Held) error {
	errs := []error{p.say("Hold %s of %s %s.", h.Hold.ID, h.Hold.Matter, state(h))}
	switch {
	case h.Records < 0:
		errs = append(errs, p.say("It was not counted what it covers: that took too long."))
	case h.Records == 0:
		errs = append(errs, p.say("It covers no record yet. Is that what you mean? See: postern hold show %s", h.Hold.ID))
	case h.Emptied > 0:
		errs = append(errs, p.say("It covers %d records. Already gone: parts of %d of them.", h.Records, h.Emptied))
	default:
		errs = append(errs, p.say("It covers %d records; none of them has lost anything.", h.Records))
	}
	errs = append(errs, p.unknownNames(h.Unknown))
	if h.Purged > 0 {
		errs = append(errs, p.say("Purged before, of the whole trail: %d records, of which nobody can tell whether it would have covered them.", h.Purged))
	}
	if h.Waits {
		errs = append(errs, p.say("Another operator with role approve says yes with: postern hold approve %s", h.Hold.ID))
	}
	return errors.Join(errs...)
}

// unknownNames says which names that were given are not in the configuration.
func (p *program) unknownNames(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return p.note("The configuration has no %s: look whether that is how it is written.", strings.Join(names, " and no "))
}

// state says in words how a hold stands.
func state(h admin.Held) string {
	switch {
	case h.Hold.Expires != 0 && !h.Waits:
		return "ended at " + instant(h.Hold.Expires) + ": nobody approved it"
	case h.Hold.Expires != 0:
		return "was asked for and holds until " + instant(h.Hold.Expires)
	case h.Waits:
		return "is in force, and lifting it was asked for by " + h.Hold.Lifting.Operator
	}
	if h.ReviewDue {
		return "is in force; look whether it is still needed"
	}
	return "is in force"
}

// instant shows microseconds.
func instant(micro int64) string {
	if micro == 0 {
		return ""
	}
	return time.UnixMicro(micro).UTC().Format(time.RFC3339)
}

// covered says what a hold is about.
func covered(s retention.Scope, matched uint64) string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+" "+value)
		}
	}
	add("tenant", s.Tenant)
	for _, id := range s.Subjects {
		add("person", id.String())
	}
	add("number", s.Number)
	add("app", s.App)
	add("from", instant(s.From))
	add("until", instant(s.Until))
	add("reason", s.Reason)
	if s.Query != "" {
		add("query", fmt.Sprintf("(%d matched)", matched))
	}
	return strings.Join(out, ", ")
}

// holdCall is a command about one hold.
func holdCall(p *program, name string, in func(audit.ID) any, say func(admin.Held) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		id, err := idOf(args[0], "hold list")
		if err != nil {
			return err
		}
		out, err := ask[admin.Held](c.Context(), p, name, in(id))
		if err != nil {
			return err
		}
		return p.result(out, func() error { return say(out) })
	}
}

func named(id audit.ID) any { return admin.HoldName{ID: id} }

func newHoldApprove(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "approve HOLD",
		Short: "Say yes to placing or lifting a hold that another operator asked for",
		Long: `The second person's word, where the configuration says holds.second_person. Look
first: postern hold show HOLD. Needs role approve, of another operator than the
one who asked.`,
		Example: "  postern hold list\n  postern hold approve 019ac3d2...",
		Args:    cobra.ExactArgs(1),
		RunE:    holdCall(p, "hold.approve", named, p.approved),
	}
}

func (p *program) approved(h admin.Held) error {
	if h.Hold.Expires == 0 && h.Hold.Lifting == nil {
		return p.placed(h)
	}
	return p.lifted(h)
}

func newHoldLift(p *program) *cobra.Command {
	var in admin.HoldLift
	c := &cobra.Command{
		Use:   "lift HOLD --why WORD",
		Short: "Lift a legal hold",
		Long: `What only this hold kept is then purged and erased again as the policy says;
erasures of persons that waited for it are carried out at once. Needs role approve,
and where the configuration says holds.second_person another operator's "postern
hold approve": it holds on until then.`,
		Example: "  postern hold lift 019ac3d2... --why closed",
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&in.Why, "why", "", "a short `WORD`, such as closed")
	lift := holdCall(p, "hold.lift", func(id audit.ID) any { in.ID = id; return in }, p.lifted)
	c.RunE = func(c *cobra.Command, args []string) error {
		if in.Why == "" {
			return usageError{errors.New("say why with --why, such as: --why closed")}
		}
		return lift(c, args)
	}
	return c
}

func (p *program) lifted(h admin.Held) error {
	if h.Waits {
		return errors.Join(
			p.say("Hold %s holds on: another operator with role approve has to say yes, before %s:", h.Hold.ID, h.Hold.Lifting.Expires.UTC().Format(time.RFC3339)),
			p.say("  postern hold approve %s", h.Hold.ID))
	}
	err := p.say("Hold %s of %s is lifted.", h.Hold.ID, h.Hold.Matter)
	if h.Erased > 0 {
		err = errors.Join(err, p.say("Erasures of persons that waited for it and were carried out: %d.", h.Erased))
	}
	return err
}

func newHoldList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the legal holds in force",
		Long:    "Lists the holds in force, those that wait for a second person, and for 30 days those\nthat nobody approved in time. That somebody looked is recorded.",
		Example: "  postern hold list --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.Held](c.Context(), p, "hold.list", admin.None{})
			if err != nil {
				return err
			}
			return p.result(all, func() error {
				var rows [][]string
				for _, h := range all {
					rows = append(rows, []string{h.Hold.ID.String(), h.Hold.Matter, h.Hold.Why, h.Hold.Actor, instant(h.Hold.Placed), instant(h.Hold.Review), state(h), covered(h.Hold.Scope, h.Matched)})
				}
				return table(p.stdout, []string{"HOLD", "MATTER", "WHY", "BY", "SINCE", "REVIEW", "STATE", "COVERS"}, rows)
			})
		},
	}
}

func newHoldShow(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "show HOLD",
		Short:   "Show a legal hold and count what it covers",
		Long:    "Shows one hold, and how many records it covers now. That somebody looked is\nrecorded.",
		Example: "  postern hold show 019ac3d2...",
		Args:    cobra.ExactArgs(1),
		RunE: holdCall(p, "hold.show", named, func(h admin.Held) error {
			errs := []error{p.placed(h), p.say("Covers: %s.", covered(h.Hold.Scope, h.Matched)), p.say("Asked for by %s at %s, why: %s.", h.Hold.Actor, instant(h.Hold.Placed), h.Hold.Why)}
			if h.Hold.Second != "" {
				errs = append(errs, p.say("Approved by %s.", h.Hold.Second))
			}
			if h.Hold.Scope.Query != "" {
				errs = append(errs, p.say("Query: %s", readable(h.Hold.Scope.Query)))
			}
			return errors.Join(errs...)
		}),
	}
}

func newHoldWaiting(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "waiting",
		Short: "List erasures of persons that wait for a hold to end",
		Long: `Lists the erasures that were asked for while a hold covered anything of the person.
Each is carried out by itself once the last such hold is lifted. Which holds they
are must not be told to the person. Needs role approve.`,
		Example: "  postern hold waiting",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.Waiting](c.Context(), p, "hold.waiting", admin.None{})
			if err != nil {
				return err
			}
			return p.result(all, func() error {
				var rows [][]string
				for _, w := range all {
					rows = append(rows, []string{w.Subject.String(), w.Tenant, instant(w.Asked), w.Actor, w.Record.String(), w.Internal})
				}
				return table(p.stdout, []string{"SUBJECT", "TENANT", "ASKED", "BY", "RECORD", "WAITS FOR"}, rows)
			})
		},
	}
}

func newHoldComplete(p *program) *cobra.Command {
	var in admin.HoldsComplete
	c := &cobra.Command{
		Use:   "complete --why WORD",
		Short: "Say, after a restoration, that all legal holds are in force again",
		Long: `A store that was restored from a backup lacks the holds that were placed after
the backup, so nothing is purged, erased or cleaned up in it. Place the missing
ones again, then say so with this command. Needs role approve.`,
		Example: "  postern hold list\n  postern hold complete --why checked",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if in.Why == "" {
				return usageError{errors.New("say why with --why, such as: --why checked")}
			}
			out, err := ask[admin.Completed](c.Context(), p, "hold.complete", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.say("Holds in force: %d. What is due is purged and erased again.", out.Holds) })
		},
	}
	c.Flags().StringVar(&in.Why, "why", "", "a short `WORD`, such as checked")
	return c
}
