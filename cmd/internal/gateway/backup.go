package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/retention/backup"
)

const (
	backupLook  = time.Second      // how often is looked whether one is due
	backupAgain = 15 * time.Minute // after one that failed, at the latest
)

// schedule is what the backups of a run go by.
type schedule struct {
	newest  time.Time // that the place has
	next    time.Duration
	reading reading
	trusted time.Duration // from then on the clock is trusted
}

// backupTimes are when the newest backup was taken that the place is known to
// have, and when the next is due; zero where that is not known.
type backupTimes struct{ newest, next time.Time }

func (g *Gateway) noteBackups(s *schedule) {
	g.backups.Store(&backupTimes{s.newest, g.now().Add(s.next - g.elapsed())})
}

// backupsKnown has also what an operator asked for.
func (g *Gateway) backupsKnown() backupTimes {
	out := backupTimes{}
	if t := g.backups.Load(); t != nil {
		out = *t
	}
	if m := g.copier.Status().Made; m != nil && m.Taken.After(out.newest) {
		out.newest = m.Taken
	}
	return out
}

// backUp makes backups when they are due, until ctx ends; one under way is then
// given up.
func (g *Gateway) backUp(ctx context.Context) error {
	if g.copier == nil {
		<-ctx.Done()
		return nil
	}
	defer g.copier.Wait()
	g.metrics.registry.MustRegister(newBackupGauge(g.backupsKnown))
	s := schedule{reading: g.reading()}
	looked := false
	tick := time.NewTicker(backupLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case asked := <-g.backupAsked:
			asked.began <- g.beginAsked(ctx, &s, asked)
			looked = false // the next is due after it
			continue
		case <-tick.C:
		}
		s.watch(g.reading())
		if g.elapsed() < s.next || g.copier.Status().Running {
			continue
		}
		if !looked {
			looked = g.lookAtBackups(ctx, &s)
		} else {
			g.makeBackup(ctx, &s)
		}
		g.noteBackups(&s)
	}
}

// backupAsked is a backup that an operator asks for.
type backupAsked struct {
	actor string
	prune bool
	began chan error
}

// startBackup has backUp begin one, so that it ends with the program.
func (g *Gateway) startBackup(ctx context.Context, actor string, prune bool) error {
	if g.copier.Status().Running {
		return backup.ErrRunning
	}
	asked := backupAsked{actor, prune, make(chan error, 1)}
	select {
	case g.backupAsked <- asked:
		return <-asked.began
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// beginAsked begins what an operator asked for. Whoever asks, old backups stay
// while the clock may be wrong about what is over.
func (g *Gateway) beginAsked(ctx context.Context, s *schedule, asked backupAsked) error {
	if asked.prune {
		s.watch(g.reading())
		if err := g.mayPrune(ctx, s); err != nil {
			return err
		}
	}
	return g.copier.Start(ctx, asked.actor, asked.prune)
}

// mayPrune answers [backup.ErrClock] while the clock jumped of late, or may be wrong
// otherwise.
func (g *Gateway) mayPrune(ctx context.Context, s *schedule) error {
	if !s.settled(g.reading()) {
		return backup.Distrust("it jumped within the last hour")
	}
	return g.copier.MayPrune(ctx, g.backupEvery())
}

// backupEvery is how often one is due.
func (g *Gateway) backupEvery() time.Duration {
	return g.config.Load().Backup.Often(*g.retention.Load())
}

// watch notes a jump of the clock.
func (s *schedule) watch(now reading) {
	if d := now.wall.Sub(s.reading.wall) - (now.monotonic - s.reading.monotonic); d > jump || d < -jump {
		s.trusted = now.monotonic + time.Hour
	}
	s.reading = now
}

// settled reports whether the clock did not jump of late.
func (s *schedule) settled(now reading) bool { return now.monotonic >= s.trusted }

// lookAtBackups finds the newest backup, after which the next is due.
func (g *Gateway) lookAtBackups(ctx context.Context, s *schedule) bool {
	newest, err := g.copier.Newest(ctx)
	if err != nil {
		g.backupFailed(ctx, fmt.Errorf("look for backups: %w", err))
		s.next = g.elapsed() + min(g.backupEvery(), backupAgain)
		return false
	}
	s.newest = newest
	if rest := newest.Add(g.backupEvery()).Sub(g.now()); !newest.IsZero() && rest > 0 {
		s.next = g.elapsed() + min(rest, g.backupEvery())
	}
	return true
}

// makeBackup makes one and takes old ones away, unless the clock may be wrong:
// then all that are there stay until the next.
func (g *Gateway) makeBackup(ctx context.Context, s *schedule) {
	every := g.backupEvery()
	why := g.mayPrune(ctx, s)
	prune := why == nil
	s.next = g.elapsed() + every
	if err := g.copier.Start(ctx, "system", prune); err != nil {
		return // an operator's is under way
	}
	g.copier.Wait()
	st := g.copier.Status()
	if st.Made != nil {
		s.newest = st.Made.Taken
	}
	if st.Failed != "" {
		g.backupFailed(ctx, fmt.Errorf("%s", st.Failed))
		s.next = g.elapsed() + min(every, backupAgain)
		return
	}
	if st.Pruned != nil && len(st.Pruned.Unproved) > 0 {
		g.log.Warn().Int("backups", len(st.Pruned.Unproved)).Msg("backups that no key of this store signed are left as they are")
		g.metrics.Alarm("backup_unproved")
	}
	if !prune {
		g.log.Warn().Err(why).Msg("a backup was made, and old ones stay until a run by a clock that can be believed: set it right")
	}
}

func (g *Gateway) backupFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	g.log.Error().Err(err).Msg("backup")
	g.metrics.Alarm("backup")
}

// backupGauge says when the newest backup was taken and the next is due.
type backupGauge struct {
	newest, next *prometheus.Desc
	times        func() backupTimes
}

func newBackupGauge(times func() backupTimes) backupGauge {
	return backupGauge{
		prometheus.NewDesc("postern_backup_timestamp_seconds", "When the newest backup of this store was taken.", nil, nil),
		prometheus.NewDesc("postern_backup_next_timestamp_seconds", "When the next backup is due.", nil, nil), times,
	}
}

// Describe implements prometheus.Collector.
func (b backupGauge) Describe(out chan<- *prometheus.Desc) { out <- b.newest; out <- b.next }

// Collect implements prometheus.Collector.
func (b backupGauge) Collect(out chan<- prometheus.Metric) {
	at := b.times()
	if !at.newest.IsZero() {
		out <- prometheus.MustNewConstMetric(b.newest, prometheus.GaugeValue, float64(at.newest.Unix()))
	}
	if !at.next.IsZero() {
		out <- prometheus.MustNewConstMetric(b.next, prometheus.GaugeValue, float64(at.next.Unix()))
	}
}
