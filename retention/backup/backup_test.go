package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/retention/backup"
)

// site is a store with all that a backup is made of, and a place for backups.
type site struct {
	dir     string
	now     time.Time
	journal *journal.Journal
	keys    *keyring.Keyring
	log     *backup.Log
	media   *blob.Store
	place   blob.Bucket
	service *backup.Service
	hook    func(step string) error
	policy  backup.Policy
	opening keyring.Config // what opens its keystore
}

const passphrase = "a passphrase of the tests"

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newSite(t *testing.T, place blob.Bucket) *site {
	t.Helper()
	return protected(t, place, keyring.Config{Wrapper: newTransit(t, 1)})
}

func protected(t *testing.T, place blob.Bucket, opening keyring.Config) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), policy: backup.Policy{Days: 90, KeyDays: 35}, opening: opening}
	s.opening.Now = s.clock
	data := s.path("data")
	check(t, os.Mkdir(data, 0o700))
	var err error
	if s.place = place; place == nil {
		s.place, err = blob.OpenFolder(s.path("backups"))
		check(t, err)
	}
	named := s.opening
	named.Name = "test.example/1234"
	s.keys, err = keyring.Create(filepath.Join(data, "keystore.json"), named)
	check(t, err)
	t.Cleanup(s.keys.Close)
	s.log, err = backup.OpenLog(s.path("checkpoints"), s.keys.ID(), 1)
	check(t, err)
	s.media, err = blob.Open(blob.Config{Dir: filepath.Join(data, "media")})
	check(t, err)
	s.journal, err = journal.Open(t.Context(), journal.Config{Path: data, Chain: s.keys.Name(), Now: s.clock, MinFree: -1, Erased: s.append})
	check(t, err)
	t.Cleanup(func() { check(t, s.journal.Close()) })
	s.serve()
	return s
}

func (s *site) append(r audit.Record, e journal.Erase) error { return s.log.Append(r, e) }

func (s *site) serve() {
	s.service = backup.New(backup.Config{
		To: s.place, Policy: s.policy, Journal: s.journal, Keys: s.keys, Log: s.log, Media: s.media, Temp: s.path("data/backup.tmp"), Now: s.clock,
		Signer: s.signer, Hook: func(step string) error {
			if s.hook != nil {
				return s.hook(step)
			}
			return nil
		},
	})
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }
func (s *site) clock() time.Time        { return s.now }

func (s *site) signer() (audit.Signer, error) {
	k := s.keys.CheckpointKeys()[0]
	return audit.NewSigner(k.Name, k.Key, func(msg []byte) ([]byte, error) {
		_, sig, err := s.keys.SignCheckpoint(msg)
		return sig, err
	})
}

// send records messages of people, each with a sealed part and its key.
func (s *site) send(t *testing.T, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		who := audit.SubjectID{1, byte(i), byte(i >> 8)}
		scope := keyring.Scope{Subject: who, Class: "messages", Month: "2026-11"}
		key, err := s.keys.NewDataKey(scope)
		check(t, err)
		sealed, err := s.keys.Seal(key, scope, nil, fmt.Appendf(nil, "original %06d", i))
		check(t, err)
		r := audit.Record{
			Version: 1, ID: audit.NewID(s.now), Kind: audit.KindInbound, Time: s.now.UnixMicro(), Tenant: "bank", Number: "1", Actor: "meta", Subject: who, Type: "text",
			Parts: []audit.Part{audit.NewPart(audit.PartBody, fmt.Appendf(nil, "redacted text %06d", i)), audit.NewPart(audit.PartOriginal, sealed)},
		}
		check(t, s.journal.Append(t.Context(), journal.Batch{
			Records: []audit.Record{r}, DataKeys: []journal.DataKey{{Subject: who, Class: "messages", Month: "2026-11", Wrapped: key}},
			Subjects: []journal.Subject{{ID: who, Tenant: "bank", Created: 1}},
		}))
	}
}

