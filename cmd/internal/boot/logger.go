package boot

import (
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"
)

// NewLogger writes JSON lines with time and level. Nothing personal belongs
// into them: ids of records, names of parts, codes and counts only.
func NewLogger(w io.Writer, level string, now func() time.Time) (zerolog.Logger, error) {
	l, err := zerolog.ParseLevel(level)
	if err != nil || level == "" {
		return zerolog.Nop(), fmt.Errorf("unknown log level: write debug, info, warn or error")
	}
	return zerolog.New(w).Level(l).Hook(stamp{now}), nil
}

type stamp struct{ now func() time.Time }

func (s stamp) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str("time", s.now().UTC().Format("2006-01-02T15:04:05.000000Z"))
}
