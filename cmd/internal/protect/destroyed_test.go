package protect

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"postern/crypto/keyring"
)

// TestDestroyedKeyIsNotInMemory reads the memory of a process of its own user
// (that of root, where the tests run as root) before and after keys were
// destroyed. The process is a probe that does not withhold its memory.
func TestDestroyedKeyIsNotInMemory(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+"/", "./probe")
	build.Env = append(os.Environ(), "GOEXPERIMENT=runtimesecret")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	store := filepath.Join(dir, "keystore.json")
	keys, err := keyring.Create(store, keyring.Config{Name: "probe"})
	check(t, err)
	keys.Close()
	known := forms(t, store)
	probe := exec.Command(filepath.Join(dir, "probe"), store) //nolint:gosec // built above
	probe.Stderr = os.Stderr
	in, err := probe.StdinPipe()
	check(t, err)
	out, err := probe.StdoutPipe()
	check(t, err)
	check(t, probe.Start())
	lines := bufio.NewReader(out)
	_, err = lines.ReadString('\n')
	check(t, err)
	before := found(t, probe.Process.Pid, known)
	for _, form := range []string{"kek seal", "index mac", "app derive", "checkpoint material", "suppression mac"} {
		if !before[form] {
			t.Errorf("%s is not found while it is in use: the test looks for the wrong bytes", form)
		}
	}
	_, err = io.WriteString(in, "\n")
	check(t, err)
	_, err = lines.ReadString('\n')
	check(t, err)
	for form := range found(t, probe.Process.Pid, known) {
		if !strings.HasPrefix(form, "suppression ") && !strings.HasPrefix(form, "webhook ") {
			t.Errorf("%s is still in memory", form)
		}
	}
	_, err = io.WriteString(in, "\n")
	check(t, err)
	check(t, probe.Wait())
}

// forms are the bytes that give a key away, by name: as stored, as decoded, as
// each operation uses it, and as HMAC pads it.
func forms(t *testing.T, path string) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	check(t, err)
	var file struct {
		Body struct {
			Keys []struct {
				Purpose  string
				Material []byte
			}
		}
	}
	check(t, json.Unmarshal(raw, &file))
	known := map[string][]byte{}
	for _, k := range file.Body.Keys {
		text, err := json.Marshal(k.Material)
		check(t, err)
		known[k.Purpose+" text"], known[k.Purpose+" material"] = text[1:40], k.Material
		for _, op := range []string{"seal", "mac", "derive"} {
			key, err := hkdf.Expand(sha256.New, k.Material, "postern keyring v1 "+k.Purpose+" "+op, 32)
			check(t, err)
			name := k.Purpose + " " + op
			known[name], known[name+" inner"], known[name+" outer"] = key, padded(key, 0x36), padded(key, 0x5c)
		}
	}
	return known
}

func padded(key []byte, with byte) []byte {
	out := bytes.Clone(key)
	for i := range out {
		out[i] ^= with
	}
	return out
}

// found tells which of the known bytes are in the memory of a process.
func found(t *testing.T, pid int, known map[string][]byte) map[string]bool {
	t.Helper()
	maps, err := os.ReadFile(proc(pid, "maps"))
	check(t, err)
	memory, err := os.Open(proc(pid, "mem"))
	check(t, err)
	defer func() { check(t, memory.Close()) }()
	seen := map[string]bool{}
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var access string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &access); err != nil || !strings.HasPrefix(access, "rw") {
			continue // what cannot be written holds no keys
		}
		part := make([]byte, to-from)
		n, err := memory.ReadAt(part, from)
		if err != nil && !errors.Is(err, syscall.EIO) { // given back meanwhile
			t.Fatalf("read memory: %v", err)
		}
		for name, b := range known {
			if bytes.Contains(part[:n], b) {
				seen[name] = true
			}
		}
	}
	return seen
}