// erase erases what is kept of a person, as an erasure request does.
func (s *site) erase(t *testing.T, seq uint64, i int) {
	t.Helper()
	who := audit.SubjectID{1, byte(i), byte(i >> 8)}
	check(t, s.journal.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: 1, ID: audit.NewID(s.now), Kind: audit.KindErasure, Time: s.now.UnixMicro(), Actor: "test"},
		Reason: "request", Parts: []string{audit.PartBody, audit.PartOriginal}, Seqs: []uint64{seq}, Subjects: []audit.SubjectID{who},
		Keys: []journal.DataKey{{Subject: who, Class: "messages", Month: "2026-11"}},
	}))
}

// checkpoint signs the head and writes it outside, as the gateway does.
func (s *site) checkpoint(t *testing.T) {
	t.Helper()
	h := s.journal.Head()
	c := audit.Checkpoint{Origin: h.Chain, Size: h.Size, Root: h.Root, Time: s.now.UnixMicro(), Head: h.Leaf, Erasures: s.log.Mark().Checkpoint()}
	signer, err := s.signer()
	check(t, err)
	note, err := c.Sign(signer)
	check(t, err)
	check(t, audit.AppendCheckpoint(s.path("checkpoints/today.checkpoints"), note))
	check(t, s.journal.AddCheckpoint(t.Context(), journal.Signed{Size: h.Size, Time: s.now.UnixMicro(), Note: note}))
}

func (s *site) outside(t *testing.T) []audit.OutsideCheckpoint {
	t.Helper()
	notes, err := audit.ReadCheckpoints(s.path("checkpoints"))
	check(t, err)
	return notes
}

func (s *site) file(t *testing.T, n byte, content string) {
	t.Helper()
	d, err := s.media.Create(blob.Name{n}, int64(len(content)))
	check(t, err)
	_, err = d.Write([]byte(content))
	check(t, errors.Join(err, d.Commit(t.Context())))
}

func (s *site) create(t *testing.T) *backup.Manifest {
	t.Helper()
	m, err := s.service.Create(t.Context(), "test")
	check(t, err)
	return m
}

func (s *site) verify(t *testing.T, name string) (backup.Checked, error) {
	t.Helper()
	return backup.Verify(t.Context(), backup.Source{From: s.place, Name: name, Keys: s.keys, Temp: s.path("verify"), Against: s.outside(t)})
}

// restore brings a backup back into another folder.
func (s *site) restore(t *testing.T, change func(*backup.Restore)) (backup.Restored, string, error) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "restored")
	r := backup.Restore{
		From: s.place, Data: data, Checkpoints: s.path("checkpoints"), Against: s.outside(t), Actor: "test", Now: s.clock,
		Open: func(path string) (*keyring.Keyring, error) { return keyring.Open(path, s.opening) },
	}
	if change != nil {
		change(&r)
	}
	out, err := r.Do(t.Context())
	if err != nil {
		entries, _ := os.ReadDir(filepath.Dir(data)) //nolint:errcheck // nothing there is what is wanted
		for _, e := range entries {
			if e.Name() != "keep" {
				t.Errorf("a failed restoration left %s", e.Name())
			}
		}
	}
	return out, data, err
}

