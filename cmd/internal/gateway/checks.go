package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"postern/audit"
	"postern/cmd/internal/boot"
)

// What readyz says of the stored trail. None of it keeps messages from passing:
// what was recorded once cannot be mended by recording nothing more.
const (
	trailChecking  = "checking"
	trailSound     = "ok"
	trailDisagrees = "disagrees"
	trailUnread    = "not_read"
)

// trail is what is known of the stored trail since the start.
type trail struct {
	word    atomic.Value              // string, one of the above
	outside []audit.OutsideCheckpoint // of the newest file; owned by begin, then by checkTrail
}

func (t *trail) state() string {
	word, _ := t.word.Load().(string)
	return word
}

// maxTail is how many records a start reads: a tenth of a second.
const maxTail = 20_000

var errTail = errors.New("the end of the trail is not what the newest checkpoint outside the store was made of")

// checkTail holds what the last run left behind against the newest checkpoint
// outside the store, before anything is added to it. The rest of the trail is
// read in the background.
func (g *Gateway) checkTail(ctx context.Context) error {
	g.trail.word.Store(trailChecking)
	g.trail.outside = newestCheckpoints(g.config.Load().Checkpoints.Dir)
	verifiers, err := boot.CheckpointVerifiers(g.store.Keys)
	if err != nil {
		return err
	}
	head := g.store.Journal.Head()
	for i := len(g.trail.outside) - 1; i >= 0; i-- {
		at, err := audit.OpenCheckpoint(g.trail.outside[i].Note, verifiers...)
		if err != nil || at.Origin != head.Chain {
			continue // the whole check names it
		}
		if at.Size > head.Size {
			err = errTail
		} else if at.Size > 0 && head.Size-at.Size <= maxTail {
			err = g.walkTail(ctx, at)
		}
		if errors.Is(err, errTail) {
			return g.disagree(ctx, 1, err.Error())
		}
		return err
	}
	return nil
}

// walkTail reads the record at the checkpoint's end and those after it.
func (g *Gateway) walkTail(ctx context.Context, at audit.Checkpoint) error {
	next, link := at.Size-1, at.Head
	var buf []byte
	return g.store.Journal.Records(ctx, next, func(r *audit.Record) error {
		hash := r.Leaf // all that is left of a purged one; the whole check asks what covers it
		if !r.Purged {
			leaf, err := audit.AppendLeaf(append(buf[:0], 0), r)
			if err != nil {
				return errTail
			}
			buf, hash = leaf, sha256.Sum256(leaf)
		}
		first := r.Seq == at.Size-1
		if r.Seq != next || hash != r.Leaf || first && hash != link || !first && r.Prev != link {
			return errTail
		}
		next, link = next+1, hash
		return nil
	})
}

// newestCheckpoints are those of the last file of the folder, by name: files
// are named by day.
func newestCheckpoints(dir string) []audit.OutsideCheckpoint {
	files, err := filepath.Glob(filepath.Join(dir, "*.checkpoints"))
	if err != nil || len(files) == 0 {
		return nil
	}
	notes, err := audit.ReadCheckpoints(files[len(files)-1])
	if err != nil {
		return nil // none yet: the first checkpoint follows
	}
	return notes
}

// checkTrail verifies the whole trail once, then waits for the end. It takes a
// tenth of a processor, so that messages do not notice.
func (g *Gateway) checkTrail(ctx context.Context) error {
	err := g.verifyTrail(ctx)
	if err == nil {
		err = g.store.Journal.Reader().QuickCheck(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		g.trail.word.CompareAndSwap(trailChecking, trailUnread)
		g.metrics.Alarm("trail")
		g.log.Error().Err(err).Msg("trail not checked to its end")
	default:
		g.trail.word.CompareAndSwap(trailChecking, trailSound)
	}
	debug.FreeOSMemory() // what reading took goes back
	<-ctx.Done()
	return nil
}

func (g *Gateway) verifyTrail(ctx context.Context) error {
	verifiers, err := boot.CheckpointVerifiers(g.store.Keys)
	if err != nil {
		return err
	}
	report, err := audit.Verify(ctx, g.store.Journal.Reader(), audit.VerifyOptions{
		Verifiers: verifiers, Against: g.trail.outside, Workers: 1, MaxFindings: 10, Progress: g.pace(ctx),
	})
	g.trail.outside = nil
	if err != nil {
		return err
	}
	g.metrics.checked.Set(float64(report.Records))
	if !report.OK() {
		return g.disagree(ctx, len(report.Findings)+int(report.Dropped), findings(&report)...) //nolint:gosec // far below 2^63
	}
	g.log.Info().Uint64("records", report.Records).Uint64("proven", report.ProvenTo.Size).Msg("trail checked: nothing disagrees")
	return nil
}

// findings are sentences with positions and names, never values.
func findings(r *audit.Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.String())
	}
	return out
}

// disagree says everywhere that the trail was changed from outside.
func (g *Gateway) disagree(ctx context.Context, n int, what ...string) error {
	defer g.trail.word.Store(trailDisagrees) // last: who reads it finds all the rest
	g.metrics.findings.Set(float64(n))
	g.metrics.Alarm("trail")
	g.log.Error().Strs("findings", what).Msg("the trail disagrees with itself or its checkpoints: keep a copy of the store, and see postern audit verify")
	return g.life(ctx, "trail_disagrees", n)
}

// pace rests nine times as long as was worked, after each few thousand records.
func (g *Gateway) pace(ctx context.Context) func(done, total uint64) {
	begun := g.elapsed()
	return func(done, total uint64) {
		if done < total {
			rest := time.NewTimer(min(9*(g.elapsed()-begun), time.Second))
			defer rest.Stop()
			select {
			case <-rest.C:
			case <-ctx.Done():
			}
		}
		begun = g.elapsed()
	}
}
