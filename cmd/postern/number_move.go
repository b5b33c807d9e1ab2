package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// moveFlags are what number move is told beside the request itself.
type moveFlags struct {
	in                                      admin.NumberMove
	pin, code, backupFile, backupPassphrase string
}

func newNumberMove(p *program) *cobra.Command {
	var m moveFlags
	c := &cobra.Command{
		Use:   "move PHONE_NUMBER_ID --to TENANT [--apply]",
		Short: "Move a number to another account, step by step",
		Long: `Moves a number from one tenant to another, or from 360dialog or an On-Premises
client to a tenant, whose account is asked for it at Meta. To a tenant whose
upstream is 360dialog its hub moves the number, and the move guides through it.
With the tenant it has already a number is registered there again. Without --apply it says what would be done,
by whom, and what does not come along; nothing is changed.

With --apply the running gateway does one step after the other until the move is
done, a step fails, or one waits for you: then it says what to do, and you give
the same command again with --apply and what is asked for. It may be stopped at
any moment, by force too: each step looks first at what is done already. Every
step is on record with your name; each call to Meta is decided by policy
(register, number, subscription) and on record before it leaves.

Until the step "register" the number goes on where it was. Right after it the old
way is closed; the silence between the two is measured, on record, and an alarm
if something may be lost in it.

PIN, code and the backup's password are read from a PLACE (file:PATH with mode
0600, fd:NUMBER or credential:NAME), go to Meta and are kept nowhere.

Exits 3 when a step waits for you, 1 when one failed. Needs role operate; to see
the plan, read.`,
		Example: `  postern number move 106540352242922 --to branch
  postern number move 106540352242922 --to branch --apply
  postern number move 106540352242922 --apply --code file:code
  postern number move 106540352242922 --apply --pin file:pin
  postern number move 401122334455667 --to branch --from d360 --display "+49 30 1234567" --apply --confirm pin_off`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			m.in.Number = args[0]
			if err := m.read(p); err != nil {
				return err
			}
			name := "number.plan"
			if m.in.Apply {
				name = "number.move"
			}
			v, err := ask[admin.NumberMoved](c.Context(), p, name, m.in)
			if err != nil {
				return err
			}
			return p.moved(v)
		},
	}
	m.flags(c)
	return c
}

func (m *moveFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.in.To, "to", "", "`TENANT` of the configuration that the number goes to")
	f.StringVar(&m.in.From, "from", "", "`WHERE` a number comes from that is no tenant's here: d360 or onprem")
	f.StringVar(&m.in.Display, "display", "", "such a `NUMBER` itself, until it is in the new account")
	f.BoolVar(&m.in.Apply, "apply", false, "do it, as far as it goes")
	f.IntVar(&m.in.Most, "steps", 0, "do this `MANY` steps at most")
	f.StringArrayVar(&m.in.Confirm, "confirm", nil, "you saw that `STEP` is done")
	f.StringVar(&m.in.Again, "again", "", "do `STEP` once more")
	f.StringVar(&m.pin, "pin", "", "`PLACE` of the PIN that the number gets, or has")
	f.StringVar(&m.code, "code", "", "`PLACE` of the code that came to the number")
	f.StringVar(&m.in.Method, "code-method", "", "`HOW` the code comes: sms or voice")
	f.StringVar(&m.in.Language, "language", "", "`LANGUAGE` of the code's message, such as de_DE")
	f.StringVar(&m.in.Webhook, "webhook", "", "`URL` that the number's own webhooks go to")
	f.StringVar(&m.in.Region, "region", "", "`REGION` of Local Storage, or default; left out: as it was")
	f.StringVar(&m.backupFile, "backup", "", "`FILE` with what the On-Premises client's backup answered")
	f.StringVar(&m.backupPassphrase, "backup-password", "", "`PLACE` of the password it was made with")
}

