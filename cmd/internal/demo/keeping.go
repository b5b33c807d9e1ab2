package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/retention"
)

// keeping is the chapter about the end of data: two months of records lie in the
// store, those that are old go, but for what a court asks for, and that is
// proved.
type keeping struct{ *talk }

// Of the past: a refused message for each day, three at once.
const (
	pastDays  = 60
	keepDays  = 30
	pastWord  = "Trauermantel" // of what is due
	heldWord  = "Aurorafalter" // of what is due and held
	loanOffer = "loan_offer/de"

	dueThen  = pastDays - keepDays
	heldThen = dueThen / 10
)

// writeRules has messages go when their days are over.
func (s *Site) writeRules() error {
	s.policies = "./policies"
	if err := os.MkdirAll(s.path("policies"), 0o700); err != nil {
		return fmt.Errorf("make policy folder: %w", err)
	}
	rules := fmt.Sprintf("version: 1\nclasses:\n  messages: {days: %d, action: purge}\n", keepDays)
	if err := os.WriteFile(s.path("policies", "retention.yaml"), []byte(rules), 0o600); err != nil {
		return fmt.Errorf("write retention policy: %w", err)
	}
	return nil
}

// livePast writes records as a gateway that ran for two months would have. It
// does not run yet.
func (s *Site) livePast(ctx context.Context, now time.Time) error {
	cfg, err := boot.Load(s.config())
	if err != nil {
		return err
	}
	store, err := boot.OpenStore(ctx, cfg, boot.StoreConfig{Now: time.Now})
	if err != nil {
		return err
	}
	var records []audit.Record
	for day := pastDays - 1; day >= 0; day-- {
		records = append(records, pastRecord(now.Add(-time.Duration(day-day%3)*24*time.Hour-12*time.Hour), day))
	}
	return errors.Join(store.Journal.Append(ctx, journal.Batch{Records: records}), store.Close())
}

// pastRecord is a refusal of that day; each tenth is of a loan offer.
func pastRecord(at time.Time, day int) audit.Record {
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: tenantName, App: "cloud-demo",
		Number: cloudPhone, Actor: "app:cloud-demo", Subject: audit.NewSubjectID(), Direction: "outbound", Dialect: "cloud", Type: "template",
		Category: "utility", Template: demoTemplate + "/de", Effect: audit.EffectDeny, Reasons: []string{"opt_in_missing"}, Code: 131047,
		Retention: audit.ClassMessages,
	}
	word := "Admiral"
	if day >= keepDays {
		word = pastWord
	}
	if day%10 == 9 {
		r.Template, word = loanOffer, heldWord
	}
	r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte("An offer of a "+word+", day "+strconv.Itoa(day)))}
	return r
}

func (t *talk) keepingScenes() []scene {
	k := &keeping{talk: t}
	return []scene{
		{"A backup is made, sealed under a key of its own.", k.backup},
		{"Two months of records lie here, and messages go after 30 days. A plan says what is due.", k.plan},
		{"A court asks for the loan offers: they are put under a legal hold.", k.hold},
		{"The rest of what is due is purged.", k.purge},
		{"Anybody can check its certificate with the public key.", k.certificate},
		{"Nothing else is missing from the trail.", k.verifies},
	}
}

// backup makes one; the gateway may be at its own yet.
func (k *keeping) backup(ctx context.Context) (told string, err error) {
	err = await(ctx, "a backup", func() (bool, error) {
		out, code, err := k.postern(ctx, "backup", "create")
		told = strings.TrimSpace(out)
		return code == 0, err
	})
	return told, err
}

// restoreScenes lose the store of the stopped gateway and bring it back.
func (t *talk) restoreScenes() []scene {
	k := &keeping{talk: t}
	return []scene{
		{"The store is lost, and the backup brings it back.", k.restore},
		{"The gateway goes on with it.", k.goOn},
	}
}

