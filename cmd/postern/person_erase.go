package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newSubjectErase(p *program) *cobra.Command {
	var in admin.SubjectErase
	var yes bool
	c := &cobra.Command{
		Use:   "erase PERSON --reason REASON",
		Short: "Destroy what is kept of a person",
		Long: personArg + `

Destroys the person's data keys, identifiers, index entries, facts, the redacted
and sealed parts of records, message ids, answers and queued webhooks, in the
store and its log. The trail's lines stay, and every proof stays valid: "audit
verify" tells erased from missing. What the person refused stays in a list under
a key of its own. The answer names what stays and what can not be found, with
a signed certificate of where it is gone from ("retention verify" checks it).

It is for good, so it asks twice unless --yes is given. That it was asked for is
recorded first; interrupted, it goes on with the next start of the gateway or
when any person is erased. The person's open requests are answered with it. A message that is under way is finished and its
outcome recorded; webhooks that wait for an app are dropped. Needs role approve.

While a legal hold covers anything of the person nothing goes: the erasure waits
and is carried out by itself once the last such hold is lifted. The answer says
what may be told to the person and what may not.

What a floor of the retention policy keeps stays, with the person's identifiers and
consents, until the last floor ends, and then goes by itself; what no floor keeps
goes now, and processing of the rest is restricted ("subject restrict").`,
		Example: "  postern subject erase +4915112345678 --reason request\n  postern subject erase - --reason request --yes --json < number.txt",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.subjectErase(c.Context(), args[0], in, yes) },
	}
	tenantFlag(c, &in.Tenant)
	c.Flags().StringVar(&in.Reason, "reason", "", "`REASON` that the trail keeps, a short word such as request")
	proofFlags(c, &in.ProvedBy, &in.Reference)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (p *program) subjectErase(ctx context.Context, arg string, in admin.SubjectErase, yes bool) error {
	if in.Reason == "" {
		return usageError{errors.New("say why with --reason, such as: --reason request")}
	}
	w, err := p.who(arg, in.Tenant)
	if err != nil {
		return err
	}
	in.Who, in.Confirm = w, "erase"
	if !yes {
		if err := p.askTwice(ctx, in.Who); err != nil {
			return err
		}
	}
	out, err := ask[admin.Erasure](ctx, p, "subject.erase", in)
	if err != nil {
		return err
	}
	return p.result(out, func() error { return p.erased(&out) })
}

var errNotErased = errors.New("nothing was erased")

// askTwice shows whom it is about and wants two answers, of which one cannot be
// given from habit.
func (p *program) askTwice(ctx context.Context, w admin.Who) error {
	unasked := usageError{errors.New("no terminal to ask on: erasing is for good; add --yes")}
	if !isTerminal(p.stdin) {
		return unasked
	}
	found, err := ask[admin.Found](ctx, p, "subject.find", w)
	if err != nil {
		return err
	}
	answers := bufio.NewReader(p.stdin)
	for _, q := range []struct{ question, answer string }{
		{fmt.Sprintf("Erase what is kept of subject %s of %s? (yes) ", found.Subject, found.Tenant), "yes"},
		{"It can never be read again, by nobody. Type the word erase: ", "erase"},
	} {
		if err := p.typed(answers, q.question, q.answer, unasked, errNotErased); err != nil {
			return err
		}
	}
	return p.note("Erasing. It waits for queries that still read an older state.")
}

// typed asks a question and wants a word. Another word is answered with no, and an
// input without any, such as /dev/null, with unasked.
func (p *program) typed(answers *bufio.Reader, question, word string, unasked, no error) error {
	if _, err := fmt.Fprint(p.stderr, question); err != nil {
		return err
	}
	line, err := answers.ReadString('\n')
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("read answer: %w", err)
	case err != nil && line == "":
		return unasked
	case strings.TrimSpace(line) != word:
		return no
	}
	return nil
}

func (p *program) erased(e *admin.Erasure) error {
	if q := e.Queued; q != nil {
		first := p.say("Nothing is erased yet: the erasure of subject %s of %s waits and is carried out by itself.", e.Subject, e.Tenant)
		if q.Until != "" && len(q.Holds) == 0 {
			first = p.say("Subject %s of %s is erased in part: %d records emptied, %d data keys destroyed. The rest goes by itself, the last of it at %s; until then processing is restricted.", e.Subject, e.Tenant, e.Records, e.Keys, q.Until)
		}
		return errors.Join(first,
			p.say("To be told to the person: %s", q.Public),
			p.say("Not to be told: %s.", q.Internal),
			p.say("Record %s says that it was asked for.", e.Record), p.erasureCertificate(e))
	}
	errs := []error{p.say("Subject %s of %s is erased: %d records emptied, %d data keys destroyed, %d waiting webhooks dropped.", e.Subject, e.Tenant, e.Records, e.Keys, e.Deliveries)}
	for _, k := range e.Kept {
		line := k.What
		if k.Count > 0 {
			line = fmt.Sprintf("%d %s", k.Count, k.What)
		}
		errs = append(errs, p.say("Stays: %s: %s.", line, k.Why))
	}
	for _, u := range e.Unreached {
		errs = append(errs, p.say("Not reached: %s.", u))
	}
	return errors.Join(append(errs, p.say("Record %s says that it was asked for.", e.Record), p.erasureCertificate(e))...)
}

// erasureCertificate says where what went is gone from.
func (p *program) erasureCertificate(e *admin.Erasure) error {
	if e.Signed == nil {
		if e.Queued != nil && e.Records == 0 {
			return nil
		}
		return p.say("Its certificate is made within minutes of a running gateway: postern retention status")
	}
	c, err := e.Signed.Unchecked()
	if err != nil {
		return err
	}
	return errors.Join(p.say(""), p.certificate(&c), p.say("\nThe certificate: postern retention certificate %s --out FILE", e.Certificate))
}
