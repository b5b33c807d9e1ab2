package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit/blob"
	"postern/audit/export"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/proxy/egress"
)

// openExports makes what sends the trail to others. It sends nothing yet.
func (g *Gateway) openExports(ctx context.Context, cfg *boot.Config) error {
	for _, e := range cfg.Exports {
		e, err := g.destined(e)
		if err != nil {
			return fmt.Errorf("export %s: %w", e.Name, err)
		}
		sink, err := g.exportSink(e)
		if err != nil {
			return fmt.Errorf("export %s: %w", e.Name, err)
		}
		loud := &exportAlarm{gateway: g}
		x, err := export.Open(ctx, export.Config{
			Name: e.Name, Journal: g.store.Journal, Filter: e.Filter(), Sink: sink, Now: g.now, OnFault: loud.fault,
		})
		if err != nil {
			return err
		}
		g.exports = append(g.exports, x)
	}
	g.metrics.registry.MustRegister(newExportMetrics(g.exports))
	if to := g.Retention().Export; to.Bucket != "" && !slices.ContainsFunc(cfg.Exports, func(e boot.Export) bool { return e.Retention }) {
		g.log.Warn().Str("bucket", to.Bucket).Msg("the retention policy names a destination, and nothing goes there: add an export of kind lines with from_retention: true and s3 to the configuration")
	}
	return nil
}

// destined is the export with what the retention policy says of it. That is
// read at the start: a policy that changes it takes a restart.
func (g *Gateway) destined(e boot.Export) (boot.Export, error) {
	if !e.Retention {
		return e, nil
	}
	to := g.Retention().Export
	if to.Bucket == "" {
		return e, errors.New("from_retention is written, and the retention policy names no destination; write bucket and prefix under s3 instead")
	}
	e.S3.Bucket, e.S3.Prefix, e.Payload = to.Bucket, to.Prefix, to.IncludePayload
	if e.S3.Prefix != "" && !strings.HasSuffix(e.S3.Prefix, "/") {
		e.S3.Prefix += "/"
	}
	return e, nil
}

func (g *Gateway) exportSink(e boot.Export) (export.Sink, error) {
	if e.Kind == boot.ExportLines {
		return g.lines(e)
	}
	conf, err := exportTLS(e)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(e.URL)
	if err != nil {
		return nil, errors.New("its url is none")
	}
	guard, err := exportGuard(e, u)
	if err != nil {
		return nil, err
	}
	guard.Resolver = g.resolver
	if e.Kind == boot.ExportSyslog {
		return export.NewSyslog(export.SyslogConfig{
			Address: u.Host, TLS: conf, Message: e.MaxBytes, Timeout: e.Timeout,
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := guard.DialContext(ctx, network, address)
				return c, private(err)
			},
		}), nil
	}
	client := guard.Client(conf, 1, e.Timeout)
	client.Transport = explained{client.Transport}
	to := export.HTTP{URL: e.URL, Client: client, Secret: func() string { return g.exportConfig(e.Name).Token.Value() }}
	if e.Kind == boot.ExportSplunk {
		return export.NewSplunk(to, g.store.Journal.Head().Chain, e.Name), nil
	}
	return export.NewDatadog(to, g.now), nil
}

// exportGuard lets an export go to its own address alone, where it is private.
func exportGuard(e boot.Export, u *url.URL) (*egress.Guard, error) {
	if !e.Private {
		return egress.NewGuard(nil)
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "443")
	}
	return egress.NewGuard([]string{host})
}

var errPrivate = export.Refuse("its address is a private one; write private: true for this export if it is meant")

// private says what to do about an address that is refused.
func private(err error) error {
	if errors.Is(err, egress.ErrForbidden) {
		return errPrivate
	}
	return err
}

// explained is a transport with private's words.
type explained struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t explained) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	return resp, private(err)
}

// exportTLS reads a client's certificate anew for each connection, so that one
// that was renewed counts.
func exportTLS(e boot.Export) (*tls.Config, error) {
	conf, err := certs.Client(certs.ClientConfig{CA: e.CA, TLS12: true})
	if err != nil || e.ClientCert == "" {
		return conf, err
	}
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(e.ClientCert, e.ClientKey)
		if err != nil {
			return nil, errors.New("client_cert and client_key can not be used together; write the PEM files of one pair")
		}
		return &pair, nil
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return read() }
	return conf, nil
}

