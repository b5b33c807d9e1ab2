package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
)

// proof is one run of audit verify.
type proof struct {
	file     string
	receipt  string
	store    string
	against  []string
	keys     []string
	witness  []string
	quorum   int
	stampCA  string
	stamps   string
	progress bool
}

func newAuditVerify(p *program) *cobra.Command {
	v := proof{}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove that no record was changed, removed or forged",
		Long: `Reads the whole trail and names every record that disagrees with its leaf, its
chain, or a checkpoint, and says how far the proof reaches. What no checkpoint
kept outside the store covers cannot be proved complete.

It proves the records. The gateway's memory beside them (message ids, consents in
force, deliveries, counts) is not evidence and not proved: what counts of it
is in a record, too.

Without --against the checkpoints in the configured folder count as the outside
ones. Stronger are those that somebody else kept: --against their file. Of a bucket
(checkpoints.s3) synchronize checkpoints/CHAIN to a folder first.

Needs no lock and no running gateway. With --file a copy is verified; its
public keys come from --key (see "postern audit keys") or from
the configured keystore. One key is enough: each later one is signed by the one
before it, and these statements are followed.

With --store clickhouse the copy in ClickHouse is read in place of the journal, up
to the last record that it has confirmed: every column is held against the leaf,
and the leaf against the tree and its checkpoints. Sealed parts are not there.

With --receipt one receipt is checked, as an app gets it, and nothing else is
read: no store, no network. --against then looks for a checkpoint of the same
size that somebody else kept, which must be the same.

With --witness each checkpoint, and a receipt's, is looked at for the signature of
that witness, and those that are missing are named: one checkpoint has to have
--quorum of them, all if it is not given.

With --stamp-ca the time stamps that an authority gave for checkpoints are
checked, too, and the time is said by which they existed.

Exits 0 if everything agrees, 3 if something does not, 1 if it could not be read.`,
		Example: `  postern audit verify
  postern audit verify --against /mnt/auditor/checkpoints
  postern audit verify --file copy/journal.db --against checkpoints --key NAME+HASH+KEY
  postern audit verify --store clickhouse
  postern audit verify --receipt receipt.json --key NAME+HASH+KEY`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if v.receipt != "" {
				return p.verifyReceipt(v)
			}
			return p.auditVerify(c.Context(), v)
		},
	}
	f := c.Flags()
	f.StringVar(&v.file, "file", "", "verify this journal `FILE` or folder, such as a copy")
	f.StringVar(&v.store, "store", "embedded", "verify the trail in this `STORE`: embedded or clickhouse")
	f.StringVar(&v.receipt, "receipt", "", "check the receipt in this `FILE` (- is standard input) instead of the trail")
	f.StringArrayVar(&v.against, "against", nil, "checkpoint `FILE` or folder kept outside (may be repeated)")
	f.StringArrayVar(&v.keys, "key", nil, "public `KEY` of checkpoints, name+hash+key (default: those of the keystore)")
	f.StringArrayVar(&v.witness, "witness", nil, "public `KEY` of a witness that has to have signed, name+hash+key (may be repeated)")
	f.IntVar(&v.quorum, "quorum", 0, "`NUMBER` of the witnesses that is enough (default: all)")
	f.StringVar(&v.stampCA, "stamp-ca", "", "check time stamps (RFC 3161) against the roots in this PEM `FILE`")
	f.StringVar(&v.stamps, "stamps", "", "`FOLDER` of the time stamps (default: stamps in the configured folder of checkpoints)")
	f.BoolVar(&v.progress, "progress", isTerminal(p.stderr), "say on standard error how far it is")
	return c
}

