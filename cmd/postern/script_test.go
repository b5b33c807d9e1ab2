package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/audit/stamp/stamptest"
	"postern/cmd/internal/demo"
	"postern/crypto/certs"
)

// TestScripts runs the program as it is built, since that is what people type
// at: with the race detector in it each of its hundreds of starts takes half a
// second.
func TestScripts(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin+"/", ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	path := func(e *testscript.Env) error {
		e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
		return nil
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: path, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"exitcode":    exitCode,
		"firstid":     firstID,
		"certificate": certificate,
		"ports":       ports,
		"await":       await,
		"awaitword":   awaitWord,
		"grab":        grab,
		"expand":      expand,
		"authority":   func(ts *testscript.TestScript, _ bool, args []string) { authority(t, ts, args) },
	}})
}

// exitCode runs a command and checks with what it exits: exitcode 3 postern ...
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// firstID sets $ID to the id of the first record.
func firstID(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec("postern", "audit", "sql", "--csv", "SELECT id FROM audit WHERE seq = 0"))
	_, id, _ := strings.Cut(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	ts.Setenv("ID", id)
}

// certificate NAME [HOST...] writes NAME.pem and NAME-key.pem for loopback and
// for hosts.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	authority, err := certs.NewAuthority("script", time.Now(), time.Hour)
	ts.Check(err)
	cert, key, err := authority.Issue(time.Now(), time.Hour, append([]string{"127.0.0.1"}, args[1:]...)...)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path+".pem", cert, 0o600))
	ts.Check(os.WriteFile(path+"-key.pem", key, 0o600))
}

// ports FILE writes free ports over PORT1 to PORT5 in a file and sets $PORT1 to
// $PORT5. They are below those that outgoing connections are given.
func ports(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	first, release, err := demo.ClaimPorts()
	ts.Check(err)
	ts.Defer(release)
	for i := range 5 {
		port := strconv.Itoa(first + i)
		text = strings.ReplaceAll(text, "PORT"+strconv.Itoa(i+1), port)
		ts.Setenv("PORT"+strconv.Itoa(i+1), port)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// until waits for a condition that no program tells of, a minute at most.
func until(ts *testscript.TestScript, what string, holds func() bool) {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for late := time.After(time.Minute); !holds(); {
		select {
		case <-look.C:
		case <-late:
			ts.Fatalf("waited a minute: %s", what)
		}
	}
}

// await ADDRESS waits until somebody listens there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "nobody listens at "+args[0], func() bool {
		c, err := net.Dial("tcp", args[0])
		if err == nil {
			ts.Check(c.Close())
		}
		return err == nil
	})
}

// awaitWord GLOB WORD waits until a file holds the word.
func awaitWord(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "no file "+args[0]+" holds "+args[1], func() bool {
		files, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		return slices.ContainsFunc(files, func(name string) bool {
			raw, err := os.ReadFile(name)
			return err == nil && bytes.Contains(raw, []byte(args[1]))
		})
	})
}

// grab NAME PATTERN sets $NAME to the first match in what was printed last.
func grab(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("nothing matches %s", args[1])
	}
	ts.Setenv(args[0], found)
}

// expand FILE writes the values of variables over them.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// authority FILE ROOTS starts an authority of time stamps, writes its address
// over STAMPURL in a file, and its roots.
func authority(t *testing.T, ts *testscript.TestScript, args []string) {
	a := stamptest.New(t, time.Now(), time.Now().Add(time.Hour))
	roots, err := os.ReadFile(a.Roots)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), roots, 0o600))
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "STAMPURL", a.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
