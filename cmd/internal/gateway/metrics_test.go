package gateway

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// documented are the first cells of METRICS.md's tables with their rows.
func documented(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, name := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(cells[1], -1) {
			out[name[1]] = line
		}
	}
	return out
}

// TestMetricsAreDocumented holds the list against the registry, both ways.
func TestMetricsAreDocumented(t *testing.T) {
	m := newMetrics()
	m.registry.MustRegister(newBacklog(func() map[string]int { return nil }), newVaultGauge(&Gateway{}), newHeldGauge(nil), newHoldsGauge(nil), newRequestsGauge(nil), newNoticesGauge(nil), newExportMetrics(nil), shipGauge{}, newBackupGauge(nil), newOutsideGauge(nil), newMediaGauge(nil), newMediaS3Gauge(nil))
	descs := make(chan *prometheus.Desc, 1000)
	m.registry.Describe(descs)
	close(descs)
	form := regexp.MustCompile(`fqName: "(postern_[a-z0-9_]+)".*variableLabels: \{([a-z,]*)\}`)
	doc, exist := documented(t), map[string]bool{}
	for d := range descs {
		found := form.FindStringSubmatch(d.String())
		if found == nil {
			continue
		}
		name, labels := found[1], strings.ReplaceAll(found[2], ",", ", ")
		exist[name] = true
		if row := doc[name]; !strings.Contains(row, "| "+labels+" |") && (labels != "" || !strings.Contains(row, "| | ")) {
			t.Errorf("%s with labels %q is documented as %q", name, labels, row)
		}
	}
	for name := range doc {
		if strings.HasPrefix(name, "postern_") && !exist[name] {
			t.Errorf("%s is documented and does not exist", name)
		}
	}
	if len(exist) < 10 {
		t.Errorf("only %d metrics found", len(exist))
	}
}

// TestAlarmsAreDocumented looks for alarms where they are raised.
func TestAlarmsAreDocumented(t *testing.T) {
	doc := documented(t)
	raised := map[string]bool{}
	for _, dir := range []string{".", "../numbers", "../../../proxy", "../../../proxy/inbound"} {
		for _, name := range literals(t, dir) {
			raised[name] = true
		}
	}
	for _, task := range (&Gateway{}).tasks() {
		if task.name != "upstream" && task.name != "encryption" && task.name != "templates" && task.name != "tickets" && task.name != "exports" { // they fail with alarms of their own
			raised["task_"+task.name] = true
		}
	}
	for name := range raised {
		if doc[name] == "" {
			t.Errorf("alarm %s is not documented", name)
		}
	}
	for name := range doc {
		if !strings.HasPrefix(name, "postern_") && !raised[name] {
			t.Errorf("alarm %s is documented and nothing raises it", name)
		}
	}
}

// literals are the words given to functions named alarm or stray, or put into
// a list of alarms.
func literals(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no source", err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name := lastName(n.Fun); strings.EqualFold(name, "alarm") || name == "stray" || name == "append" && strings.Contains(lastName(n.Args[0]), "alarms") {
					out = append(out, words(n.Args)...)
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if lastName(left) == "alarm" && len(n.Rhs) == len(n.Lhs) {
						out = append(out, words(n.Rhs[i:i+1])...)
					}
				}
			}
			return true
		})
	}
	return out
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// words are the string constants among expressions.
func words(list []ast.Expr) []string {
	var out []string
	for _, e := range list {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				out = append(out, s)
			}
		}
	}
	return out
}

// TestMedianNeedsAFullWindow: a few slow deliveries are no slow app, and the
// median decides, not the mean.
func TestMedianNeedsAFullWindow(t *testing.T) {
	var w median
	for i := range len(w.last) - 1 {
		if w.add(time.Second) != 0 {
			t.Fatalf("called slow after %d", i+1)
		}
	}
	if got := w.add(time.Second); got != time.Second {
		t.Errorf("median %s", got)
	}
	for i := range len(w.last) {
		d := time.Millisecond
		if i < 20 {
			d = time.Minute
		}
		w.add(d)
	}
	if w.now != time.Millisecond {
		t.Errorf("median %s of mostly quick deliveries", w.now)
	}
}
