package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

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

// ports FILE writes free ports over PORT1, PORT2 and PORT3 in a file and sets
// $PORT1 to $PORT3. They are below those that outgoing connections are given.
func ports(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	first := claim(ts)
	for i := range 3 {
		port := strconv.Itoa(first + i)
		text = strings.ReplaceAll(text, "PORT"+strconv.Itoa(i+1), port)
		ts.Setenv("PORT"+strconv.Itoa(i+1), port)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// claim finds ports that no other test takes: each holds the first one's
// datagram port until it ends.
func claim(ts *testscript.TestScript) int {
	for range 50 {
		port, err := demo.FreePorts()
		ts.Check(err)
		held, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			ts.Defer(func() { held.Close() }) //nolint:errcheck,gosec // nothing was sent
			return port
		}
	}
	ts.Fatalf("all ports are claimed")
	return 0
}

// await ADDRESS waits until somebody listens there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var c net.Conn
		if c, err = net.Dial("tcp", args[0]); err == nil {
			ts.Check(c.Close())
			return
		}
	}
	ts.Fatalf("nobody listens: %v", err)
}
