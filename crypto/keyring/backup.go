package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a copy of the keystore file to a path where nothing is
// (fs.ErrExist otherwise), durable, mode 0600, and opens the copy to be sure of
// it. The copy has the passphrase that the keystore has now.
func (k *Keyring) Backup(to string) error {
	k.change.Lock()
	defer k.change.Unlock()
	if err := k.copyTo(filepath.Clean(to)); err != nil {
		return fmt.Errorf("back up keystore: %w", err)
	}
	return nil
}

func (k *Keyring) copyTo(to string) error {
	now := k.state.Load()
	if now == nil {
		return fmt.Errorf("%w: keyring is closed", ErrNoKey)
	}
	data, err := readFile(k.path)
	if err != nil {
		return err
	}
	defer wipe(data)
	if err := k.proves(now, data); err != nil {
		return fmt.Errorf("%s: %w", k.path, err)
	}
	if err := createFile(to, data); err != nil {
		return err
	}
	if err := k.verifyCopy(now, to, data); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", to, err), os.Remove(to))
	}
	return nil
}

// proves reports why data is not this keystore at its present state or later.
func (k *Keyring) proves(now *state, data []byte) error {
	b, _, err := decodeBody(data, k.reopen)
	if err != nil {
		return err
	}
	defer b.wipe()
	return now.succeededBy(b)
}

func (k *Keyring) verifyCopy(now *state, path string, want []byte) error {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	defer wipe(data)
	if !bytes.Equal(data, want) {
		return errDamaged
	}
	return k.proves(now, data)
}
