// Command probe uses a keystore, destroys its first keys and stays, so that a
// test can look for them in its memory. It prints a line after each step and
// goes on with a line from stdin.
package main

import (
	"bufio"
	"fmt"
	"os"

	"postern/crypto/keyring"
)

var destroyed = []keyring.Purpose{keyring.KEK, keyring.Index, keyring.Original, keyring.App, keyring.Checkpoint, keyring.Secret}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	keys, err := keyring.Open(path, keyring.Config{})
	if err != nil {
		return err
	}
	defer keys.Close()
	steps := bufio.NewReader(os.Stdin)
	for _, step := range []func(*keyring.Keyring) error{use, destroy} {
		if err := step(keys); err != nil {
			return err
		}
		fmt.Println("done")
		if _, err := steps.ReadString('\n'); err != nil {
			return err
		}
	}
	return use(keys) // what is left must work, and be there until here
}

// use has every operation make what it needs.
func use(keys *keyring.Keyring) error {
	for i := range 500 {
		scope := keyring.Scope{Subject: [16]byte{1, byte(i)}, Class: "probe", Month: "2026-11"}
		wrapped, err := keys.NewDataKey(scope)
		if err != nil {
			return err
		}
		if _, err := keys.Seal(wrapped, scope, nil, []byte("value")); err != nil {
			return err
		}
		if _, err := keys.SealSecret(nil, []byte("value")); err != nil {
			return err
		}
		for _, p := range []keyring.Purpose{keyring.Index, keyring.Original, keyring.App, keyring.Suppression} {
			if _, err := keys.MACs(p, []byte("value")); err != nil {
				return err
			}
		}
		if _, _, err := keys.Derive(keyring.App, "probe", 32); err != nil {
			return err
		}
		if _, _, err := keys.SignCheckpoint([]byte("value\n")); err != nil {
			return err
		}
	}
	return nil
}

func destroy(keys *keyring.Keyring) error {
	for _, p := range destroyed {
		if _, err := keys.Rotate(p); err != nil {
			return err
		}
	}
	if err := use(keys); err != nil {
		return err
	}
	for _, p := range destroyed {
		if err := keys.Destroy(p, 1); err != nil {
			return err
		}
	}
	return nil
}