// audited verifies a restored store with the checkpoints outside.
func (s *site) audited(t *testing.T, data string) audit.Report {
	t.Helper()
	r, err := journal.OpenReader(t.Context(), data)
	check(t, err)
	defer r.Close() //nolint:errcheck // it was only read
	k := s.keys.CheckpointKeys()[0]
	v, err := audit.NewVerifier(k.Name, k.Key)
	check(t, err)
	report, err := audit.Verify(t.Context(), r, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: s.outside(t)})
	check(t, err)
	return report
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 50)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	m := s.create(t)
	if m.Records != 51 || m.DataKeys.Count != 50 || m.Files != 1 || m.Keystore == nil {
		t.Errorf("%+v", m)
	}
	got, err := s.verify(t, "")
	check(t, err)
	if got.Name != m.Name || got.KeysRead != 50 || got.Proved.Size != 50 {
		t.Errorf("verified: %+v", got)
	}
	// Records and erasures that the backup does not have.
	s.send(t, 50, 10)
	s.erase(t, 3, 3)
	s.erase(t, 55, 53)
	s.checkpoint(t)
	lost := s.journal.Head().Size
	out, data, err := s.restore(t, nil)
	check(t, err)
	if out.Records != 51 || out.Erasures != 2 || out.Files != 1 || len(out.Known) != 1 || out.Known[0].Size != lost {
		t.Errorf("restored: %+v", out)
	}
	report := s.audited(t, data)
	if !report.OK() || len(report.Restored) != 1 || report.Restored[0].Lost != lost-51 || report.Restored[0].Checkpoints != 1 {
		t.Errorf("%v %+v", report.Findings, report.Restored)
	}
	raw, err := os.ReadFile(filepath.Join(data, "journal.db"))
	check(t, err)
	if bytes.Contains(raw, []byte("redacted text 000003")) || !bytes.Contains(raw, []byte("redacted text 000004")) {
		t.Error("what was erased since the backup is there again, or more is gone")
	}
	s.reads(t, data)
}

// reads opens the restored store and an original in it.
func (s *site) reads(t *testing.T, data string) {
	t.Helper()
	keys, err := keyring.Open(filepath.Join(data, "keystore.json"), s.opening)
	check(t, err)
	defer keys.Close()
	j, err := journal.Open(t.Context(), journal.Config{Path: data, Chain: keys.Name(), Now: s.clock, MinFree: -1})
	check(t, err)
	defer func() { check(t, j.Close()) }()
	if n, err := j.KeysOf(t.Context(), audit.SubjectID{1, 3}); err != nil || len(n) > 0 {
		t.Errorf("a destroyed key is there again: %v %v", n, err)
	}
	who := audit.SubjectID{1, 4}
	key, err := j.DataKey(t.Context(), who, "messages", "2026-11")
	check(t, err)
	opened := false
	check(t, j.Records(t.Context(), 4, func(r *audit.Record) error {
		for _, p := range r.Parts {
			if r.Seq == 4 && p.Name == audit.PartOriginal {
				plain, err := keys.Unseal(key.Wrapped, keyring.Scope{Subject: who, Class: "messages", Month: "2026-11"}, nil, p.Body)
				opened = err == nil && string(plain) == "original 000004"
			}
		}
		return nil
	}))
	if !opened {
		t.Error("an original does not open")
	}
}

// TestAlteredAnywhere changes and cuts every object of a backup.
func TestAlteredAnywhere(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 20)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	s.create(t)
	root := s.path("backups")
	objects := 0
	check(t, filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		objects++
		whole, err := os.ReadFile(path)
		check(t, err)
		name, _ := filepath.Rel(root, path)
		for what, bad := range map[string][]byte{"cut": whole[:len(whole)-1], "empty": {}, "altered": flip(whole), "longer": append(bytes.Clone(whole), 0)} {
			if strings.HasPrefix(name, "media/") && what == "altered" {
				continue // files are sealed by themselves
			}
			check(t, os.WriteFile(path, bad, 0o600))
			if _, err := s.verify(t, ""); err == nil {
				t.Errorf("%s is %s and verifies", name, what)
			}
			if what != "altered" && !strings.HasPrefix(name, "media/") {
				continue // a restoration reads the same way
			}
			if _, _, err := s.restore(t, nil); err == nil {
				t.Errorf("%s is %s and is restored", name, what)
			}
		}
		return os.WriteFile(path, whole, 0o600)
	}))
	if objects != 8 {
		t.Errorf("%d objects", objects)
	}
	_, err := s.verify(t, "")
	check(t, err)
}

