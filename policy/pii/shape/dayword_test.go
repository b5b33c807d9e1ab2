package shape

import (
	"strconv"
	"strings"
	"testing"
)

// TestDayWords: each day has words, and each word says one day.
func TestDayWords(t *testing.T) {
	seen, days := map[string]string{}, 0
	for line := range strings.Lines(uncommented(dayWordText)) {
		fields := strings.Fields(line)
		if days++; fields[0] != strconv.Itoa(days) || len(fields) < 6 {
			t.Errorf("line %d is of day %s and has %d words", days, fields[0], len(fields)-1)
		}
		for _, w := range fields[1:] {
			if other := seen[w]; other != "" {
				t.Errorf("%s says %s and %s", w, other, fields[0])
			}
			seen[w] = fields[0]
		}
	}
	if days != 31 {
		t.Errorf("%d days", days)
	}
}
