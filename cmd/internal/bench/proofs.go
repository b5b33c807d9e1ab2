package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// Proofs is what proving one record of many costs, and checking the proof.
type Proofs struct {
	Records float64 `json:"records"`
	SizeMB  float64 `json:"size_mb"`
	Filling float64 `json:"filled_records_per_s"`
	Prove   Cost    `json:"prove"`
	Check   Cost    `json:"check"`
}

const (
	leanBatch = 1000 // records in one transaction
	receipts  = 100  // that are made and checked in turns
)

// proofs fills a journal with records that carry the least they can, signs its
// head, and proves records at random places of it.
func proofs(ctx context.Context, o *options, dir string, say func(string)) (_ *Proofs, err error) {
	v, err := openVault(ctx, filepath.Join(dir, partProofs))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	out := &Proofs{}
	if err := out.fill(ctx, v, o.Leaves, say); err != nil {
		return nil, err
	}
	if err := v.sign(ctx); err != nil {
		return nil, err
	}
	file, err := os.Stat(v.journal.Path())
	if err != nil {
		return nil, fmt.Errorf("look at the journal: %w", err)
	}
	out.SizeMB = float64(file.Size()) / (1 << 20)
	say("proving records and checking receipts")
	size := v.journal.Head().Size
	out.Prove, err = costOf("inclusion proof", o.Calls, func(int) error {
		_, err := v.journal.Reader().Prove(ctx, rand.Uint64N(size)) //nolint:gosec // which one is no secret
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, out.check(ctx, v, o.Calls)
}

func (p *Proofs) fill(ctx context.Context, v *vault, wanted int, say func(string)) error {
	said := sync.Mutex{}
	last, begin := time.Now(), time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range fillWriters {
		group.Go(func() error {
			for {
				done := v.journal.Head().Size
				if done >= uint64(wanted) { //nolint:gosec // not negative
					return nil
				}
				if said.TryLock() {
					if time.Since(last) > 15*time.Second {
						last = time.Now()
						say(fmt.Sprintf("filling the journal: %d of %d records", done, wanted))
					}
					said.Unlock()
				}
				if err := v.journal.Append(ctx, lean(leanBatch)); err != nil {
					return fmt.Errorf("fill journal: %w", err)
				}
			}
		})
	}
	err := group.Wait()
	p.Records = float64(v.journal.Head().Size)
	p.Filling = p.Records / time.Since(begin).Seconds()
	return err
}

// lean are admissions without parts: a proof never reads one.
func lean(n int) (b journal.Batch) {
	for range n {
		now := time.Now()
		b.Records = append(b.Records, audit.Record{
			Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(), Tenant: tenantName, App: appName,
			Number: phoneID, Actor: "app:" + appName, Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service",
			Effect: audit.EffectDeny, Reasons: []string{"window_closed"}, Result: "refused",
		})
	}
	return b
}

// sign puts the first checkpoint over the whole journal.
func (v *vault) sign(ctx context.Context) error {
	signer, err := boot.CheckpointSigner(v.keys)
	if err != nil {
		return err
	}
	head, at := v.journal.Head(), time.Now().UnixMicro()
	note, err := audit.Checkpoint{Origin: head.Chain, Size: head.Size, Root: head.Root, Time: at, Head: head.Leaf}.Sign(signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	return v.journal.AddCheckpoint(ctx, journal.Signed{Size: head.Size, Time: at, Note: note})
}

// check makes some receipts as apps get them, and checks each as they would.
func (p *Proofs) check(ctx context.Context, v *vault, calls int) error {
	keys, err := boot.CheckpointVerifiers(v.keys)
	if err != nil {
		return err
	}
	made := make([][]byte, 0, receipts)
	for range receipts {
		raw, err := v.receipt(ctx, rand.Uint64N(v.journal.Head().Size)) //nolint:gosec // which one is no secret
		if err != nil {
			return err
		}
		made = append(made, raw)
	}
	p.Check, err = costOf("receipt check", calls, func(i int) error {
		r, err := audit.DecodeReceipt(made[i%len(made)])
		if err != nil {
			return err
		}
		if got := r.Verify(keys...); !got.OK() {
			return errors.New("a receipt does not hold")
		}
		return nil
	})
	return err
}

func (v *vault) receipt(ctx context.Context, seq uint64) ([]byte, error) {
	var rec audit.Record
	found := errors.New("found")
	err := v.journal.Records(ctx, seq, func(r *audit.Record) error {
		rec = *r
		return found
	})
	if !errors.Is(err, found) {
		return nil, fmt.Errorf("read record %d: %w", seq, err)
	}
	receipt, err := v.journal.Reader().Receipt(ctx, &rec)
	if err != nil {
		return nil, err
	}
	return receipt.Encode()
}

func (p *Proofs) print(out *page) {
	out.line("\nproofs: journal of %.0f records without parts, %.0f MB, filled with %.0f records/s", p.Records, p.SizeMB, p.Filling)
	out.costs([]Cost{p.Prove, p.Check})
}
