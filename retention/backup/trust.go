package backup

import (
	"context"
	"fmt"
	"time"

	"postern/retention"
)

// MayPrune answers ErrClock while the clock may be wrong about what is over: where
// the trail does not vouch for it, or it is before the newest backup or far after
// it. Backups are made every so often. Whoever takes old ones away asks before a
// new one is made, which would vouch for any clock.
func (s *Service) MayPrune(ctx context.Context, every time.Duration) error {
	now := s.cfg.Now()
	newest, err := s.Newest(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look for backups: %w", err)
	case newest.IsZero(): // there is nothing that could go
		return nil
	case !near(newest, now, every):
		return Distrust(fmt.Sprintf("it says %s, and the newest backup is of %s", now.UTC().Format(time.RFC3339), newest.UTC().Format(time.RFC3339)))
	}
	_, why, err := retention.Believed(ctx, s.cfg.Journal, now)
	if err == nil && why != "" {
		err = Distrust(why)
	}
	return err
}

// Distrust is an ErrClock with the words for why. What becomes of the backup that
// was to be made is for the caller to say.
func Distrust(why string) error { return fmt.Errorf("%w: %s", ErrClock, why) }

// near reports whether the clock agrees with the newest backup.
func near(newest, now time.Time, every time.Duration) bool {
	far := max(3*every, 8*24*time.Hour)
	return newest.Before(now) && now.Sub(newest) < far
}
