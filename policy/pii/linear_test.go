package pii_test

import (
	"bufio"
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/policy/pii"
)

// Time is linear: what is counted is how often the statements of the packages run
// that read a text, so that neither the machine nor its load says anything.

const (
	linearSmall = 1 << 14 // bytes, more than any value, label or line reaches
	linearTimes = 4
	linearMost  = 5 // times the work, for four times the text
)

// linearText names the text that BenchmarkText scans, "name bytes".
const linearText = "POSTERN_PII_LINEAR"

// TestTimeIsLinear scans each adversarial text once at one length and once at four
// times the length, in a test binary that counts.
func TestTimeIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary")
	}
	binary := filepath.Join(t.TempDir(), "counting")
	build := exec.Command("go", "test", "-c", "-covermode=count", "-coverpkg=./,./words,./shape,./check", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build a binary that counts: %v\n%s", err, out)
	}
	start := work(t, binary, "letters", 0) // making the scanner
	for _, name := range slices.Sorted(maps.Keys(worst)) {
		small := work(t, binary, name, linearSmall) - start
		large := work(t, binary, name, linearTimes*linearSmall) - start
		t.Logf("%-10s %.1f statements a byte, then %.1f", name, float64(small)/linearSmall, float64(large)/(linearTimes*linearSmall))
		if small <= 0 || large > linearMost*small {
			t.Errorf("%s: %d statements for %d bytes, %d for %d times as many", name, small, linearSmall, large, linearTimes)
		}
	}
}

// BenchmarkText scans what linearText names, for TestTimeIsLinear: once.
func BenchmarkText(b *testing.B) {
	name, size, _ := strings.Cut(cmp.Or(os.Getenv(linearText), "letters "+strconv.Itoa(linearSmall)), " ")
	n, err := strconv.Atoi(size)
	if err != nil {
		b.Fatal(err)
	}
	s, text := scanner(b), strings.Repeat(worst[name], n/len(worst[name]))
	for range b.N {
		s.Scan(text, pii.Hint{}, nil)
	}
}

// profileLine is one of a profile of coverage: a block, its statements, how often it
// ran.
var profileLine = regexp.MustCompile(` (\d+) (\d+)$`)

// work counts the statements that run while a text is scanned, and before.
func work(t *testing.T, binary, name string, size int) (sum int) {
	t.Helper()
	profile := filepath.Join(t.TempDir(), "profile")
	run := exec.Command(binary, "-test.run=^$", "-test.bench=^BenchmarkText$", "-test.benchtime=1x", "-test.coverprofile="+profile)
	run.Env = append(os.Environ(), linearText+"="+name+" "+strconv.Itoa(size))
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if m := profileLine.FindStringSubmatch(lines.Text()); m != nil {
			statements, _ := strconv.Atoi(m[1])
			times, _ := strconv.Atoi(m[2])
			sum += statements * times
		}
	}
	return sum
}
