package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"postern/audit/stamp"
	"postern/cmd/internal/boot"
)

const (
	stampPatience = 10 * time.Second // for one answer
	stampRetry    = time.Minute      // after one that did not come
)

// stampCheckpoints has the newest checkpoint stamped every so often, beside
// everything else: an authority that is away holds nothing up.
func (g *Gateway) stampCheckpoints(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var due time.Duration
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		cfg := g.config.Load().Checkpoints
		if cfg.Stamp.URL == "" || g.elapsed() < due {
			continue
		}
		done, err := g.stamp(ctx, cfg)
		switch {
		case err != nil && ctx.Err() == nil:
			due = g.elapsed() + min(stampRetry, cfg.Stamp.Every)
			g.log.Warn().Err(err).Msg("checkpoint not time-stamped")
			g.metrics.Alarm("stamp")
		case done:
			due = g.elapsed() + cfg.Stamp.Every
		}
	}
}

// stamp has the newest checkpoint stamped; it is not done where there is none
// that has no stamp yet.
func (g *Gateway) stamp(ctx context.Context, cfg boot.Checkpoints) (done bool, err error) {
	newest, err := g.store.Journal.Checkpoints(ctx, 1)
	if err != nil || len(newest) == 0 {
		return false, err
	}
	dir := filepath.Join(cfg.Dir, stamp.Folder)
	if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("%d.tsr", newest[0].Size))); err == nil {
		return false, nil
	}
	roots, err := stamp.Roots(cfg.Stamp.CA)
	if err != nil {
		return false, err
	}
	client, err := stampClient(cfg.Stamp.CA)
	if err != nil {
		return false, err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, stampPatience)
	defer cancel()
	answer, _, err := stamp.Ask(ctx, client, cfg.Stamp.URL, newest[0].Note, roots)
	if err != nil {
		return false, err
	}
	return true, stamp.Keep(dir, stamp.Stamped{Size: newest[0].Size, Note: newest[0].Note, Answer: answer})
}

// stampClient trusts the system's roots and the authority's for https.
func stampClient(ca string) (*http.Client, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pem, err := os.ReadFile(ca) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read roots of time stamps: %w", err)
	}
	pool.AppendCertsFromPEM(pem)
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