// read fetches the secrets from where they are.
func (m *moveFlags) read(p *program) error {
	if (m.backupFile == "") != (m.backupPassphrase == "") {
		return usageError{errors.New("--backup and --backup-password belong together")}
	}
	var err error
	if m.in.PIN, err = secretAt("--pin", m.pin); err != nil {
		return err
	}
	if m.in.Code, err = secretAt("--code", m.code); err != nil || m.backupFile == "" {
		return err
	}
	raw, err := p.readInput(m.backupFile)
	if err != nil {
		return err
	}
	m.in.Backup = &admin.NumberBackup{Data: backupData(raw)}
	m.in.Backup.Password, err = secretAt("--backup-password", m.backupPassphrase)
	return err
}

// secretAt reads one line from a place; none is named by "".
func secretAt(flag, place string) (string, error) {
	if place == "" {
		return "", nil
	}
	from, err := boot.ParsePassphrase(place, ".")
	if err != nil {
		return "", usageError{fmt.Errorf("%s: write file:PATH, fd:NUMBER or credential:NAME; the value itself has no place on a command line", flag)}
	}
	line, err := from.Read()
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return string(line), nil
}

// backupData takes the answer of the old client, {"settings":{"data":"..."}}, or
// the data alone.
func backupData(raw []byte) string {
	var answer struct {
		Settings struct {
			Data string `json:"data"`
		} `json:"settings"`
	}
	if json.Unmarshal(raw, &answer) == nil && answer.Settings.Data != "" {
		return answer.Settings.Data
	}
	return strings.TrimSpace(string(raw))
}

func newNumberAbort(p *program) *cobra.Command {
	var in admin.NumberAbort
	c := &cobra.Command{
		Use:   "abort PHONE_NUMBER_ID [--apply]",
		Short: "End a move, and say what is as it was and what is not",
		Long: `Says what the move of a number has changed so far, and what of it can be undone by
whom. With --apply the move ends, on record; at Meta nothing is changed by that.
After the registration there is nothing to undo: moving back is a move of its own.`,
		Example: "  postern number abort 106540352242922\n  postern number abort 106540352242922 --apply",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in.Number = args[0]
			v, err := ask[admin.NumberMoved](c.Context(), p, "number.abort", in)
			if err != nil {
				return err
			}
			return p.result(v, func() error {
				err := p.say("The move of number %s to tenant %s is %s.", v.Number, v.To, stateWords[v.State])
				for _, line := range v.Undo {
					err = errors.Join(err, p.say("- %s", line))
				}
				return err
			})
		},
	}
	c.Flags().BoolVar(&in.Apply, "apply", false, "end it")
	return c
}

var stateWords = map[string]string{"planned": "planned", "under_way": "under way", "done": "done", "aborted": "ended before its time"}

// moved shows a move, and exits so that a script knows that it waits.
func (p *program) moved(v admin.NumberMoved) error {
	err := p.result(v, func() error { return p.sayMoved(v) })
	if err == nil && v.Next != "" {
		return errFound
	}
	return err
}

func (p *program) sayMoved(v admin.NumberMoved) error {
	err := p.say("The move of number %s from %s to tenant %s is %s.", v.Number, v.From, v.To, stateWords[v.State])
	var rows [][]string
	for _, s := range v.Steps {
		rows = append(rows, []string{s.Name, s.By, s.State, s.What, s.Note})
	}
	err = errors.Join(err, table(p.stdout, []string{"STEP", "BY", "STATE", "WHAT", "NOTE"}, rows))
	if v.State == "planned" {
		for _, line := range v.Lost {
			err = errors.Join(err, p.say("- %s", line))
		}
		err = errors.Join(err, p.say("Nothing was changed. To begin: --apply"))
	}
	if v.Silence != nil {
		err = errors.Join(err, p.silence(v.Silence))
	}
	if v.Next != "" {
		err = errors.Join(err, p.say("Now: %s", v.Next))
	}
	return err
}

func (p *program) silence(s *admin.NumberSilence) error {
	if s.Until == 0 {
		return p.say("Silent since %s; nothing has come by the new way yet.", date(s.From))
	}
	return p.say("Silent for %d s, from %s to %s. Of messages that nobody sent here: %d; webhook content that is nobody's: %d; sends by the old way whose end nobody told: %d.",
		s.Seconds, date(s.From), date(s.Until), s.Unmatched, s.Strays, s.Open)
}
