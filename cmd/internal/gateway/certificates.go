package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/certs"
)

// edgePair is what a listener ("app", "webhook") shows its clients.
type edgePair struct {
	name string
	pair *certs.Pair
}

// lookAtCertificates takes over pairs whose files changed. One that can not be
// used leaves the old one in use, is recorded once and raises an alarm.
func (g *Gateway) lookAtCertificates(ctx context.Context) error {
	var errs []error
	fresh := false
	for _, e := range g.pairs {
		swapped, err := e.pair.Look()
		fresh = fresh || swapped
		switch {
		case err != nil:
			g.metrics.Alarm("certificate_refused")
			g.log.Error().Err(err).Str("listener", e.name).Msg("changed certificate refused: the old one goes on")
			errs = append(errs, g.recordCertificate(ctx, "certificate_refused", e.name, 0))
		case swapped:
			g.log.Info().Str("listener", e.name).Str("certificate", e.pair.Fingerprint()).Msg("certificate taken over")
			errs = append(errs, g.recordCertificate(ctx, "certificate_swapped", e.name+" "+e.pair.Fingerprint(), 0))
		}
	}
	if fresh {
		g.handOut(ctx)
	}
	return errors.Join(errs...)
}

// rotateTickets gives each listener a new session-ticket key.
func (g *Gateway) rotateTickets(context.Context) {
	for _, e := range g.pairs {
		e.pair.Rotate()
	}
}

func (g *Gateway) recordCertificate(ctx context.Context, what, result string, code int64, also ...journal.Setting) error {
	now := g.now()
	err := g.store.Journal.Append(ctx, journal.Batch{
		Records: []audit.Record{{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "system", Type: what, Result: result, Code: code,
		}},
		Settings: also,
	})
	if err != nil {
		return fmt.Errorf("record %s: %w", what, err)
	}
	return nil
}

// scopeExpiry holds, by certificate, which warning was given last.
const scopeExpiry = "certificate-expiry"

// warnings are how many days ahead an expiry is told, and -1 after it.
var warnings = []int{-1, 1, 7, 30}

// due is the closest warning whose time has come.
func due(now, expires time.Time) (days int, ok bool) {
	for _, days := range warnings {
		ahead := time.Duration(max(days, 0)) * 24 * time.Hour
		if !now.Add(ahead).Before(expires) {
			return days, true
		}
	}
	return 0, false
}

// expiry is a moment from which a certificate can not be used, with its version.
type expiry struct {
	name, version string
	at            time.Time
	quiet         bool // it will be renewed in time: nobody is to be warned
}

func (e expiry) warning(now time.Time) (days int, ok bool) {
	if e.quiet {
		return 0, false
	}
	return due(now, e.at)
}

func (g *Gateway) expiries() (out []expiry) {
	for _, e := range g.pairs {
		out = append(out, expiry{e.name, e.pair.Fingerprint(), e.pair.NotAfter(), e.pair.Issued() && !e.pair.Late()})
		if at := e.pair.RootsNotAfter(); !at.IsZero() {
			out = append(out, expiry{e.name + "-clients", strconv.FormatInt(at.Unix(), 10), at, false})
		}
	}
	return out
}

// warnOfExpiry tells each threshold of each certificate once, restarts included.
func (g *Gateway) warnOfExpiry(ctx context.Context) error {
	rows, err := g.store.Journal.Settings(ctx, scopeExpiry)
	if err != nil {
		return fmt.Errorf("look up warnings: %w", err)
	}
	told := map[string]string{}
	for _, r := range rows {
		told[r.Key] = string(r.Value)
	}
	var errs []error
	for _, e := range g.expiries() {
		g.metrics.expires.WithLabelValues(e.name).Set(float64(e.at.Unix()))
		days, ok := e.warning(g.now())
		if value := e.version + " " + strconv.Itoa(days); ok && told[e.name] != value {
			errs = append(errs, g.warn(ctx, e, days, value))
		}
	}
	return errors.Join(errs...)
}

func (g *Gateway) warn(ctx context.Context, e expiry, days int, value string) error {
	err := g.recordCertificate(ctx, "certificate_expiry", e.name, int64(days),
		journal.Setting{Scope: scopeExpiry, Key: e.name, Value: []byte(value), Time: g.now().UnixMicro()})
	if err != nil {
		return err // told when it can be recorded
	}
	g.metrics.Alarm("certificate_expiry")
	g.log.Warn().Str("certificate", e.name).Time("expires", e.at).Msg("certificate expires: install a new one, or see why Vault issues none")
	return nil
}

// certificateStates is for readyz: "ok", "expires_within_7_days", "expired".
func (g *Gateway) certificateStates() map[string]string {
	out := map[string]string{}
	for _, e := range g.expiries() {
		days, ok := e.warning(g.now())
		switch {
		case !ok:
			out[e.name] = "ok"
		case days < 0:
			out[e.name] = "expired"
		default:
			out[e.name] = fmt.Sprintf("expires_within_%d_days", days)
		}
	}
	return out
}
