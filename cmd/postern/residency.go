package main

import (
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/policy"
)

func newResidencyCommand(p *program) *cobra.Command {
	return group("residency", "See and set where WhatsApp keeps the messages of numbers", newResidencyShow(p), newResidencySet(p))
}

func newResidencyShow(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show [PHONE_NUMBER_ID]",
		Short: "Say where WhatsApp keeps what numbers send and receive",
		Long: `Shows what the running gateway knows: "local" with a region (Local Storage; DE
stands for the EU), "none" (No Storage), "default" (where WhatsApp likes) or
"unknown". WhatsApp is asked every 15 minutes; about a number that is named, now.

POLICY is "ok", or what keeps the number from sending where the policy's settings
demand a place (residency): "refused" by them, or "unknown".`,
		Example: "  postern residency show\n  postern residency show 106540352242922 --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			all, err := ask[[]admin.Residency](c.Context(), p, "residency.show", admin.ResidencyShow{Number: strings.Join(args, "")})
			if err != nil {
				return err
			}
			return p.result(all, func() error { return p.residencies(all) })
		},
	}
}

func (p *program) residencies(all []admin.Residency) error {
	var rows [][]string
	for _, r := range all {
		since := "-"
		if r.Since != 0 {
			since = date(r.Since)
		}
		rows = append(rows, []string{r.Tenant, r.Number, restsAt(r), since, r.Policy})
	}
	return table(p.stdout, []string{"TENANT", "NUMBER", "STORAGE", "SINCE", "POLICY"}, rows)
}

func restsAt(r admin.Residency) string { return strings.TrimSpace(r.Kind + " " + r.Region) }

func newResidencySet(p *program) *cobra.Command {
	in := admin.ResidencySet{}
	c := &cobra.Command{
		Use:   "set PHONE_NUMBER_ID REGION",
		Short: "Have WhatsApp keep the messages of a number elsewhere",
		Long: `REGION is a region of Local Storage as two capital letters (DE stands for the EU),
"none" for No Storage, which Meta has to allow first, or "default".

WhatsApp takes the change only while the number is not registered: its app calls
POST /PHONE_NUMBER_ID/deregister first, and registers it again afterwards, within
the limit of ten such calls in 72 hours. In between the number can not send.

Without --confirm nothing is changed: the answer says how the number stands. The
change is on record before WhatsApp is told.`,
		Example: "  postern residency set 106540352242922 CH\n  postern residency set 106540352242922 CH --confirm",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			in.Number, in.Kind, in.Region = args[0], args[1], ""
			if args[1] != policy.ResidencyNone && args[1] != policy.ResidencyDefault {
				in.Kind, in.Region = policy.ResidencyLocal, args[1]
			}
			out, err := ask[admin.ResidencyChange](c.Context(), p, "residency.set", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.residencyChange(out) })
		},
	}
	c.Flags().BoolVar(&in.Confirm, "confirm", false, "make the change")
	return c
}

func (p *program) residencyChange(c admin.ResidencyChange) error {
	switch {
	case c.Done:
		return p.say("WhatsApp has for number %s now: %s. Register the number again.", c.Now.Number, restsAt(c.Now))
	case c.Registered:
		return p.say("Nothing was changed. Number %s: %s. It is registered: it has to be deregistered first.", c.Now.Number, restsAt(c.Now))
	}
	return p.say("Nothing was changed. Number %s: %s. It is not registered: add --confirm to make the change.", c.Now.Number, restsAt(c.Now))
}
