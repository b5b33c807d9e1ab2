package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"postern/audit"
)

func newAuditReceipt(p *program) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "receipt ID",
		Short: "Print the receipt of one record",
		Long: `Prints what proves one record: its leaf, the way from there to a signed checkpoint,
and the statements of checkpoint keys. It holds no content and no number. An app
reads its own under /postern/v1/receipts/ID, with the ID of X-Postern-Receipt.

"postern audit verify --receipt FILE --key KEY" checks it without store or network.
Reading from the configured journal is recorded.`,
		Example: "  postern audit receipt 019ac3d2... > receipt.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := audit.ParseID(args[0])
			if err != nil {
				return usageError{err}
			}
			return p.auditReceipt(c.Context(), file, id)
		},
	}
	c.Flags().StringVar(&file, "file", "", "read this journal `FILE` or folder, such as a copy")
	return c
}

func (p *program) auditReceipt(ctx context.Context, file string, id audit.ID) (err error) {
	t, err := p.openTrail(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	rec, err := t.Record(ctx, id)
	if err != nil {
		return err
	}
	receipt, err := t.Receipt(ctx, &rec)
	if err != nil {
		return err
	}
	subject := ""
	if !rec.Subject.IsZero() {
		subject = rec.Subject.String()
	}
	if err := t.read(ctx, "receipt", 1, subject); err != nil {
		return err
	}
	body, err := receipt.Encode()
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(body)
	return err
}

// checked is a receipt's check as JSON.
type checked struct {
	OK       bool                   `json:"ok"`
	ID       string                 `json:"id,omitempty"`
	Chain    string                 `json:"chain,omitempty"`
	Seq      uint64                 `json:"seq"`
	Kind     string                 `json:"kind,omitempty"`
	Time     int64                  `json:"time,omitempty"`
	App      string                 `json:"app,omitempty"`
	Effect   string                 `json:"effect,omitempty"`
	Revision string                 `json:"revision,omitempty"`
	Size     uint64                 `json:"size"` // of the checkpoint
	SignedAt int64                  `json:"signed_at,omitempty"`
	Kept     []string               `json:"kept"`                // outside checkpoints that are the same
	Signed   []string               `json:"witnesses,omitempty"` // those given that signed the checkpoint
	Missing  []string               `json:"missing,omitempty"`   // and those that did not
	Findings []audit.ReceiptFinding `json:"findings"`
}

// verifyReceipt checks one receipt with the keys alone.
func (p *program) verifyReceipt(v proof) error {
	if v.stampCA != "" || v.stamps != "" {
		return usageError{errors.New("a receipt has no time stamp: leave out --stamp-ca and --stamps")}
	}
	if v.file != "" {
		return usageError{errors.New("--receipt needs no store: leave out --file")}
	}
	pinned, err := p.receiptKeys(v.keys)
	if err != nil {
		return err
	}
	against, err := readAgainst(v.against)
	if err != nil {
		return err
	}
	witnesses, err := v.witnesses()
	if err != nil {
		return err
	}
	raw, err := p.readInput(v.receipt)
	if err != nil {
		return err
	}
	r, err := audit.DecodeReceipt(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", v.receipt, err)
	}
	got := r.Verify(pinned...)
	out := checked{Kept: []string{}, Findings: []audit.ReceiptFinding{}}
	out.compare(&got, against)
	out.witnessed(r.Checkpoint, witnesses, v.quorum)
	out.Findings = append(out.Findings, got.Findings...)
	out.OK = len(out.Findings) == 0
	if out.OK { // what does not hold is not repeated
		out.fill(&got)
	}
	if err := p.result(out, func() error { return p.checkedText(&out) }); err != nil {
		return err
	}
	if !out.OK {
		return errFound
	}
	return nil
}

// receiptKeys are those given, else those of the configured keystore.
func (p *program) receiptKeys(texts []string) ([]audit.Verifier, error) {
	if len(texts) > 0 {
		return parseKeys(texts)
	}
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	keys, err := checkpointKeys(c, p.now)
	if err != nil {
		return nil, err
	}
	return verifiers(keys)
}

// compare looks for outside checkpoints of the receipt's size: two trees of one
// size that both are signed are a fork.
func (c *checked) compare(got *audit.ReceiptReport, against []audit.OutsideCheckpoint) {
	for _, o := range against {
		at, err := audit.OpenCheckpoint(o.Note, got.Keys...)
		switch {
		case err != nil || at.Origin != got.Checkpoint.Origin || at.Size != got.Checkpoint.Size:
		case at.Root != got.Checkpoint.Root:
			c.Findings = append(c.Findings, audit.ReceiptFinding{
				Field: "checkpoint", Note: "is of another trail than " + o.From + ", which is signed, too: the gateway showed two histories",
			})
		default:
			c.Kept = append(c.Kept, o.From)
		}
	}
}

// witnessed looks for the witnesses' signatures at the receipt's checkpoint.
func (c *checked) witnessed(note string, witnesses []audit.Verifier, quorum int) {
	signed, enough := audit.Cosigned([]byte(note), witnesses, quorum)
	for i, w := range witnesses {
		if signed[i] {
			c.Signed = append(c.Signed, w.Name())
		} else {
			c.Missing = append(c.Missing, w.Name())
		}
	}
	if len(witnesses) > 0 && !enough {
		c.Findings = append(c.Findings, audit.ReceiptFinding{Field: "checkpoint", Note: "is not signed by enough witnesses; missing: " + strings.Join(c.Missing, ", ")})
	}
}

func (c *checked) fill(got *audit.ReceiptReport) {
	r := &got.Record
	c.ID, c.Chain, c.Seq, c.Kind, c.Time, c.App = r.ID.String(), r.Chain, r.Seq, string(r.Kind), r.Time, r.App
	c.Effect, c.Revision, c.Size, c.SignedAt = string(r.Effect), r.Revision, got.Checkpoint.Size, got.Checkpoint.Time
}

func (p *program) checkedText(c *checked) error {
	var errs []error
	for _, f := range c.Findings {
		errs = append(errs, p.say("%s: %s", f.Field, f.Note))
	}
	if !c.OK {
		return errors.Join(append(errs, p.say("The receipt DOES NOT HOLD: it proves nothing."))...)
	}
	errs = append(errs,
		p.say("Proved: record %d of %s (%s %s, app %s, %s, policy %s) was in the trail,", c.Seq, c.Chain, c.Kind, c.ID, visible(c.App), visible(c.Effect), visible(c.Revision)),
		p.say("as it stands in the receipt, when its %d records were signed at %s.", c.Size, micro(c.SignedAt)),
		p.say("Not proved: what the message said, that it was delivered, and that the signer showed everybody the same trail."))
	if len(c.Signed) > 0 {
		errs = append(errs, p.say("Signed by witnesses: %s. Missing: %s.", strings.Join(c.Signed, ", "), cmp.Or(strings.Join(c.Missing, ", "), "none")))
	}
	if len(c.Kept) > 0 {
		return errors.Join(append(errs, p.say("The same checkpoint was kept outside: %s.", c.Kept[0]))...)
	}
	return errors.Join(append(errs, p.say("For the last, compare with checkpoints that others kept (--against)."))...)
}