func (p *program) auditVerify(ctx context.Context, v proof) (err error) {
	opt, path, err := p.proofOptions(v)
	if err != nil {
		return err
	}
	stamps, roots, err := p.stampsFor(&v)
	if err != nil {
		return err
	}
	opt.Against = append(opt.Against, asOutside(stamps)...)
	src, err := journal.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if opt.Successions, err = src.Successions(ctx); err != nil {
		return err
	}
	// Little is kept while much is read: at the usual setting a fifth of the
	// time goes into looking for what can be freed.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	out, err := p.verifyIn(ctx, v, src, opt)
	if err != nil {
		return err
	}
	report := out.Report
	// The keys that the given ones lead to signed stamped checkpoints, too; a
	// chain that does not hold is among the findings.
	keys, _ := audit.FollowKeys(opt.Verifiers, opt.Successions) //nolint:errcheck // see above
	at := checkStamps(stamps, roots, keys)
	out.OK, out.Stamps = report.OK() && (at == nil || len(at.Bad) == 0), at
	err = p.result(out, func() error {
		return errors.Join(p.stampsText(at), p.lostText(out.Lost), p.report(report), p.unshippedText(out))
	})
	if err != nil {
		return err
	}
	if !out.OK {
		return errFound
	}
	return nil
}

type verdict struct {
	OK     bool     `json:"ok"`
	Stamps *stamped `json:"stamps,omitempty"`
	// Lost is what only ClickHouse has since the store was restored; not proved.
	Lost []clickhouse.Lost `json:"lost,omitempty"`
	// Unshipped are records of the journal that ClickHouse has not confirmed, Ahead
	// the outside checkpoints that reach to them; neither is proved there.
	Unshipped uint64 `json:"unshipped,omitempty"`
	Ahead     int    `json:"checkpoints_ahead,omitempty"`
	*audit.Report
}

// proofOptions collects keys and outside checkpoints, and the file to read.
func (p *program) proofOptions(v proof) (opt audit.VerifyOptions, path string, err error) {
	if v.file == "" || len(v.keys) == 0 {
		if err := p.configured(&v, &opt); err != nil {
			return opt, "", err
		}
	}
	given, err := parseKeys(v.keys)
	if err != nil {
		return opt, "", err
	}
	opt.Verifiers = append(opt.Verifiers, given...)
	if opt.Against, err = readAgainst(v.against); err != nil {
		return opt, "", err
	}
	if opt.Witnesses, err = v.witnesses(); err != nil {
		return opt, "", err
	}
	opt.Quorum = v.quorum
	if v.progress {
		opt.Progress = p.progress()
	}
	return opt, v.file, nil
}

func parseKeys(texts []string) (out []audit.Verifier, err error) {
	for _, text := range texts {
		key, err := audit.ParseVerifier(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--key: %w; see: postern audit keys", err)}
		}
		out = append(out, key)
	}
	return out, nil
}

// witnesses are those that have to have signed.
func (v proof) witnesses() (out []audit.Verifier, err error) {
	for _, text := range v.witness {
		w, err := audit.ParseWitness(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--witness: %w", err)}
		}
		out = append(out, w)
	}
	if v.quorum < 0 || v.quorum > len(out) {
		return nil, usageError{errors.New("--quorum is at most the number of --witness")}
	}
	return out, nil
}

func readAgainst(names []string) (out []audit.OutsideCheckpoint, err error) {
	for _, name := range names {
		notes, err := audit.ReadCheckpoints(name)
		if err != nil {
			return nil, err
		}
		out = append(out, notes...)
	}
	return out, nil
}

// configured takes what is not named from the configuration.
func (p *program) configured(v *proof, opt *audit.VerifyOptions) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	if len(v.keys) == 0 {
		keys, err := checkpointKeys(c, p.now)
		if err != nil {
			return err
		}
		if opt.Verifiers, err = verifiers(keys); err != nil {
			return err
		}
	}
	if v.file == "" {
		v.file = c.JournalPath()
		if len(v.against) == 0 && !empty(c.Checkpoints.Dir) {
			v.against = []string{c.Checkpoints.Dir}
		}
	}
	return nil
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() && !strings.HasPrefix(e.Name(), ".") })
}

