package keyring_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postern/crypto/keyring"
)

// TestUseDuringRotation uses every operation while every purpose rotates; none
// may fail and everything sealed must open.
func TestUseDuringRotation(t *testing.T) {
	k, _ := create(t)
	stop := make(chan struct{})
	var users, rotation sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := useAll(k); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	rotation.Go(func() {
		for range 5 {
			for _, p := range allPurposes {
				if _, err := k.Rotate(p); err != nil {
					t.Error(err)
				}
			}
		}
	})
	rotation.Wait()
	close(stop)
	users.Wait()
}

func useAll(k *keyring.Keyring) error {
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		return err
	}
	sealed, err := k.Seal(wrapped, scope, nil, []byte("value"))
	if err != nil {
		return err
	}
	if plain, err := k.Unseal(wrapped, scope, nil, sealed); err != nil || string(plain) != "value" {
		return fmt.Errorf("unseal: %w", err)
	}
	secret, err := k.SealSecret(nil, []byte("value"))
	if err != nil {
		return err
	}
	if plain, err := k.UnsealSecret(nil, secret); err != nil || string(plain) != "value" {
		return fmt.Errorf("unseal secret: %w", err)
	}
	version, sum, err := k.MAC(keyring.App, []byte("token"))
	if err != nil {
		return err
	}
	if !k.VerifyMAC(keyring.App, version, sum[:], []byte("token")) {
		return fmt.Errorf("MAC of version %d does not verify", version)
	}
	version, derived, err := k.Derive(keyring.Webhook, "app/1", 32)
	if err != nil {
		return err
	}
	if again, err := k.DeriveVersion(keyring.Webhook, version, "app/1", 32); err != nil || !bytes.Equal(again, derived) {
		return fmt.Errorf("derived differently: %w", err)
	}
	_, _, err = k.SignCheckpoint([]byte("tree"))
	return err
}

// TestTwoOpeningsRotateAtOnce has two openings of one keystore, as two
// processes have, change it at the same time: no change may be lost.
func TestTwoOpeningsRotateAtOnce(t *testing.T) {
	const each = 20
	first, path := create(t)
	var rotation sync.WaitGroup
	for _, k := range []*keyring.Keyring{first, open(t, path)} {
		rotation.Go(func() {
			for range each {
				if _, err := k.Rotate(keyring.App); err != nil {
					t.Error(err)
				}
			}
		})
	}
	rotation.Wait()
	k := open(t, path)
	if k.Generation() != 1+2*each || stateOf(k, keyring.App, 1+2*each) != keyring.Active {
		t.Errorf("generation %d after %d changes", k.Generation(), 2*each)
	}
}

// rotateForever names the keystore that this test binary, started again by
// TestKilledWhileRotating, rotates until it is killed.
const rotateForever = "POSTERN_TEST_ROTATE"

func TestMain(m *testing.M) {
	if path := os.Getenv(rotateForever); path != "" {
		os.Exit(rotateUntilKilled(path))
	}
	os.Exit(m.Run())
}

func rotateUntilKilled(path string) int {
	k, err := keyring.Open(path, keyring.Config{})
	for err == nil {
		var version uint32
		if version, err = k.Rotate(keyring.Webhook); err == nil {
			err = k.Destroy(keyring.Webhook, version-1)
		}
		fmt.Println(k.Generation())
	}
	fmt.Println("failed:", err)
	return 1
}

func TestKilledWhileRotating(t *testing.T) {
	_, path := create(t)
	for round := range 8 {
		acknowledged := killAfter(t, path, 1+2*round)
		k := open(t, path)
		if k.Generation() < acknowledged {
			t.Fatalf("round %d: generation %d, but %d was acknowledged", round, k.Generation(), acknowledged)
		}
		if err := useAll(k); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// killAfter starts the rotating process, kills it at some moment after the
// given number of acknowledged changes and returns the last of them.
func killAfter(t *testing.T, path string, changes int) (generation uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), rotateForever+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		g, err := strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 64)
		if err != nil {
			t.Errorf("rotating process: %s", lines.Text())
			break
		}
		if generation = g; n == changes {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the rotating process was not killed")
	}
	return generation
}