func flip(b []byte) []byte {
	out := bytes.Clone(b)
	out[len(out)/2] ^= 1
	return out
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 5)
	s.checkpoint(t)
	s.create(t)
	s.erase(t, 1, 1)
	s.checkpoint(t)
	logs := s.path("checkpoints/erasures/" + s.keys.ID() + ".jsonl")
	whole, err := os.ReadFile(logs)
	check(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, c := range map[string]struct {
		change func(*backup.Restore)
		want   error
	}{
		"another key of Vault": {func(r *backup.Restore) {
			r.Open = func(path string) (*keyring.Keyring, error) {
				return keyring.Open(path, keyring.Config{Wrapper: newTransit(t, 2)})
			}
		}, nil},
		"another store's keystore": {func(r *backup.Restore) {
			r.Keystore = filepath.Join(t.TempDir(), "keystore.json")
			k, err := keyring.Create(r.Keystore, keyring.Config{Name: "test.example/1234", Now: s.clock})
			check(t, err)
			k.Close()
			r.Open = func(path string) (*keyring.Keyring, error) { return keyring.Open(path, keyring.Config{Now: s.clock}) }
		}, nil},
		"not empty": {func(r *backup.Restore) {
			check(t, os.MkdirAll(filepath.Join(filepath.Dir(r.Data), "keep", "file"), 0o700))
			r.Data = filepath.Join(filepath.Dir(r.Data), "keep")
		}, backup.ErrNotEmpty},
		"no room": {func(r *backup.Restore) {
			r.Free = func(string) (int64, error) { return 1000, nil }
		}, journal.ErrNoSpace},
		"no such backup": {func(r *backup.Restore) { r.Name = "20200101T000000Z-00000000" }, backup.ErrNone},
		"no log":         {func(r *backup.Restore) { r.Checkpoints = t.TempDir() }, backup.ErrLog},
		"another signer": {func(r *backup.Restore) { r.Pinned = []audit.Verifier{stranger(t)} }, backup.ErrAltered},
		"a cut log":      {func(*backup.Restore) { check(t, os.WriteFile(logs, lines[0], 0o600)) }, backup.ErrLog},
		"an altered log": {func(*backup.Restore) {
			check(t, os.WriteFile(logs, bytes.Replace(whole, []byte("request"), []byte("REQUEST"), 1), 0o600))
		}, backup.ErrLog},
	} {
		if _, _, err := s.restore(t, c.change); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		check(t, os.WriteFile(logs, whole, 0o600))
	}
	out, data, err := s.restore(t, func(r *backup.Restore) { r.Checkpoints, r.WithoutLog = t.TempDir(), true })
	check(t, err)
	if report := s.audited(t, data); out.Erasures != -1 || !report.OK() || report.Restored[0].Erasures != -1 {
		t.Errorf("without the log: %d %v", out.Erasures, report.Findings)
	}
}

func stranger(t *testing.T) audit.Verifier {
	t.Helper()
	k, err := keyring.Create(filepath.Join(t.TempDir(), "keystore.json"), keyring.Config{Name: "other"})
	check(t, err)
	defer k.Close()
	v, err := audit.NewVerifier("other", k.CheckpointKeys()[0].Key)
	check(t, err)
	return v
}

