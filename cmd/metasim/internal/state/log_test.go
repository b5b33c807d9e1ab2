package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/state"
)

func open(t *testing.T, dir string) (*state.Log, []string) {
	t.Helper()
	var lines []string
	log, err := state.Open(dir, true, func(kind string, value jsontext.Value) error {
		lines = append(lines, kind+string(value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return log, lines
}

func closeLog(t *testing.T, log *state.Log) {
	t.Helper()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestKeepsLinesAndCutsATornOne(t *testing.T) {
	dir := t.TempDir()
	log, _ := open(t, dir)
	if err := log.Append(state.Entry{Kind: "a", Value: 1}, state.Entry{Kind: "b", Value: "x"}); err != nil {
		t.Fatal(err)
	}
	closeLog(t, log)
	path := filepath.Join(dir, "metasim.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, `{"k":"c","v`...), 0o600); err != nil {
		t.Fatal(err)
	}
	log, lines := open(t, dir)
	if !slices.Equal(lines, []string{"a1", `b"x"`}) {
		t.Errorf("lines %v", lines)
	}
	if err := log.Append(state.Entry{Kind: "d", Value: 2}); err != nil {
		t.Fatal(err)
	}
	closeLog(t, log)
	log, lines = open(t, dir)
	if !slices.Equal(lines, []string{"a1", `b"x"`, "d2"}) {
		t.Errorf("after appending behind the cut: %v", lines)
	}
	closeLog(t, log)
}

func TestRefusesDamageAndASecondProcess(t *testing.T) {
	dir := t.TempDir()
	log, _ := open(t, dir)
	if _, err := state.Open(dir, false, nil); !errors.Is(err, state.ErrInUse) {
		t.Errorf("second process: %v", err)
	}
	closeLog(t, log)
	if err := os.WriteFile(filepath.Join(dir, "metasim.jsonl"), []byte("{\"k\":\"a\",\"v\":1}\ngarbage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := state.Open(dir, false, func(string, jsontext.Value) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("damage: %v", err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	log, _ := open(t, dir)
	if err := errors.Join(log.Append(state.Entry{Kind: "a", Value: 1}), log.Restart(state.Entry{Kind: "b", Value: 2})); err != nil {
		t.Fatal(err)
	}
	closeLog(t, log)
	log, lines := open(t, dir)
	if !slices.Equal(lines, []string{"b2"}) {
		t.Errorf("lines %v", lines)
	}
	closeLog(t, log)
}

func TestFailedWriteIsAnError(t *testing.T) {
	log, _ := open(t, t.TempDir())
	closeLog(t, log)
	if err := log.Append(state.Entry{Kind: "a", Value: 1}); err == nil {
		t.Error("a write to a closed file succeeded")
	}
	var none *state.Log
	if err := errors.Join(none.Append(state.Entry{}), none.Restart(), none.Close()); err != nil {
		t.Errorf("no log: %v", err)
	}
}
