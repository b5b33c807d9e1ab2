package main

import (
	"errors"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/retention"
)

// chosen is a flag whose value is one of a few words.
type chosen[T ~string] struct{ v *T }

func (w chosen[T]) String() string {
	if w.v == nil {
		return ""
	}
	return string(*w.v)
}
func (w chosen[T]) Set(s string) error { *w.v = T(s); return nil }
func (chosen[T]) Type() string         { return "WORD" }

// proofFlags say how identity was proved.
func proofFlags(c *cobra.Command, by *retention.Proof, reference *string) {
	c.Flags().Var(chosen[retention.Proof]{by}, "proved-by", "how identity was proved: in_person, id_document, login, callback or other")
	c.Flags().StringVar(reference, "reference", "", "`REFERENCE` of the case in your own files, such as DSAR-2026-0042")
}

func newSubjectRequest(p *program) *cobra.Command {
	var in admin.SubjectRequest
	c := &cobra.Command{
		Use:   "request PERSON --type TYPE --proved-by HOW",
		Short: "Put on record what a person asks for, with its deadline",
		Long: personArg + `

Types are access, erasure, rectification and restriction. The request is open until
it is carried out ("subject export", "erase", "rectify", "restrict") or closed; until
then nothing of the person goes by retention, unless erasure was asked for. Its
deadline (requests.deadline_days from the day it came in) is in the metrics, and an
alarm is raised before it. Needs role approve.`,
		Example: "  postern subject request +4915112345678 --type access --proved-by login --reference DSAR-2026-0042\n  postern subject request - --type erasure --proved-by id_document --received 2026-11-03 < number.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if in.Type == "" || in.ProvedBy == "" {
				return usageError{errors.New("say what is asked for and how identity was proved, such as: --type access --proved-by login")}
			}
			var err error
			if in.Who, err = p.who(args[0], in.Tenant); err != nil {
				return err
			}
			q, err := ask[retention.Request](c.Context(), p, "subject.request", in)
			if err != nil {
				return err
			}
			return p.result(q, func() error {
				return p.say("Request %s (%s) of subject %s of %s is open; answer it by %s.", q.ID, q.Type, q.Subject, q.Tenant, instant(q.Deadline))
			})
		},
	}
	tenantFlag(c, &in.Tenant)
	proofFlags(c, &in.ProvedBy, &in.Reference)
	c.Flags().Var(chosen[retention.RequestType]{&in.Type}, "type", "access, erasure, rectification or restriction")
	c.Flags().StringVar(&in.Received, "received", "", "`DAY` or RFC 3339 time it came in (default: now)")
	return c
}

func newSubjectRequests(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "requests",
		Short:   "List the requests of persons that are open, the nearest deadline first",
		Example: "  postern subject requests --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]retention.Request](c.Context(), p, "subject.requests", admin.None{})
			if err != nil {
				return err
			}
			return p.result(all, func() error {
				var rows [][]string
				for _, q := range all {
					rows = append(rows, []string{q.ID.String(), string(q.Type), q.Subject.String(), q.Tenant, instant(q.Received), instant(q.Deadline), string(q.ProvedBy), q.Reference})
				}
				return table(p.stdout, []string{"REQUEST", "TYPE", "SUBJECT", "TENANT", "RECEIVED", "DEADLINE", "PROVED BY", "REFERENCE"}, rows)
			})
		},
	}
}

func newSubjectClose(p *program) *cobra.Command {
	var in admin.SubjectClose
	c := &cobra.Command{
		Use:   "close REQUEST --why WORD",
		Short: "Close a request that was answered by other means, or is refused",
		Long: `A request that "subject export", "erase", "rectify" or "restrict" carries out is
closed by it. This is for the others. Needs role approve.`,
		Example: "  postern subject close 0192f3a4b5c6d7e8f901234567890abc --why answered\n  postern subject close 0192f3a4b5c6d7e8f901234567890abc --refused --why unfounded",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if in.Why == "" {
				return usageError{errors.New("say why with --why, such as: --why answered")}
			}
			var err error
			if in.ID, err = idOf(args[0], "subject requests"); err != nil {
				return err
			}
			q, err := ask[retention.Request](c.Context(), p, "subject.close", in)
			if err != nil {
				return err
			}
			return p.result(q, func() error { return p.say("Request %s (%s) of subject %s is closed.", q.ID, q.Type, q.Subject) })
		},
	}
	c.Flags().BoolVar(&in.Refused, "refused", false, "it is refused")
	c.Flags().StringVar(&in.Why, "why", "", "a short `WORD` that the trail keeps, such as answered or unfounded")
	return c
}

func newSubjectRestrict(p *program) *cobra.Command {
	var in admin.SubjectRestrict
	c := &cobra.Command{
		Use:   "restrict PERSON --why WORD",
		Short: "Have nothing done with a person's data but keeping it, or lift that",
		Long: personArg + `

Nothing is sent to the person any more, not even an answer or a mark of reading:
apps are refused with processing_restricted. What the person writes is recorded and
not delivered. Statuses of earlier messages, and webhooks that were queued before,
stay here and go to the app when it ends; files that the person sent are handed to
nobody meanwhile. --lift ends it. Needs role approve.`,
		Example: "  postern subject restrict +4915112345678 --why disputed\n  postern subject restrict +4915112345678 --lift --why corrected",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if in.Why == "" {
				return usageError{errors.New("say why with --why, such as: --why disputed")}
			}
			var err error
			if in.Who, err = p.who(args[0], in.Tenant); err != nil {
				return err
			}
			out, err := ask[admin.Restriction](c.Context(), p, "subject.restrict", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.restricted(out) })
		},
	}
	tenantFlag(c, &in.Tenant)
	c.Flags().StringVar(&in.Why, "why", "", "a short `WORD` that the trail keeps, such as disputed")
	c.Flags().BoolVar(&in.Lift, "lift", false, "end the restriction")
	return c
}

func (p *program) restricted(r admin.Restriction) error {
	word := "is restricted: nothing is sent, and nothing received is delivered"
	if !r.Restricted {
		word = "is not restricted any more"
	}
	err := p.say("Processing of subject %s of %s %s.", r.Subject, r.Tenant, word)
	if r.Restricted && r.Webhooks > 0 {
		err = errors.Join(err, p.say("Webhooks from before that stay here: %d; those that were queued go on when it ends.", r.Webhooks))
	}
	if !r.Request.IsZero() {
		err = errors.Join(err, p.say("Request %s is answered with it.", r.Request))
	}
	return err
}
