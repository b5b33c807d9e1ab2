package retention

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Obstacle is why a run would be refused, or what would have it leave what is
// due, and what to do about it.
type Obstacle struct {
	What    string `json:"what"`    // Obstacle...
	Refuses bool   `json:"refuses"` // the whole run; else some of what is due stays
	Text    string `json:"text"`
	Remedy  string `json:"remedy"`
}

// What stands in the way of a run.
const (
	ObstacleClock    = "clock"
	ObstacleRestored = "restored"
	ObstacleFollower = "follower"
)

// Distrusted is the obstacle of a clock that can not be believed.
func Distrusted(why string) Obstacle {
	return Obstacle{
		What: ObstacleClock, Refuses: true, Text: why,
		Remedy: "set the clock right; after a standstill or a jump runs go on by themselves once a week of records vouches for the clock",
	}
}

// Obstacles are all that stands in the way of a run now, what refuses it first.
func Obstacles(ctx context.Context, p Policy, holds *Holds, now time.Time, src JournalSource) ([]Obstacle, error) {
	out := []Obstacle{}
	if holds.Known() != nil {
		out = append(out, Obstacle{
			What: ObstacleRestored, Refuses: true, Text: "the store was restored from a backup, which lacks the holds placed since",
			Remedy: `place the missing holds again ("postern hold list" shows those in force), then: postern hold complete --why checked`,
		})
	}
	state, err := src.standing(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("look what stands in the way of a run: %w", err)
	}
	if why := state.distrust(now); why != "" {
		out = append(out, Distrusted(why))
	}
	before, any := p.purgesBefore(now)
	for _, name := range slices.Sorted(maps.Keys(state.Behind)) {
		if at := state.Behind[name]; any && at != 0 && at < before {
			out = append(out, Obstacle{
				What:   ObstacleFollower,
				Text:   fmt.Sprintf("%s has not read the trail from %s on, so what is older than its days is not purged from there on", name, day(at)),
				Remedy: `"postern clickhouse status" and "postern export status" say why it stands still; where it is not needed any more take it out of the configuration`,
			})
		}
	}
	return out, nil
}

// purgesBefore is before when a record must be to be purged by age in any class.
func (p Policy) purgesBefore(now time.Time) (before int64, any bool) {
	only := Policy{Classes: map[string]Class{}}
	for name, c := range p.Classes {
		if c.Action != ActionErase {
			only.Classes[name] = c
		}
	}
	return only.oldest(func(Class) time.Time { return now })
}
