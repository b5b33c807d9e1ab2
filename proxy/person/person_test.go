package person_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/message"
	"postern/proxy/person"
)

// folder is a journal with a directory over it.
type folder struct {
	t       *testing.T
	dir     string
	keys    *keyring.Keyring
	journal *journal.Journal
	people  *person.Directory
	links   []string
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir()}
	var err error
	f.keys, err = keyring.Create(filepath.Join(f.dir, "keys"), keyring.Config{Name: "test"})
	f.check(err)
	f.open()
	t.Cleanup(func() { f.check(f.journal.Close()); f.keys.Close() })
	return f
}

func (f *folder) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) open() {
	f.t.Helper()
	var err error
	f.journal, err = journal.Open(f.t.Context(), journal.Config{Path: f.dir, Chain: "test", Now: time.Now, MinFree: -1})
	f.check(err)
	f.links = nil
	f.people, err = person.Load(f.t.Context(), person.Config{Journal: f.journal, Keys: f.keys, Now: time.Now, Linked: func(tenant string, a, b audit.SubjectID, proven bool) {
		f.links = append(f.links, fmt.Sprint(tenant, " ", proven))
	}})
	f.check(err)
}

func (f *folder) restart() {
	f.t.Helper()
	f.check(f.journal.Close())
	f.open()
}

// store commits what a record about people must carry.
func (f *folder) store(rows ...*person.Rows) {
	f.t.Helper()
	b := journal.Batch{Records: []audit.Record{{Version: 1, ID: audit.NewID(time.Now()), Kind: audit.KindLife, Time: time.Now().UnixMicro(), Actor: "test"}}}
	for _, r := range rows {
		r.AddTo(&b)
	}
	f.check(f.journal.Append(f.t.Context(), b))
}

// resolve makes a party known and durable.
func (f *folder) resolve(tenant string, p message.Party) person.Person {
	f.t.Helper()
	who, rows, err := f.people.Resolve(f.t.Context(), tenant, p)
	f.check(err)
	f.store(rows)
	return who
}

func TestOnePersonOneSubject(t *testing.T) {
	f := newFolder(t)
	number := message.Party{Number: "491713920001"}
	first := f.resolve("bank", number)
	if first.Subject.IsZero() || first.Country != "DE" || !slices.Contains(first.Zones, "Europe/Berlin") {
		t.Errorf("person %+v", first)
	}
	if again := f.resolve("bank", number); again.Subject != first.Subject {
		t.Error("the same number is two people")
	}
	if other := f.resolve("clinic", number); other.Subject == first.Subject {
		t.Error("two tenants share a person")
	}
	f.restart()
	if again := f.resolve("bank", number); again.Subject != first.Subject || again.Country != "DE" {
		t.Errorf("after a restart %+v", again)
	}
	if _, ok := f.people.Find("bank", message.Party{Number: "491713920009"}); ok {
		t.Error("a stranger is known")
	}
	if _, _, err := f.people.Resolve(t.Context(), "bank", message.Party{}); err == nil {
		t.Error("nobody is a person")
	}
}

// TestNotDurableTravelsOn: a new person's rows ride in every batch until one is
// durable, so that no record is about somebody the store does not have.
func TestNotDurableTravelsOn(t *testing.T) {
	f := newFolder(t)
	p := message.Party{Number: "491713920001"}
	_, lost, err := f.people.Resolve(t.Context(), "bank", p)
	f.check(err)
	_ = lost // its batch was refused
	who, rows, err := f.people.Resolve(t.Context(), "bank", p)
	f.check(err)
	f.store(rows)
	f.restart()
	ids, err := f.people.Identifiers(t.Context(), who.Subject)
	if err != nil || !slices.Equal(ids.Numbers, []string{p.Number}) {
		t.Errorf("identifiers %v %v", len(ids.Numbers), err)
	}
}