// lines writes files to a folder or to S3.
func (g *Gateway) lines(e boot.Export) (export.Sink, error) {
	if e.Dir != "" {
		folder, err := blob.OpenFolder(e.Dir)
		if err != nil {
			return nil, err
		}
		return export.NewLines(folder, "", e.Every, e.Filter())
	}
	bucket, err := e.S3.Open(g.now, func() boot.S3 { return g.exportConfig(e.Name).S3 })
	if err != nil {
		return nil, err
	}
	return export.NewLines(bucket, "", e.Every, e.Filter())
}

// exportConfig is an export as configured now: its secrets may be newer.
func (g *Gateway) exportConfig(name string) boot.Export {
	for _, e := range g.config.Load().Exports {
		if e.Name == name {
			return e
		}
	}
	return boot.Export{}
}

// runExports sends until ctx ends.
func (g *Gateway) runExports(ctx context.Context) error {
	var all sync.WaitGroup
	errs := make([]error, len(g.exports))
	for i, x := range g.exports {
		all.Go(func() { errs[i] = x.Run(ctx) })
	}
	all.Wait()
	<-ctx.Done()
	return errors.Join(errs...)
}

// forgetExports ends what is configured no more, on record: a purge would wait
// for it for good.
func (g *Gateway) forgetExports(ctx context.Context) error {
	cursors, err := g.store.Journal.Followers(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		name, ours := strings.CutPrefix(c.Name, export.Follower(""))
		if !ours || g.exportConfig(name).Name != "" {
			continue
		}
		if err := export.Forget(ctx, g.store.Journal, name, "system", c.Next, g.now()); err != nil {
			return err
		}
		g.log.Warn().Str("export", name).Uint64("next", c.Next).Msg("export is configured no more and forgotten")
	}
	return nil
}

// exportMetrics shows each export as it stands when it is asked.
type exportMetrics struct {
	exports                                 []*export.Export
	lag, age, sent, shrunk, faults, refused *prometheus.Desc
}

func newExportMetrics(all []*export.Export) exportMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("postern_export_"+name, help, []string{"export"}, nil)
	}
	return exportMetrics{
		exports: all,
		lag:     desc("lag_records", "Records that an export has not sent."),
		age:     desc("lag_seconds", "Age of the oldest record that an export has not sent."),
		sent:    desc("events_total", "Events that receivers have."),
		shrunk:  desc("shrunk_total", "Events sent without some of their fields."),
		faults:  desc("faults_total", "Tries that failed."),
		refused: desc("refused", "1 while a receiver takes nothing until somebody acts."),
	}
}

// Describe implements prometheus.Collector.
func (m exportMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.lag, m.age, m.sent, m.shrunk, m.faults, m.refused} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m exportMetrics) Collect(out chan<- prometheus.Metric) {
	for _, x := range m.exports {
		s := x.Status()
		refused := 0.0
		if s.State == export.Refused {
			refused = 1
		}
		gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
		for _, e := range []struct {
			desc  *prometheus.Desc
			kind  prometheus.ValueType
			value float64
		}{
			{m.lag, gauge, float64(s.Waiting)}, {m.age, gauge, float64(s.Age)}, {m.refused, gauge, refused},
			{m.sent, counter, float64(s.Sent)}, {m.shrunk, counter, float64(s.Shrunk)}, {m.faults, counter, float64(s.Faults)},
		} {
			out <- prometheus.MustNewConstMetric(e.desc, e.kind, e.value, s.Name)
		}
	}
}

// exportStatus says how each export stands.
func (g *Gateway) exportStatus() []export.Status {
	out := make([]export.Status, len(g.exports))
	for i, x := range g.exports {
		out[i] = x.Status()
	}
	return out
}

// replayExport sends from a record on again.
func (g *Gateway) replayExport(ctx context.Context, name string, from uint64, actor string) error {
	for _, x := range g.exports {
		if x.Status().Name == name {
			return x.Replay(ctx, from, actor)
		}
	}
	return &admin.Error{Code: admin.NotFound, Message: "the configuration has no such export; see postern export list"}
}
