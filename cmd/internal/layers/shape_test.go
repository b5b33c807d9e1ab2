package layers

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// sources calls see with every Go file that is no test, by its path.
func sources(t *testing.T, see func(path string, file *ast.File, lines int)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || e.Name() == "node_modules" || len(e.Name()) > 2 && e.Name()[0] == '.'):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		seen++
		see(filepath.ToSlash(name), file, set.Position(file.End()).Line)
		return err
	})
	if err != nil || seen < 100 {
		t.Fatalf("%d files: %v", seen, err)
	}
}

// TestFilesStaySmall: what does not fit on a few screens is two things.
func TestFilesStaySmall(t *testing.T) {
	sources(t, func(path string, _ *ast.File, lines int) {
		if lines > 400 {
			t.Errorf("%s has %d lines; 400 are the limit, 150 are good", path, lines)
		}
	})
}

// TestPackagesSayWhatTheyAreFor looks for one package comment in each.
func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	comments := map[string]int{}
	sources(t, func(path string, file *ast.File, _ int) {
		folder := filepath.Dir(path)
		comments[folder] += 0
		if file.Doc != nil && (strings.HasPrefix(file.Doc.Text(), "Package ") || strings.HasPrefix(file.Doc.Text(), "Command ")) {
			comments[folder]++
		}
	})
	for folder, n := range comments {
		if n != 1 && !strings.HasPrefix(folder, ".ci") {
			t.Errorf("%s has %d package comments", folder, n)
		}
	}
}

// ownClocks are the files below cmd that may ask the machine for the time.
var ownClocks = []string{
	"crypto/keyring/keyring.go", // the default of an injected clock
	"proxy/upstream/client.go",  // a duration on the monotonic clock
	"proxy/edge/extend.go",      // a deadline of a socket

	"audit/blob/s3test/sign.go",                 // a request for a test's own server is signed for now
	"crypto/vault/vaulttest/vaultserver/run.go", // a program for tests, of another module
}

// TestClocksAreInjected: what asks the machine for the time can not be tested
// for another day, nor see a clock that jumped.
func TestClocksAreInjected(t *testing.T) {
	sources(t, func(path string, file *ast.File, _ int) {
		if strings.HasPrefix(path, "cmd/") || slices.Contains(ownClocks, path) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Until") {
				t.Errorf("%s asks for time.%s; take a clock instead", path, sel.Sel.Name)
			}
			return true
		})
	})
}

// TestTopLevelFoldersAreFixed: a document or helper lives beside its package.
func TestTopLevelFoldersAreFixed(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	made := []string{"bin", "demo"} // by make, ignored by git
	for _, e := range entries {
		if _, known := folders[e.Name()]; e.IsDir() && !known && !slices.Contains(made, e.Name()) && e.Name()[0] != '.' {
			t.Errorf("%s is a new top-level folder", e.Name())
		}
	}
}

// TestNothingBuiltIsKept: a program that was built in its folder is soon added
// with the sources, and stays in the history for good.
func TestNothingBuiltIsKept(t *testing.T) {
	const most = 4 << 20
	given, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	patterns, seen := strings.Fields(string(given)), 0
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another test's, gone meanwhile
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == ".git" || ignored(patterns, rel)):
			return fs.SkipDir
		case !e.Type().IsRegular() || ignored(patterns, rel):
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if seen++; err == nil && info.Size() > most {
			t.Errorf("%s has %d bytes; %d are the limit", rel, info.Size(), most)
		}
		return err
	})
	if err != nil || seen < 1000 {
		t.Fatalf("%d files: %v", seen, err)
	}
}

// ignored reports that a pattern leaves out a file or a folder: from the top, or by
// its last name.
func ignored(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		p = strings.TrimSuffix(p, "/")
		fits, err := path.Match(p, path.Base(name))
		return p == "/"+name || fits && err == nil
	})
}
