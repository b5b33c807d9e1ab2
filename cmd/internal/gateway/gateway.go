// Package gateway puts the parts together into the running program: store,
// policy, facts, gate, listeners, delivery and the clocks that drive them.
//
// It fails closed: a part that can not start keeps the program from starting,
// and a listener that ends takes the program down with it, in order.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/export"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/numbers"
	"postern/cmd/internal/rotation"
	"postern/policy"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/egress"
	"postern/proxy/identity"
	"postern/proxy/limit"
	"postern/proxy/media"
	"postern/proxy/outbound"
	"postern/proxy/person"
	"postern/proxy/settings"
	"postern/proxy/stats"
	"postern/proxy/upstream"
	"postern/proxy/xds"
	"postern/retention"
	"postern/retention/backup"
)

// Gateway is everything that runs. Fields are set by Open and not changed,
// but for what is behind atomic pointers.
type Gateway struct {
	now     func() time.Time
	elapsed func() time.Duration // monotonic
	log     zerolog.Logger

	config atomic.Pointer[boot.Config]
	routes atomic.Pointer[routes]

	adopted atomic.Pointer[map[string]int64] // by number, see adopt

	encryption *encryption
	files      atomic.Pointer[http.Client] // fetches files of flows

	store     *boot.Store
	policy    *policy.Engine
	retention atomic.Pointer[retention.Policy]
	facts     *facts.State
	people    *person.Directory
	holds     *retention.Holds
	requests  dueRequests
	reviews   reviewedHolds
	notices   dueNotices
	retain    retaining
	media     *media.Store
	files3    *filesAtS3 // nil where files lie in data/media
	identity  *identity.Directory
	settings  *settings.Store
	limits    *limit.Limiter
	strangers *limit.Strangers
	refusals  *limit.Refusals
	guard     *egress.Guard
	resolver  *net.Resolver
	upstream  *upstream.Client
	delivery  *delivery.Dispatcher
	gate      *proxy.Gate
	outbound  *outbound.Handler
	rotation  *rotation.Worker
	admin     *admin.Service
	numbers   *numbers.Desk
	exports   []*export.Export
	exportLag exportLag
	atS3      *atS3                       // nil where the configuration names no bucket for checkpoints
	copier    *backup.Service             // nil where the configuration names no place
	backups   atomic.Pointer[backupTimes] // what is known of its backups
	metrics   *metrics
	stats     *stats.Counters
	health    *health
	trail     trail
	tokens    tokens
	spaces    namespaces
	throughs  throughputs
	flowWatch flowWatch

	backupAsked chan backupAsked // by operators

	residencies residencies
	flowStore   *settings.FlowKeys
	clickHouse  clickHouse
	vault       *vaults // nil where the configuration names none

	control *xds.Server   // of Envoys; nil where the configuration has none
	pairs   []edgePair    // of the listeners, reloaded together
	changed chan struct{} // tells the clocks of a new configuration

	reloading sync.Mutex   // one reload at a time
	signed    uint64       // size of the last checkpoint; owned by clocks, then by end
	vouched   uint32       // newest checkpoint key with a statement; owned like signed
	distrust  atomic.Int64 // steps of housekeeping to leave out; owned by clocks
	outage    outage
}

// Surroundings are what a gateway takes from the process it runs in.
type Surroundings struct {
	Now func() time.Time
	Log zerolog.Logger
	// Elapsed is a monotonic clock, which says when something recurs and
	// whether Now jumped. Nil is the machine's.
	Elapsed func() time.Duration
	// Fault makes a step of the journal's writer fail, in tests. Nil does nothing.
	Fault func(journal.Step) error
	// Resolver looks up the names of webhook targets, in tests. Nil is the system's.
	Resolver *net.Resolver
}

// Open opens the store and builds every part. Nothing listens yet.
func Open(ctx context.Context, cfg *boot.Config, in Surroundings) (*Gateway, error) {
	g := &Gateway{now: in.Now, elapsed: in.Elapsed, log: in.Log, changed: make(chan struct{}, 1), backupAsked: make(chan backupAsked), facts: facts.New(), metrics: newMetrics(), stats: stats.New(in.Now), health: newHealth(in.Now), resolver: in.Resolver}
	if g.elapsed == nil {
		began := time.Now() // only differences of it are looked at
		g.elapsed = func() time.Duration { return time.Since(began) }
	}
	cfg, err := g.openVault(ctx, cfg)
	if err != nil {
		return nil, err
	}
	g.config.Store(cfg)
	g.routes.Store(newRoutes(cfg))
	g.adopted.Store(&map[string]int64{})
	if err := g.loadPolicy(ctx, cfg); err != nil {
		return nil, err
	}
	if g.store, err = boot.OpenStore(ctx, cfg, boot.StoreConfig{Now: in.Now, OnError: g.journalFailed, Fault: in.Fault, Record: g.stats.Record, Vault: g.vaultClient()}); err != nil {
		return nil, err
	}
	if err := g.openWrapper(ctx, cfg); err != nil {
		return nil, errors.Join(err, g.store.Close())
	}
	if err := g.store.Keys.Unlocked(); err != nil {
		g.log.Warn().Err(err).Msg("keys lie in memory that may be swapped out")
	}
	if err := errors.Join(g.openClickHouse(cfg), g.openOutside(cfg), g.build(ctx, cfg)); err != nil {
		return nil, errors.Join(err, g.store.Close())
	}
	return g, nil
}

