package detect

import (
	"runtime"
	"time"

	"postern/policy/pii"
)

// Begun is what the first scanner of a process takes.
type Begun struct {
	MS float64 `json:"ms"` // until it can scan
	MB float64 `json:"mb"` // that stay in memory
}

// Start makes the first scanner of this process; it is measured in a process of
// its own, before anything else has made one.
func Start() (Begun, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	s, err := pii.New(pii.Config{})
	if err != nil {
		return Begun{}, err
	}
	s.Scan(treatedText, pii.Hint{}, nil)
	took := time.Since(begin)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(s)
	return Begun{took.Seconds() * 1000, float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / 1e6}, nil
}
