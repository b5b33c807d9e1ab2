package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// begin records the start, settles what an earlier run left open, and keeps
// the revisions in force. Nothing is admitted before it returns.
func (g *Gateway) begin(ctx context.Context) error {
	if err := g.checkTail(ctx); err != nil {
		return fmt.Errorf("check the end of the trail: %w", err)
	}
	if err := g.life(ctx, "start", 0); err != nil {
		return err
	}
	unknown, err := g.gate.Recover(ctx)
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	if unknown > 0 {
		if err := g.life(ctx, "recovery", unknown); err != nil {
			return err
		}
	}
	if err := g.keepRevisions(ctx, "system"); err != nil {
		return err
	}
	if err := g.forgetExports(ctx); err != nil {
		return err
	}
	// A run that was killed left records that no checkpoint covers.
	if err := g.checkpoint(ctx); err != nil {
		g.log.Error().Err(err).Msg("first checkpoint")
		g.metrics.Alarm("task_checkpoint")
	}
	for _, t := range g.config.Load().Tenants {
		if len(g.facts.Templates(t.Name, t.WABA)) > 0 {
			continue
		}
		// A first start would refuse every template until the first refresh.
		first, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		g.refreshTemplates(first)
		break
	}
	return nil
}

// end records the stop, signs a last checkpoint over it, and closes the store.
func (g *Gateway) end(ctx context.Context) error {
	errs := []error{g.strangers.Flush(ctx), g.refusals.Flush(ctx), g.life(ctx, "stop", 0), g.checkpoint(ctx)}
	g.copyLast(ctx)
	g.upstream.Close()
	return errors.Join(append(errs, g.store.Close())...)
}

// life records what happened to the program itself.
func (g *Gateway) life(ctx context.Context, what string, count int) error {
	return g.lifeBy(ctx, "system", what, count)
}

func (g *Gateway) lifeBy(ctx context.Context, actor, what string, count int) error {
	now := g.now()
	err := g.store.Journal.Append(ctx, journal.Batch{Records: []audit.Record{{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: actor, Type: what, Code: int64(count),
	}}})
	if err != nil {
		return fmt.Errorf("record %s: %w", what, err)
	}
	return nil
}

// scopeRevision holds, by name, the hash of what was last recorded.
const scopeRevision = "revision"

// keepRevisions records policy, retention policy and configuration whole, by hash, when they
// differ from what the trail has: a decision's revision can then be looked up.
// The same for the numbers that came to this gate. It is done again from time to time, for a reload whose record failed.
func (g *Gateway) keepRevisions(ctx context.Context, actor string) error {
	rows, err := g.store.Journal.Settings(ctx, scopeRevision)
	if err != nil {
		return fmt.Errorf("look up revisions: %w", err)
	}
	kept := map[string]string{}
	for _, r := range rows {
		kept[r.Key] = string(r.Value)
	}
	var errs []error
	if revision := g.policy.Revision(); kept["policy"] != revision {
		errs = append(errs, g.keepRevision(ctx, "policy", revision, texts(g.policy.Files()), actor))
	}
	if p := g.retention.Load(); kept["retention"] != p.Revision {
		errs = append(errs, g.keepRevision(ctx, "retention", p.Revision, p.Files, actor))
	}
	if cfg := g.config.Load(); kept["config"] != cfg.Revision {
		errs = append(errs, g.keepRevision(ctx, "config", cfg.Revision, map[string]string{"config": string(cfg.Source)}, actor))
	}
	return errors.Join(append(errs, g.keepVault(ctx, kept["vault"], actor), g.adopt(ctx, actor))...)
}

func texts(files map[string][]byte) map[string]string {
	out := make(map[string]string, len(files))
	for name, content := range files {
		out[name] = string(content)
	}
	return out
}

func (g *Gateway) keepRevision(ctx context.Context, name, revision string, files map[string]string, actor string) error {
	detail, err := json.Marshal(files)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	now := g.now()
	err = g.store.Journal.Append(ctx, journal.Batch{
		Records: []audit.Record{{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor, Type: name,
			Revision: revision, Result: "applied", Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
		}},
		Settings: []journal.Setting{{Scope: scopeRevision, Key: name, Value: []byte(revision), Time: now.UnixMicro()}},
	})
	if err != nil {
		return fmt.Errorf("record %s revision: %w", name, err)
	}
	return nil
}

// checkpoint signs the tree head and writes it into the store and outside.
func (g *Gateway) checkpoint(ctx context.Context) error {
	if err := g.keepSuccessions(ctx); err != nil {
		g.log.Error().Err(err).Msg("checkpoint key") // tried again with the next one
		g.metrics.Alarm("checkpoint_key")
	}
	head := g.store.Journal.Head()
	if head.Size == 0 || head.Size == g.signed {
		return nil
	}
	signer, err := boot.CheckpointSigner(g.store.Keys)
	if err != nil {
		return err
	}
	at := g.now().UnixMicro()
	signed := audit.Checkpoint{Origin: head.Chain, Size: head.Size, Root: head.Root, Time: at, Head: head.Leaf, Erasures: g.store.Erasures.Mark().Checkpoint()}
	note, err := signed.Sign(signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	note = g.cosign(ctx, signed, note)
	if err := audit.AppendCheckpoint(g.checkpointFile(), note); err != nil {
		return fmt.Errorf("write checkpoint outside the store: %w", err)
	}
	if err := g.store.Journal.AddCheckpoint(ctx, journal.Signed{Size: head.Size, Time: at, Note: note}); err != nil {
		return err
	}
	g.signed = head.Size
	return nil
}
