package boot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
)

const phrase = "correct horse battery staple"

func now() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// storeConfig is just what a store needs.
func storeConfig(t *testing.T) *boot.Config {
	t.Helper()
	dir := t.TempDir()
	return &boot.Config{
		Data: filepath.Join(dir, "data"), PublicURL: "https://gateway.example.org", Checkpoints: boot.Checkpoints{Dir: filepath.Join(dir, "checkpoints")},
	}
}

func openStore(t *testing.T, c *boot.Config) *boot.Store {
	t.Helper()
	s, err := boot.OpenStore(t.Context(), c, boot.StoreConfig{Now: now, OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func closeStore(t *testing.T, s *boot.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func refusedStore(t *testing.T, c *boot.Config, want ...string) {
	t.Helper()
	s, err := boot.OpenStore(t.Context(), c, boot.StoreConfig{Now: now})
	if err == nil {
		closeStore(t, s)
		t.Fatalf("opened, want %q", want)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v, want %q", err, w)
		}
	}
}

func readKeystore(t *testing.T, c *boot.Config) []byte {
	t.Helper()
	raw, err := os.ReadFile(c.KeystorePath())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func putKeystore(t *testing.T, c *boot.Config, raw []byte) {
	t.Helper()
	write(t, c.KeystorePath(), string(raw), 0o600)
}

// TestOldKeystoreIsRefused restores copies as somebody in a hurry would.
func TestOldKeystoreIsRefused(t *testing.T) {
	c := storeConfig(t)
	s := openStore(t, c)
	first := readKeystore(t, c)
	if _, err := s.Keys.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	newest := readKeystore(t, c)

	putKeystore(t, c, first)
	refusedStore(t, c, c.KeystorePath(), "older copy (generation 1)", "restore the newer one, generation 2 or later")

	// Changes made to the old copy bring its generation up, but not the key.
	fork := func(purpose keyring.Purpose) {
		putKeystore(t, c, first)
		k, err := boot.OpenKeys(c, func() time.Time { return now().Add(time.Minute) })
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		for range 3 {
			if _, err := k.Rotate(purpose); err != nil {
				t.Fatal(err)
			}
		}
	}
	fork(keyring.Index)
	refusedStore(t, c, "kek version 2", "restore the one that has it")
	fork(keyring.KEK)
	refusedStore(t, c, "kek version 2", "restore the one that has it")

	putKeystore(t, c, newest)
	s = openStore(t, c)
	if err := s.Keys.Destroy(keyring.KEK, 1); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	putKeystore(t, c, newest) // where the destroyed key is yet
	refusedStore(t, c, "generation 3 or later")
}

func TestAnotherKeystoreIsRefused(t *testing.T) {
	c := storeConfig(t)
	s := openStore(t, c)
	name, id := s.Keys.Name(), s.Keys.ID()
	closeStore(t, s)
	right := readKeystore(t, c)
	for chain, want := range map[string]string{name: "restore the one with id " + id, "another/1": "another keystore than this journal's"} {
		if err := os.Remove(c.KeystorePath()); err != nil {
			t.Fatal(err)
		}
		k, err := keyring.Create(c.KeystorePath(), keyring.Config{Name: chain, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		k.Close()
		refusedStore(t, c, c.KeystorePath(), want)
	}
	putKeystore(t, c, right)
	closeStore(t, openStore(t, c))
}

// TestUnfinishedRestorationIsRefused: no other store is begun where one was to be.
func TestUnfinishedRestorationIsRefused(t *testing.T) {
	c := storeConfig(t)
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.Data, "restore.unfinished"), `["restore.files"]`, 0o600)
	refusedStore(t, c, "has not ended", "repeat postern backup restore")
	if _, err := boot.OpenKeys(c, now); err == nil {
		t.Error("a keystore was made")
	}
}

// TestChangesAreNotedWhileOpen: a crash after a change must not make an older
// copy acceptable.
func TestChangesAreNotedWhileOpen(t *testing.T) {
	c := storeConfig(t)
	s := openStore(t, c)
	if _, err := s.Keys.SealSecret(nil, nil); err != nil { // reserves seals: generation 2
		t.Fatal(err)
	}
	noted := func() bool {
		list, err := s.Journal.Settings(t.Context(), "keystore")
		if err != nil {
			t.Fatal(err)
		}
		return len(list) == 1 && strings.Contains(string(list[0].Value), fmt.Sprintf(`"generation":%d,`, s.Keys.Generation()))
	}
	for deadline := time.Now().Add(time.Minute); !noted(); {
		if time.Now().After(deadline) {
			t.Fatal("the journal does not know of the change")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestForeignNoteIsRefused: what cannot be understood cannot be held against.
func TestForeignNoteIsRefused(t *testing.T) {
	c := storeConfig(t)
	s := openStore(t, c)
	err := s.Journal.Append(t.Context(), journal.Batch{Settings: []journal.Setting{{Scope: "keystore", Key: "seen", Value: []byte(`[`), Time: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	refusedStore(t, c, "newer release")
}

func TestProtectedStore(t *testing.T) {
	c := storeConfig(t)
	path := filepath.Join(t.TempDir(), "phrase")
	write(t, path, phrase+"\n", 0o600)
	c.Keystore.Passphrase = boot.Passphrase("file:" + path)
	s := openStore(t, c)
	if !s.Keys.Protected() {
		t.Error("a new keystore is not protected")
	}
	closeStore(t, s)
	closeStore(t, openStore(t, c))

	open := *c
	open.Keystore.Passphrase = ""
	refusedStore(t, &open, "no passphrase is given", "keystore.passphrase")
	write(t, path, "another horse battery staple", 0o600)
	refusedStore(t, c, "does not open the keystore")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refusedStore(t, c, "it does not exist")

	plain := storeConfig(t)
	closeStore(t, openStore(t, plain))
	write(t, path, phrase, 0o600)
	plain.Keystore = c.Keystore
	refusedStore(t, plain, "the keystore is not protected", "postern keys passphrase")
}

func TestPassphraseSources(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "unix"), phrase+"\n", 0o600)
	write(t, filepath.Join(dir, "windows"), phrase+"\r\n", 0o400)
	write(t, filepath.Join(dir, "bare"), phrase, 0o600)
	write(t, filepath.Join(dir, "wide"), phrase, 0o644)
	write(t, filepath.Join(dir, "group"), phrase, 0o640)
	write(t, filepath.Join(dir, "empty"), "\n", 0o600)
	write(t, filepath.Join(dir, "lines"), phrase+"\nmore\n", 0o600)
	write(t, filepath.Join(dir, "long"), strings.Repeat("x", 5000), 0o600)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	for ref, want := range map[string]string{
		"file:unix": "", "file:windows": "", "file:bare": "", "credential:unix": "", "credential:group": "",
		"file:wide": "chmod 600", "credential:wide": "mode 0644", "file:group": "mode 0640", "file:none": "does not exist", "credential:none": "does not exist",
		"file:empty": "nothing is in it", "file:lines": "more than one line", "file:long": "more than one line",
		"file:pipe": "no regular file", "file:.": "no regular file", "fd:1023": "was handed over",
	} {
		p, err := boot.ParsePassphrase(ref, dir)
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		got, err := p.Read()
		if want == "" && (err != nil || string(got) != phrase) {
			t.Errorf("%s: %v", ref, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "horse")) {
			t.Errorf("%s: %v, want %q", ref, err, want)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := boot.Passphrase("credential:unix").Read(); err == nil || !strings.Contains(err.Error(), "systemd") {
		t.Errorf("without systemd: %v", err)
	}
	if _, err := boot.Passphrase("nothing").Read(); err == nil {
		t.Error("read from nowhere")
	}
}

func TestPassphraseFromDescriptors(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString(phrase + "\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	handed, err := syscall.Dup(int(r.Fd())) // not closed on exec, as what a shell hands over
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(handed)
	p, err := boot.ParsePassphrase(fmt.Sprintf("fd:%d", handed), "/")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Read(); err != nil || string(got) != phrase {
		t.Errorf("from a pipe: %v", err)
	}
	if _, err := p.Read(); err == nil || !strings.Contains(err.Error(), "nothing is in it") {
		t.Errorf("a second time: %v", err)
	}
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(epoll)
	for what, own := range map[string]int{"a pipe of the program's": int(r.Fd()), "no stream": epoll} {
		if _, err := boot.Passphrase(fmt.Sprintf("fd:%d", own)).Read(); err == nil || !strings.Contains(err.Error(), "was handed over") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestPassphraseForms(t *testing.T) {
	for _, ref := range []string{"", "hunter2", "env:NAME", "fd:", "fd:1", "fd:2", "fd:-1", "fd:03", "fd:x", "fd:1024", "credential:", "credential:../x", "credential:.x", "file:", "File:x"} {
		if _, err := boot.ParsePassphrase(ref, "/"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", ref, err)
		}
	}
	path := folder(t, replace("public_url:", "keystore: {passphrase: hunter2}\npublic_url:"))
	_, err := boot.Load(path)
	if err == nil || !strings.Contains(err.Error(), "keystore.passphrase names no place") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	c, err := boot.Load(folder(t, replace("public_url:", "keystore: {passphrase: \"file:secrets/p\"}\npublic_url:")))
	if err != nil || c.Keystore.Passphrase != boot.Passphrase("file:"+filepath.Join(filepath.Dir(c.Path), "secrets/p")) {
		t.Errorf("relative file: %q, %v", c.Keystore.Passphrase, err)
	}
}
