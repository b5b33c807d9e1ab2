package keyring

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

func keep(t *testing.T, m *memory, secret string) *held {
	t.Helper()
	h, err := m.keep([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func lent(h *held) (got string, ok bool) {
	ok = h.use(func(secret []byte) { got = string(secret) })
	return got, ok
}

func TestMemoryKeepsAndWipes(t *testing.T) {
	m := newMemory(false)
	const many = 300 // more than two pages hold
	all := make([]*held, many)
	for i := range all {
		all[i] = keep(t, m, fmt.Sprintf("key number %21d", i))
	}
	for i, h := range all {
		if got, ok := lent(h); !ok || got != fmt.Sprintf("key number %21d", i) {
			t.Fatalf("key %d is %q, %v", i, got, ok)
		}
	}
	place := all[7].place
	all[7].wipe()
	all[7].wipe()
	if _, ok := lent(all[7]); ok || !bytes.Equal(place, make([]byte, heldSize)) {
		t.Error("a wiped key is there")
	}
	mapped := len(m.mapped)
	again := keep(t, m, "short")
	if got, _ := lent(again); got != "short" || len(m.mapped) != mapped {
		t.Errorf("the place of a wiped key holds %q, in %d pages instead of %d", got, len(m.mapped), mapped)
	}
	if got, _ := lent(all[8]); got != fmt.Sprintf("key number %21d", 8) {
		t.Errorf("the neighbour is %q", got)
	}
	m.close()
	m.close()
	if _, ok := lent(all[8]); ok {
		t.Error("a key is lent after close")
	}
	all[8].wipe() // must not touch what is unmapped
	if _, err := m.keep([]byte("late")); err == nil {
		t.Error("a closed memory holds a key")
	}
}

// TestMemoryIsGuarded asks the kernel about the page.
func TestMemoryIsGuarded(t *testing.T) {
	m := newMemory(true)
	defer m.close()
	h := keep(t, m, "a key of thirty-two bytes......!")
	if err := m.problem(); err != nil {
		t.Fatal(err)
	}
	flags := flagsAt(t, uintptr(unsafe.Pointer(&h.place[0]))) //nolint:gosec // the address is looked up in /proc
	for flag, what := range map[string]string{"lo": "locked", "dd": "left out of core files", "wf": "wiped on fork"} {
		if !strings.Contains(flags, " "+flag) {
			t.Errorf("memory of keys is not %s: %s", what, flags)
		}
	}
}

// flagsAt are the flags of the mapping that an address of this process is in.
func flagsAt(t *testing.T, address uintptr) string {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	within := false
	for line := range strings.Lines(string(raw)) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			within = from <= address && address < to
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && within {
			return flags
		}
	}
	t.Fatal("the kernel knows no such mapping")
	return ""
}