// restore expects what was purged since the backup to stay away.
func (k *keeping) restore(ctx context.Context) (string, error) {
	lost := k.path("data.lost")
	if err := os.Rename(k.path("data"), lost); err != nil {
		return "", fmt.Errorf("lose the store: %w", err)
	}
	told, err := k.done(ctx, "backup", "restore", "--keystore", filepath.Join(lost, "keystore.json"))
	if err != nil {
		return "", err
	}
	if there, err := k.stored(pastWord); err != nil || there {
		return "", errNot("what was purged since the backup to stay away", fmt.Sprint(there, err))
	}
	if there, err := k.stored(heldWord); err != nil || !there {
		return "", errNot("what is held to be there", fmt.Sprint(there, err))
	}
	return told, nil
}

// goOn starts the gateway on the restored store and sends.
func (k *keeping) goOn(ctx context.Context) (told string, err error) {
	gate, err := k.start("postern", k.serveArgs())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, gate.stop()) }()
	return k.allowed(ctx, textTo(customer, "We are back."))
}

// planned asks for the plan and adds up what is due of messages, and what a hold
// keeps of them.
func (k *keeping) planned(ctx context.Context) (due, held int, err error) {
	out, err := k.done(ctx, "retention", "plan", "--json")
	if err != nil {
		return 0, 0, err
	}
	var plan retention.Plan
	if err := json.Unmarshal([]byte(out), &plan); err != nil || plan.Refused != "" {
		return 0, 0, errNot("a plan", out)
	}
	for _, d := range plan.Due {
		if d.Class == audit.ClassMessages {
			due += d.Count
		}
	}
	for _, s := range plan.Kept {
		if s.By == retention.KeptByHold {
			held += s.Count
		}
	}
	return due, held, nil
}

func (k *keeping) plan(ctx context.Context) (string, error) {
	due, held, err := k.planned(ctx)
	if err != nil {
		return "", err
	}
	if due != dueThen || held != 0 {
		return "", errNot(fmt.Sprintf("%d messages to be due", dueThen), fmt.Sprint(due, " due, ", held, " held"))
	}
	return fmt.Sprintf("%d messages are due", due), nil
}

func (k *keeping) hold(ctx context.Context) (string, error) {
	told, err := k.done(ctx, "hold", "place", "--query", "SELECT seq FROM audit WHERE template = '"+loanOffer+"'", "--matter", "CASE-2026-0007", "--why", "litigation")
	if err != nil {
		return "", err
	}
	due, held, err := k.planned(ctx)
	if err != nil {
		return "", err
	}
	if due != dueThen-heldThen || held != heldThen {
		return "", errNot(fmt.Sprintf("the hold to keep %d of %d", heldThen, dueThen), fmt.Sprint(due, " due, ", held, " held"))
	}
	return fmt.Sprintf("%s Of what is due it keeps %d, and %d go", told, held, due), nil
}

func (k *keeping) purge(ctx context.Context) (string, error) {
	if there, err := k.stored(pastWord); err != nil || !there {
		return "", errNot("what is due in the store", fmt.Sprint(there, err))
	}
	told, err := k.done(ctx, "retention", "run", "--yes")
	if err != nil {
		return "", err
	}
	if there, err := k.stored(pastWord); err != nil || there {
		return "", errNot("the text of purged messages to be in no file of the store", fmt.Sprint(there, err))
	}
	if there, err := k.stored(heldWord); err != nil || !there {
		return "", errNot("what is held to be there", fmt.Sprint(there, err))
	}
	return told, nil
}

// certificate waits until a checkpoint covers the certificate's record, and
// checks the file as somebody without the store would.
func (k *keeping) certificate(ctx context.Context) (string, error) {
	out, err := k.done(ctx, "retention", "status", "--json")
	if err != nil {
		return "", err
	}
	var state struct{ Certificates []struct{ ID audit.ID } } // the newest first; that of a person's erasure is there, too
	if err := json.Unmarshal([]byte(out), &state); err != nil || len(state.Certificates) == 0 {
		return "", errNot("a certificate", out)
	}
	file := k.path("certificate.json")
	return "signed, and on record", await(ctx, "a checkpoint over the certificate", func() (bool, error) {
		if _, err := k.done(ctx, "retention", "certificate", state.Certificates[0].ID.String(), "--out", file); err != nil {
			return false, err
		}
		told, err := k.done(ctx, "retention", "verify", file)
		return strings.Contains(told, "Signed, and on record"), err
	})
}
