package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/crypto/certs"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"postern": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"exitcode":    exitCode,
		"firstid":     firstID,
		"certificate": certificate,
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

// certificate NAME writes NAME.pem and NAME-key.pem for loopback.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	authority, err := certs.NewAuthority("script", time.Now(), time.Hour)
	ts.Check(err)
	cert, key, err := authority.Issue(time.Now(), time.Hour, "127.0.0.1")
	ts.Check(err)
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(os.WriteFile(path+".pem", cert, 0o600))
	ts.Check(os.WriteFile(path+"-key.pem", key, 0o600))
}