func (g *Gateway) onError(err error) { g.log.Error().Err(err).Msg("journal") }

func (g *Gateway) loadPolicy(ctx context.Context, cfg *boot.Config) error {
	layers, err := boot.PolicyLayers(cfg.PolicyDir)
	if err != nil {
		return err
	}
	if g.policy, err = policy.Load(ctx, layers...); err != nil {
		return fmt.Errorf("load policy: %w", err)
	}
	kept, err := boot.Retention(layers)
	if err != nil {
		return fmt.Errorf("load policy: %w", err)
	}
	g.retention.Store(&kept)
	return nil
}

func (g *Gateway) build(ctx context.Context, cfg *boot.Config) error {
	for _, step := range []func(context.Context, *boot.Config) error{g.buildState, g.buildEdges, g.buildGate, g.openExports} {
		if err := step(ctx, cfg); err != nil {
			return err
		}
	}
	return nil
}

// buildState loads what is known from the journal's rows.
func (g *Gateway) buildState(ctx context.Context, cfg *boot.Config) error {
	j, keys := g.store.Journal, g.store.Keys
	var err error
	if g.identity, err = identity.Load(ctx, identity.Config{Journal: j, Keys: keys, Now: g.now}, admin.Apps(cfg)); err != nil {
		return err
	}
	g.people, err = person.Load(ctx, person.Config{
		Journal: j, Keys: keys, Now: g.now,
		Linked: func(tenant string, a, b audit.SubjectID, proven bool) {
			g.facts.Link(tenant, facts.Subject(a), facts.Subject(b), proven)
		},
		Refused: func(r facts.Row) { _ = g.facts.Apply(r) }, //nolint:errcheck // as it was stored
	})
	if err != nil {
		return err
	}
	if err := j.Facts(ctx, func(f journal.Fact) error { return g.facts.Apply(proxy.FactRow(f)) }); err != nil {
		return fmt.Errorf("load facts: %w", err)
	}
	g.holds, err = retention.LoadHolds(ctx, retention.HoldsConfig{Journal: j, Now: g.now, Root: g.people.Root, Numbers: g.numbersOf})
	return err
}

// buildEdges makes what reaches outside.
func (g *Gateway) buildEdges(ctx context.Context, cfg *boot.Config) error {
	var err error
	if g.guard, err = egress.NewGuard(cfg.Delivery.AllowTargets); err != nil {
		return err
	}
	g.guard.Resolver = g.resolver
	g.settings, err = settings.Load(ctx, settings.Config{Journal: g.store.Journal, Keys: g.store.Keys, Guard: g.guard, Now: g.now})
	if err != nil {
		return err
	}
	g.settings.Configure(g.webhooks(cfg))
	g.flowStore, err = settings.LoadFlowKeys(ctx, settings.Config{Journal: g.store.Journal, Keys: g.store.Keys, Now: g.now})
	if err != nil {
		return err
	}
	if g.encryption, err = loadEncryption(ctx, g.store.Journal, cfg, g.log, g.metrics.Alarm); err != nil {
		return err
	}
	if g.upstream, err = newUpstream(cfg, g.now); err != nil {
		return err
	}
	files, err := flowMediaClient(cfg, g.resolver)
	if err != nil {
		return err
	}
	g.files.Store(files)
	if err := g.openMedia(ctx, cfg); err != nil {
		return err
	}
	g.limits = limit.New(limit.Config{Rates: rates(cfg), Now: g.now})
	g.strangers = limit.NewStrangers(g.store.Journal, g.hashSource, g.now)
	g.refusals = limit.NewRefusals(g.store.Journal, g.now)
	return nil
}

