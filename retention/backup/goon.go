package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/retention"
)

// goOn opens the store under its new chain name, says in the first record where
// it comes from, and erases again what was erased since.
func (r Restore) goOn(ctx context.Context, temp string, keys *keyring.Keyring, out *Restored, erased []Erased, lost []retention.LostErasure) (err error) {
	j, err := journal.Open(ctx, journal.Config{Path: filepath.Join(temp, "journal.db"), Chain: keys.Name(), Now: r.Now, MinFree: -1})
	if err != nil {
		return fmt.Errorf("open the restored store: %w", err)
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	signer, err := signerOf(keys)
	if err != nil {
		return err
	}
	said := audit.Restoration{
		Version: 1, From: out.Manifest.Chain, Size: out.Records, Backup: out.Name, Taken: out.Taken.UnixMicro(),
		Known: out.Known, Erasures: int64(out.Erasures), Keys: !out.KeysGone,
	}
	detail, err := said.Sign(signer)
	if err != nil {
		return err
	}
	first := r.line(audit.KindLife, audit.TypeRestored)
	first.Parts = []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	began, err := out.began(first.Time)
	if err != nil {
		return err
	}
	rows, err := retention.LostErasures(ctx, j, lost, first.Time)
	if err != nil {
		return err
	}
	rows = append(rows, retention.HoldsUnknown(r.Now()), began)
	cut, err := j.CutOff(ctx)
	if err != nil {
		return err
	}
	for _, id := range cut { // the log has what became of them
		rows = append(rows, journal.NotBegun(id, first.Time))
	}
	if err := j.Append(ctx, journal.Batch{Records: []audit.Record{first}, Settings: rows}); err != nil {
		return fmt.Errorf("record the restoration: %w", err)
	}
	for i, e := range erased {
		if err := r.again(ctx, j, e); err != nil {
			return fmt.Errorf("carry out erasure %d of the log again: %w", e.N, err)
		}
		if r.Progress != nil {
			r.Progress("erasures", int64(i+1), int64(len(erased)))
		}
	}
	return j.DropLog(ctx)
}

func (r Restore) line(kind audit.Kind, what string) audit.Record {
	now := r.Now()
	return audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Actor: r.Actor, Type: what}
}

// again carries out an erasure.
func (r Restore) again(ctx context.Context, j *journal.Journal, e Erased) error {
	do := e.named()
	do.Later = true
	if len(do.Seqs) == 0 {
		if len(do.Keys)+len(do.Subjects) == 0 {
			return nil // all of it is among what is lost
		}
		do.Parts, do.Record = nil, r.line(audit.KindRequest, "erase")
		do.Record.Result = "repeated"
		return j.Erase(ctx, do)
	}
	do.Record = r.line(audit.KindErasure, "")
	err := j.Erase(ctx, do)
	if errors.Is(err, journal.ErrStillOpen) {
		// How a send ended is lost with the records behind the backup, and the
		// record stays open until the start: its content goes, its line later.
		do.Parts, do.Record = contentParts, r.line(audit.KindErasure, "")
		err = j.Erase(ctx, do)
	}
	return err
}

// contentParts are all but the detail, which the proof of others may rest on.
var contentParts = []string{audit.PartAnswer, audit.PartBody, audit.PartInput, audit.PartOriginal, audit.PartSent}

// signerOf signs with the active checkpoint key.
func signerOf(keys *keyring.Keyring) (audit.Signer, error) {
	for _, k := range keys.CheckpointKeys() {
		if k.State != keyring.Active {
			continue
		}
		return audit.NewSigner(k.Name, k.Key, func(msg []byte) ([]byte, error) {
			_, sig, err := keys.SignCheckpoint(msg)
			return sig, err
		})
	}
	return nil, fmt.Errorf("no active checkpoint key: %w", keyring.ErrNoKey)
}
