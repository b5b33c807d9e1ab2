package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// newTerminal is a terminal and the side of whoever types at it.
func newTerminal(t *testing.T) (terminal, hands *os.File) {
	t.Helper()
	hands, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hands.Close() })
	fd := int(hands.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal, hands
}

// typeAnswers types each answer once it is asked for and gives what was read.
func typeAnswers(t *testing.T, answers ...string) (string, error) {
	t.Helper()
	terminal, hands := newTerminal(t)
	prompts, out := io.Pipe()
	defer out.Close()
	go func() {
		in := bufio.NewReader(prompts)
		for _, a := range answers {
			if _, err := in.ReadString(':'); err != nil {
				return
			}
			if _, err := io.WriteString(hands, a+"\n"); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, in)
	}()
	p := &program{stdin: terminal, stderr: out}
	got, err := p.askPassphrase(context.Background())
	state, stateErr := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if stateErr != nil || state.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal stays mute, error %v", stateErr)
	}
	return string(got), err
}

func TestAskPassphrase(t *testing.T) {
	if got, err := typeAnswers(t, "correct horse battery staple", "correct horse battery staple"); err != nil || got != "correct horse battery staple" {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
	if got, err := typeAnswers(t, "correct horse battery staple", "another"); err == nil || got != "" || !strings.Contains(err.Error(), "not the same") {
		t.Errorf("two that differ: %v", err)
	}
	if _, err := (&program{stdin: &bytes.Buffer{}}).askPassphrase(context.Background()); err == nil || !strings.Contains(err.Error(), "--new") {
		t.Errorf("no terminal: %v", err)
	}
}

// TestHush types while nothing may be shown.
func TestHush(t *testing.T) {
	terminal, hands := newTerminal(t)
	restore, err := hush(terminal)
	if err != nil {
		t.Fatal(err)
	}
	echo := func(word string) string {
		t.Helper()
		if _, err := io.WriteString(hands, word+"\n"); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 64)
		if n, err := terminal.Read(line); err != nil || string(line[:n]) != word+"\n" {
			t.Fatalf("read %q, error %v", line[:n], err)
		}
		if _, err := io.WriteString(terminal, "."); err != nil { // what is shown ends here
			t.Fatal(err)
		}
		shown, err := bufio.NewReader(hands).ReadString('.')
		if err != nil {
			t.Fatal(err)
		}
		return shown
	}
	if shown := echo("hidden"); strings.Contains(shown, "hidden") {
		t.Errorf("shown: %q", shown)
	}
	restore()
	if shown := echo("plain"); !strings.Contains(shown, "plain") {
		t.Errorf("after restore: %q", shown)
	}
}

// TestNobodyAnswers: a script whose input is empty is told of --yes.
func TestNobodyAnswers(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // it was only read
	for _, stdin := range []io.Reader{null, strings.NewReader("")} {
		p := &program{stdin: stdin, stderr: io.Discard}
		if err := p.askPurge("What is due"); err == nil || !strings.Contains(err.Error(), "--yes") {
			t.Errorf("%v", err)
		}
	}
}