// TestUnfinished fails at each step: nothing is left on the disk of the store, nor
// at the place, but where a manifest may have come. That, and what a kill left, is
// no backup and goes with the next run.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 5)
	fault := errors.New("fault")
	for _, step := range []string{"copy", "media", "journal", "keys", "manifest"} {
		s.hook = func(at string) error {
			if at == step {
				return fault
			}
			return nil
		}
		if _, err := s.service.Create(t.Context(), "test"); !errors.Is(err, fault) {
			t.Errorf("%s: %v", step, err)
		}
		if _, err := os.Stat(s.path("data/backup.tmp")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the copy is left: %v", step, err)
		}
		if list, err := backup.List(t.Context(), s.place); err != nil || len(list) > 0 {
			t.Errorf("%s: %v %v", step, list, err)
		}
		for o, err := range s.place.List(t.Context(), "") {
			if step != "manifest" || err != nil {
				t.Errorf("%s: %s is left, %v", step, o.Key, err)
			}
		}
	}
	s.hook = nil
	killed := s.path("backups/backups/" + s.keys.ID() + "/20260101T000000Z-00000000") // while an object was written
	check(t, os.MkdirAll(killed, 0o700))
	check(t, os.WriteFile(filepath.Join(killed, "journal"), []byte("whole"), 0o600))
	check(t, os.WriteFile(filepath.Join(killed, ".1.new"), []byte("half"), 0o600))
	s.create(t)
	_, err := s.service.Prune(t.Context())
	check(t, err)
	n := 0
	for _, err := range s.place.List(t.Context(), "backups/") {
		check(t, err)
		n++
	}
	if _, err := os.Stat(killed); n != 6 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%d objects after the next run, %v", n, err)
	}
}

// TestEnds lets data keys, then backups end.
func TestEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 5)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	first := s.create(t)
	check(t, s.media.Remove(t.Context(), blob.Name{1}))
	s.now = s.now.AddDate(0, 0, 36)
	s.create(t)
	got, err := s.service.Prune(t.Context())
	check(t, err)
	if len(got.Keys) != 1 || got.Keys[0] != first.Name || len(got.Backups) > 0 || got.Files != 0 {
		t.Errorf("%+v", got)
	}
	checked, err := s.verify(t, first.Name)
	check(t, err)
	if !checked.KeysGone {
		t.Errorf("%+v", checked)
	}
	out, data, err := s.restore(t, func(r *backup.Restore) { r.Name = first.Name })
	check(t, err)
	if report := s.audited(t, data); !out.KeysGone || !report.OK() || report.Restored[0].Keys {
		t.Errorf("without keys: %+v %v", out, report.Findings)
	}
	s.now = s.now.AddDate(0, 0, 60)
	got, err = s.service.Prune(t.Context())
	check(t, err)
	if len(got.Backups) != 1 || got.Files != 1 {
		t.Errorf("%+v", got)
	}
	list, err := backup.List(t.Context(), s.place)
	check(t, err)
	if len(list) != 1 {
		t.Errorf("%d backups", len(list))
	}
	if reach := s.policy.Reach(s.now); !reach.Sealed.Equal(s.now.AddDate(0, 0, 35)) || !reach.Whole.Equal(s.now.AddDate(0, 0, 90)) {
		t.Errorf("%+v", reach)
	}
	s.policy.Last = 1
	s.serve()
	s.create(t)
	if got, err = s.service.Prune(t.Context()); err != nil || len(got.Backups) != 1 {
		t.Errorf("%+v %v", got, err)
	}
}

// TestNothingInTheClear looks for what is personal in every object. The keystore
// is among them where a passphrase protects it, and not where nothing does.
func TestNothingInTheClear(t *testing.T) {
	t.Parallel()
	bare := protected(t, nil, keyring.Config{})
	if m := bare.create(t); m.Keystore != nil {
		t.Error("a keystore that nothing protects is in the backup")
	}
	s := protected(t, nil, byPassphrase(passphrase))
	s.send(t, 0, 5)
	if m := s.create(t); m.Keystore == nil {
		t.Error("the keystore is not in the backup")
	}
	for o, err := range s.place.List(context.Background(), "") {
		check(t, err)
		r, _, err := s.place.Get(t.Context(), o.Key)
		check(t, err)
		raw, err := io.ReadAll(r)
		check(t, errors.Join(err, r.Close()))
		if bytes.Contains(raw, []byte("redacted text")) || bytes.Contains(raw, []byte("SQLite format")) {
			t.Errorf("%s is not sealed", o.Key)
		}
	}
}
