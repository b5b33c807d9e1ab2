package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"postern/audit"
)

// Manifest says what a backup holds. It is written last, signed by the
// checkpoint key: without it there is no backup.
type Manifest struct {
	Version int       `json:"version"` // 1
	Name    string    `json:"name"`
	ID      audit.ID  `json:"id"`
	Store   string    `json:"store"`    // the keystore's id, below which it lies
	Taken   time.Time `json:"taken"`    // of the moment that it holds
	Ends    time.Time `json:"ends"`     // when it is removed at the latest
	KeyEnds time.Time `json:"key_ends"` // when the wrapped data keys are

	Chain      string `json:"chain"`
	Records    uint64 `json:"records"`
	Leaf       string `json:"leaf"` // of the last record, hex
	Root       string `json:"root"` // over all leaves, hex
	Checkpoint string `json:"checkpoint,omitempty"`
	Schema     int    `json:"schema"`

	Erasures Mark `json:"erasures"` // the log of erasures up to here is carried out in it

	Journal  Part  `json:"journal"`
	DataKeys Part  `json:"data_keys"`
	Keystore *Part `json:"keystore,omitempty"` // none where no passphrase protects it
	Media    Part  `json:"media"`              // the list of files, one a line
	Files    int64 `json:"files"`              // in that list
}

// Part is one object of a backup.
type Part struct {
	Bytes  int64  `json:"bytes"` // as it lies there
	SHA256 string `json:"sha256"`
	Count  int64  `json:"count,omitempty"` // of data keys
}

const manifestTitle = "postern backup manifest"

// Errors that a caller branches on.
var (
	// ErrAltered: an object of the backup is missing, cut, or not as it was written.
	ErrAltered = errors.New("the backup is damaged or was altered")
	// ErrNone: there is no such backup.
	ErrNone = errors.New("there is no such backup")
)

func (m *Manifest) sign(signer audit.Signer) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return audit.SignStatement(manifestTitle, body, signer)
}

// openManifest reads a manifest that one of the keys signed, and that is of this place.
func openManifest(note []byte, at place, verifiers []audit.Verifier) (*Manifest, error) {
	body, err := audit.OpenStatement(manifestTitle, note, verifiers...)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", ErrAltered, err)
	}
	m, err := readManifest(body)
	if err != nil {
		return nil, err
	}
	if m.Store != at.store || m.Name != at.name {
		return nil, fmt.Errorf("manifest: %w: it is of another backup", ErrAltered)
	}
	return m, nil
}

func readManifest(body []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("manifest: %w: it cannot be read", ErrAltered)
	}
	if m.Version != 1 {
		return nil, fmt.Errorf("manifest: it is of version %d, this program knows 1: use the program that wrote it", m.Version)
	}
	return &m, nil
}

// unproved reads a manifest without any key: what it says is only good for a list.
func unproved(note []byte) (*Manifest, error) {
	text, _, _ := strings.Cut(string(note), "\n\n")
	body, ok := strings.CutPrefix(text, manifestTitle+"\n")
	if !ok {
		return nil, fmt.Errorf("manifest: %w: it cannot be read", ErrAltered)
	}
	return readManifest([]byte(body))
}

// place is where a backup lies.
type place struct{ store, name string }

// Names of objects of a backup.
const (
	partJournal    = "journal"
	partJournalKey = "journal.key"
	partDataKeys   = "data_keys"
	partDataKeyKey = "data_keys.key"
	partKeystore   = "keystore"
	partMedia      = "media"
)

func (p place) manifest() string        { return "manifests/" + p.store + "/" + p.name }
func (p place) part(name string) string { return "backups/" + p.store + "/" + p.name + "/" + name }
func (p place) file(name string) string { return "media/" + p.store + "/" + name }

// parts are all of a backup but its manifest, what seals first.
func (p place) parts() (keys []string) {
	for _, name := range []string{partJournalKey, partDataKeyKey, partDataKeys, partJournal, partKeystore, partMedia} {
		keys = append(keys, p.part(name))
	}
	return keys
}

var namePattern = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$`)

func newPlace(store string, id audit.ID, now time.Time) place {
	return place{store, now.UTC().Format("20060102T150405Z") + "-" + id.String()[24:]}
}

// placeOf reads the key of a manifest.
func placeOf(key string) (place, bool) {
	steps := strings.Split(key, "/")
	if len(steps) != 3 || steps[0] != "manifests" || !namePattern.MatchString(steps[2]) {
		return place{}, false
	}
	return place{steps[1], steps[2]}, true
}