// checkpointKeys are the public keys of every version that ever signed.
func checkpointKeys(c *boot.Config, now func() time.Time) ([]keyring.PublicKey, error) {
	if _, err := os.Stat(c.KeystorePath()); err != nil {
		return nil, fmt.Errorf("open keystore (or name the public keys with --key): %w", err)
	}
	keys, err := boot.OpenKeys(c, now)
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	return slices.DeleteFunc(keys.CheckpointKeys(), func(k keyring.PublicKey) bool { return k.State == keyring.Next }), nil
}

func verifiers(keys []keyring.PublicKey) ([]audit.Verifier, error) {
	var out []audit.Verifier
	for _, k := range keys {
		v, err := audit.NewVerifier(k.Name, k.Key)
		if err != nil {
			return nil, fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// progress says twice a second how far the verification is.
func (p *program) progress() func(done, total uint64) {
	start := p.now()
	last := start
	return func(done, total uint64) {
		now := p.now()
		if now.Sub(last) < 500*time.Millisecond && done < total {
			return
		}
		last = now
		rate := float64(done) / max(now.Sub(start).Seconds(), 0.001)
		_ = p.note("%d of %d records, %.0f/s", done, total, rate) // progress is not worth failing for
	}
}

// restored names what restorations lost.
func (p *program) restored(r *audit.Report) error {
	var errs []error
	for _, at := range r.Restored {
		errs = append(errs, p.say("Record %d begins chain %s: restored from the backup of %s.", at.Seq, at.Chain, micro(at.Taken)))
		if at.Lost > 0 {
			errs = append(errs, p.say("LOST there: at least %d records of chain %s, from number %d on; %d outside checkpoints cover lost records.", at.Lost, at.From, at.Size, at.Checkpoints))
		}
	}
	return errors.Join(errs...)
}

func (p *program) witnessed(r *audit.Report) error {
	var errs []error
	for _, w := range r.Witnesses {
		if w.Checkpoints == 0 {
			errs = append(errs, p.say("Witness %s signed none of them.", w.Name))
			continue
		}
		errs = append(errs, p.say("Witness %s signed %d of them, the last over %d records.", w.Name, w.Checkpoints, w.Size))
	}
	if r.WitnessedTo.Size > 0 {
		errs = append(errs, p.say("Enough witnesses signed up to record %d (%s).", r.WitnessedTo.Size-1, r.WitnessedTo.From))
	}
	return errors.Join(errs...)
}

func (p *program) report(r *audit.Report) error {
	var errs []error
	for _, f := range r.Findings {
		errs = append(errs, p.say("%s", f))
	}
	if r.Dropped > 0 {
		errs = append(errs, p.say("and %d more", r.Dropped))
	}
	errs = append(errs, p.say("%d records, %d parts read; %d parts erased and %d records purged under %d erasure records",
		r.Records, r.Parts, r.Erased, r.Purged, r.Erasures))
	if r.Revisions > 0 {
		errs = append(errs, p.say("%d revisions took the place of bodies that were erased", r.Revisions))
	}
	errs = append(errs, p.say("%d checkpoints in the store and %d outside agree", r.Checkpoints, r.Outside))
	if r.ProvenTo.Size == 0 {
		errs = append(errs, p.say("No outside checkpoint covers the trail: nothing proves that it is complete."))
	} else {
		errs = append(errs, p.say("Proved complete up to record %d, %s (%s).", r.ProvenTo.Size-1, micro(r.ProvenTo.Time), r.ProvenTo.From))
	}
	errs = append(errs, p.restored(r), p.witnessed(r))
	if rest := r.Records - min(r.Records, r.ProvenTo.Size); rest > 0 && r.ProvenTo.Size > 0 {
		errs = append(errs, p.say("%d newer records are consistent, but no outside checkpoint covers them yet.", rest))
	}
	if r.OK() {
		return errors.Join(append(errs, p.say("Nothing disagrees."))...)
	}
	return errors.Join(append(errs, p.say("The trail DISAGREES with itself or its checkpoints: see above."))...)
}