func TestConcurrentResolveIsOne(t *testing.T) {
	f := newFolder(t)
	for i := range 20 {
		p := message.Party{Number: fmt.Sprintf("4917139200%02d", i), UserID: fmt.Sprintf("DE.%d", i)}
		var mu sync.Mutex
		seen := map[audit.SubjectID]bool{}
		var wait sync.WaitGroup
		for j := range 8 {
			wait.Go(func() {
				party := []message.Party{p, {Number: p.Number}, {UserID: p.UserID}}[j%3]
				_, rows, err := f.people.Resolve(t.Context(), "bank", party)
				if err == nil {
					b := journal.Batch{Records: []audit.Record{{Version: 1, ID: audit.NewID(time.Now()), Kind: audit.KindLife, Time: time.Now().UnixMicro(), Actor: "test"}}}
					rows.AddTo(&b)
					err = f.journal.Append(t.Context(), b)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for _, party := range []message.Party{p, {Number: p.Number}, {UserID: p.UserID}} {
			who := f.resolve("bank", party)
			mu.Lock()
			seen[who.Subject] = true
			mu.Unlock()
		}
		if len(seen) != 1 {
			t.Fatalf("person %d is %d subjects", i, len(seen))
		}
	}
	f.restart()
	for i := range 20 {
		a, _ := f.people.Find("bank", message.Party{Number: fmt.Sprintf("4917139200%02d", i)})
		b, _ := f.people.Find("bank", message.Party{UserID: fmt.Sprintf("DE.%d", i)})
		if a.Subject.IsZero() || a.Subject != b.Subject {
			t.Errorf("after a restart person %d is two", i)
		}
	}
}

// TestTwoBecomeOne: a number and a user id that come together link what was
// known of each, and a restart keeps it.
func TestTwoBecomeOne(t *testing.T) {
	f := newFolder(t)
	number, id := message.Party{Number: "491713920001"}, message.Party{UserID: "US.1349"}
	a, b := f.resolve("bank", number), f.resolve("bank", id)
	if a.Subject == b.Subject || b.Country != "US" || len(b.Zones) < 4 {
		t.Fatalf("strangers: %+v %+v", a, b)
	}
	both := f.resolve("bank", message.Party{Number: number.Number, UserID: id.UserID})
	for range 2 {
		for _, p := range []message.Party{number, id} {
			if who, ok := f.people.Find("bank", p); !ok || who.Subject != both.Subject {
				t.Errorf("%v is somebody else", p.Number != "")
			}
		}
		if !slices.Contains(f.links, "bank true") {
			t.Errorf("nobody heard of the link: %v", f.links)
		}
		f.restart()
	}
	if who := f.resolve("bank", message.Party{Number: number.Number, UserID: id.UserID}); who.Country != "DE" {
		t.Errorf("the number tells the country, got %q", who.Country)
	}
}

func TestFormsShareAFamilyUntilProven(t *testing.T) {
	f := newFolder(t)
	long, short := message.Party{Number: "5511987654321"}, message.Party{Number: "551187654321"}
	a, b := f.resolve("bank", long), f.resolve("bank", short)
	if a.Subject == b.Subject || !slices.Contains(b.Family, a.Subject) || !slices.Contains(f.links, "bank false") {
		t.Errorf("forms: %+v %+v %v", a, b, f.links)
	}
	_, rows, err := f.people.Link(t.Context(), "bank", long, short.Number)
	f.check(err)
	f.store(rows)
	for range 2 {
		x, _ := f.people.Find("bank", long)
		y, _ := f.people.Find("bank", short)
		if x.Subject != y.Subject || len(x.Family) != 0 || len(y.Family) != 0 {
			t.Errorf("proven forms: %+v %+v", x, y)
		}
		f.restart()
	}
}

// TestFilesHoldNoIdentifier: neither number nor user id rests in the clear.
func TestFilesHoldNoIdentifier(t *testing.T) {
	f := newFolder(t)
	f.resolve("bank", message.Party{Number: "491713920001", UserID: "DE.13491208655302741918"})
	f.resolve("bank", message.Party{Number: "5511987654321"})
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	f.check(err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		f.check(err)
		for _, id := range []string{"491713920001", "13491208655302741918", "5511987654321", "551187654321"} {
			if bytes.Contains(raw, []byte(id)) {
				t.Errorf("%s holds an identifier", filepath.Base(name))
			}
		}
	}
}

func TestSealersAreOnePerScope(t *testing.T) {
	f := newFolder(t)
	who := f.resolve("bank", message.Party{Number: "491713920001"})
	if _, err := f.people.Opener(t.Context(), who.Subject, "messages", "2026-11"); err == nil {
		t.Error("a key that was never made opens")
	}
	one, two := &person.Rows{}, &person.Rows{}
	a, err := f.people.Sealer(t.Context(), who.Subject, "messages", "2026-11", one)
	f.check(err)
	b, err := f.people.Sealer(t.Context(), who.Subject, "messages", "2026-11", two)
	f.check(err)
	f.store(two) // the first batch was refused
	sealed, err := a.Seal([]byte("here"), []byte("words"))
	f.check(err)
	if plain, err := b.Unseal([]byte("here"), sealed); err != nil || string(plain) != "words" {
		t.Error("two keys for one scope")
	}
	f.restart()
	opener, err := f.people.Opener(t.Context(), who.Subject, "messages", "2026-11")
	f.check(err)
	if plain, err := opener.Unseal([]byte("here"), sealed); err != nil || string(plain) != "words" {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := opener.Unseal([]byte("there"), sealed); err == nil {
		t.Error("a sealed part opens in another place")
	}
}
