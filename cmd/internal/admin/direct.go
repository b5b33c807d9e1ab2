package admin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rotation"
	"postern/policy"
	"postern/policy/facts"
	"postern/policy/pii/pack"
	"postern/proxy"
	"postern/proxy/identity"
	"postern/proxy/media"
	"postern/proxy/person"
	"postern/retention"
)

// Direct is a Service over a store that this process opened itself.
type Direct struct {
	*Service
	store *boot.Store
	ended func() // a backup that was begun is given up or over

	mu   sync.Mutex
	late []error // what the journal reported and no caller waited for; guarded by mu
}

// Open opens the store under its lock. The error is journal.ErrInUse while a
// gateway or another command holds it.
func Open(ctx context.Context, c *boot.Config, now func() time.Time) (*Direct, error) {
	d := &Direct{}
	var err error
	if d.store, err = boot.OpenStore(ctx, c, boot.StoreConfig{Now: now, OnError: d.report}); err != nil {
		return nil, err
	}
	cfg, err := load(ctx, d.store, c, now)
	files := sync.OnceValues(func() (*blob.Store, error) { return d.store.OpenMedia(c, cfg.Config) })
	cfg.Media = sync.OnceValues(func() (*media.Store, error) {
		blobs, err := files()
		if err != nil {
			return nil, err
		}
		if err := blobs.Ready(ctx); err != nil {
			return nil, refuse(Unavailable, "files can not be read now: %v", err)
		}
		return media.New(media.Config{Journal: d.store.Journal, Keys: d.store.Keys, People: cfg.People, Blobs: blobs, Now: now}), nil
	})
	if err == nil {
		err = d.openBackups(c, &cfg, files)
	}
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	d.Service = New(cfg)
	return d, nil
}

func (d *Direct) report(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = append(d.late, err)
}

// openBackups makes backups possible without a gateway. One that is under way
// when the store is closed is given up.
func (d *Direct) openBackups(c *boot.Config, cfg *Config, files func() (*blob.Store, error)) (err error) {
	d.ended = func() {}
	var media *blob.Store
	if c.Backup.IsSet() {
		if media, err = files(); err != nil {
			return err
		}
	}
	if cfg.Backups, err = d.store.Backups(c, cfg.Config, media); err != nil || cfg.Backups == nil {
		return err
	}
	under, stop := context.WithCancel(context.Background())
	cfg.StartBackup = func(ctx context.Context, actor string, prune bool) error {
		if err := media.Ready(under); err != nil {
			return err
		}
		if prune {
			if err := cfg.Backups.MayPrune(ctx, c.Backup.Often(cfg.Retention())); err != nil {
				return err
			}
		}
		return cfg.Backups.Start(under, actor, prune)
	}
	d.ended = func() { stop(); cfg.Backups.Wait() }
	return nil
}

// Close closes the store, and says what went wrong unheard.
func (d *Direct) Close() error {
	d.ended()
	err := d.store.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	return errors.Join(append(d.late, err)...)
}

func load(ctx context.Context, store *boot.Store, c *boot.Config, now func() time.Time) (Config, error) {
	cfg := Config{
		Now: now, Config: func() *boot.Config { return c }, Journal: store.Journal, Keys: store.Keys,
		NoteKeys: store.NoteKeys, Facts: facts.New(), Direct: true,
	}
	var err error
	if cfg.Apps, err = identity.Load(ctx, identity.Config{Journal: store.Journal, Keys: store.Keys, Now: now}, Apps(c)); err != nil {
		return cfg, err
	}
	cfg.People, err = person.Load(ctx, person.Config{
		Journal: store.Journal, Keys: store.Keys, Now: now,
		Linked: func(tenant string, a, b audit.SubjectID, proven bool) {
			cfg.Facts.Link(tenant, facts.Subject(a), facts.Subject(b), proven)
		},
		Refused: func(r facts.Row) { _ = cfg.Facts.Apply(r) }, //nolint:errcheck // as it was stored
	})
	if err != nil {
		return cfg, err
	}
	if err := store.Journal.Facts(ctx, func(f journal.Fact) error { return cfg.Facts.Apply(proxy.FactRow(f)) }); err != nil {
		return cfg, fmt.Errorf("load facts: %w", err)
	}
	cfg.Holds, err = retention.LoadHolds(ctx, retention.HoldsConfig{
		Journal: store.Journal, Now: now, Root: cfg.People.Root,
		Numbers: func(app string) []string { _, a, _ := c.App(app); return a.Numbers },
	})
	if err != nil {
		return cfg, err
	}
	kept, err := directRetention(c)
	if err != nil {
		return cfg, err
	}
	cfg.Retention = func() retention.Policy { return kept }
	cfg.Packs = sync.OnceValues(func() (*pack.Set, error) { return directPacks(c) })
	runner := retention.NewRunner(retention.RunConfig{
		Journal: store.Journal, Holds: cfg.Holds, Policy: cfg.Retention, Now: now,
		Signer:    func() (audit.Signer, error) { return boot.CheckpointSigner(store.Keys) },
		Elsewhere: []func(context.Context, retention.Gone) (retention.Place, error){notAsked},
	})
	cfg.Certify, cfg.CertifyRedaction = runner.CertifySubject, runner.CertifyRedaction
	cfg.Rotation, err = rotation.Open(ctx, rotation.Config{Journal: store.Journal, Keys: store.Keys, People: cfg.People, Now: now})
	return cfg, err
}

// notAsked stands for what only a running gateway can ask.
func notAsked(context.Context, retention.Gone) (retention.Place, error) {
	return retention.Place{
		Name: "elsewhere", State: retention.StateUnknown,
		How: "no gateway ran: ClickHouse, backups, exports and copies were not asked; what is shipped follows once it runs",
	}, nil
}

func directRetention(c *boot.Config) (retention.Policy, error) {
	layers, err := boot.PolicyLayers(c.PolicyDir)
	if err != nil {
		return retention.Policy{}, err
	}
	p, err := boot.Retention(layers)
	if err != nil {
		return p, fmt.Errorf("load policy: %w", err)
	}
	return p, nil
}

// directPacks are the packs of the configured policy. It is compiled whole, as a
// gateway would: settings that no gateway takes are none to go by.
func directPacks(c *boot.Config) (*pack.Set, error) {
	layers, err := boot.PolicyLayers(c.PolicyDir)
	if err != nil {
		return nil, err
	}
	engine, err := policy.Load(context.Background(), layers...)
	if err != nil {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	return engine.Packs(), nil
}

// Apps are the apps of a configuration as identities know them.
func Apps(c *boot.Config) []identity.App {
	var out []identity.App
	for _, t := range c.Tenants {
		for _, a := range t.Apps {
			app := identity.App{
				Tenant: t.Name, Name: a.Name, Family: a.Dialect, Numbers: a.Numbers,
				Certificates: a.ClientNames, Proof: identity.Proof(a.Identify),
			}
			if a.MonitorKey.IsSet() {
				app.Monitor = identity.MonitorSum(a.MonitorKey.Value())
			}
			out = append(out, app)
		}
	}
	return out
}

// Journal is the store's, for commands that read records themselves.
func (d *Direct) Journal() *journal.Journal { return d.store.Journal }