// buildGate makes the gate, what it delivers through, and the admin service.
func (g *Gateway) buildGate(ctx context.Context, cfg *boot.Config) error {
	scanner, err := pii.New(pii.Config{Countries: cfg.Countries()})
	if err != nil {
		return fmt.Errorf("tenants' countries: %w", err)
	}
	client, err := deliveryClient(cfg, g.guard)
	if err != nil {
		return err
	}
	providers, err := appClient(cfg, g.guard, 8, time.Minute)
	if err != nil {
		return err
	}
	// What waits for an app that is no more in the configuration has to end, too.
	gone, err := g.store.Journal.WaitingApps(ctx)
	if err != nil {
		return fmt.Errorf("look for deliveries: %w", err)
	}
	g.delivery = delivery.Start(ctx, delivery.Config{
		Journal: g.store.Journal, Apps: append(appNames(cfg), gone...), Keys: g.people, Rests: g.rests, Settings: g.settings, Client: client, Now: g.now, Pace: g.webhookPace,
		Serves: func() bool { return g.serves(boot.Deliver) }, Latency: g.metrics.latency, Result: g.delivered, OnError: g.onError,
	})
	g.metrics.registry.MustRegister(newBacklog(g.delivery.Backlog), newVaultGauge(g), newHeldGauge(g.limits.Held), newHoldsGauge(g), newRequestsGauge(g), newNoticesGauge(g))
	g.gate = proxy.New(proxy.Config{
		Journal: g.store.Journal, Keys: g.store.Keys, Policy: g.policy, Facts: g.facts, People: g.people, Scanner: scanner, Countries: cfg.Countries(),
		Now: g.now, Log: g.log, Deliver: g.delivery.Notify, Observe: g.metrics, Unknown: cfg.UnknownAfter, Accounts: g.account,
		Media: g.media, Apps: g.apps, Unlisted: g.hurry, AccountChanged: g.accountChanged, Serves: func() bool { return g.vault.vouchesFor(boot.Keys, g.config.Load().Vault.MaxOffline) },
		Keeps: g.keeps,
	})
	g.outbound = outbound.New(outbound.Config{
		Gate: g.gate, Identity: g.identity, Certificate: g.certificate, Settings: g.settings, Limits: g.limits, Strangers: g.strangers, Refusals: g.refusals, Upstream: g.upstream, Media: g.media,
		Envelope: g.encryption.of, Accounts: g.account, Token: g.token, AppSecret: g.appSecret, Files: providers, Facts: g.facts, HealthShape: g.healthShape, Stats: g.stats, Backlog: g.delivery.Backlog,
		Challenge: func(ctx context.Context, address, token string) error {
			return delivery.Challenge(ctx, client, address, token)
		},
		TemplatesChanged: g.hurry, NumberChanged: g.numberChanged, Namespace: g.namespace,
		Journal: g.store.Journal, SignedEvery: func() time.Duration { return g.config.Load().Checkpoints.Every },
		PublicURL: cfg.PublicURL, BodyBytes: cfg.Limits.BodyBytes, Now: g.now, Log: g.log, Observe: g.metrics, Held: g.held,
	})
	g.rotation, err = rotation.Open(ctx, rotation.Config{
		Journal: g.store.Journal, Keys: g.store.Keys, People: g.people, Now: g.now, Pause: rotationPause, OnError: g.rotationFailed,
	})
	if err != nil {
		return err
	}
	g.numbers = g.newNumbers()
	g.buildRetention()
	purgeLost, overLost := g.lostOfAdmin()
	g.admin = admin.New(admin.Config{
		Now: g.now, PurgeLost: purgeLost, OverLost: overLost, Config: g.config.Load, Journal: g.store.Journal, Keys: g.store.Keys, Apps: g.identity, People: g.people, Holds: g.holds, Packs: func() (*pack.Set, error) { return g.policy.Packs(), nil }, Retention: g.Retention,
		Facts: g.facts, Rotation: g.rotation, NoteKeys: g.store.NoteKeys, Transit: g.transitKey, Reload: g.Reload, EnableEncryption: g.enableEncryption, EncryptionStatus: g.encryptionStatus,
		UploadFlowKey: g.uploadFlowKey, CheckFlowKey: g.lookAtFlowKey, NewFlowKey: g.newFlowKey, RetireFlowKey: g.retireFlowKey,
		NumberStatus: g.numbers.Status, NumberWebhook: g.numberWebhook, ShowResidency: g.showResidency, SetResidency: g.setResidency,
		ExportStatus: g.exportStatus, ReplayExport: g.replayExport,
		MoveNumber: g.numbers.Move, AbortMove: g.numbers.Abort, Retain: g.startRetention, Retained: g.retained, TrustClock: g.trustClock, Noticed: g.notices.changed, Certify: g.retain.runner.CertifySubject,
		CertifyRedaction: g.retain.runner.CertifyRedaction,
		Media:            func() (*media.Store, error) { return g.media, nil },
		Forgotten:        func(subjects []audit.SubjectID) { g.gate.Forget(subjects); g.delivery.Forget(subjects) }, Freed: g.delivery.Resume,
		Backups: g.copier, StartBackup: g.startBackup,
		Replayed: g.delivery.Replay, Revealed: g.revealed, Stranger: g.strangers.Count,
	})
	return nil
}
