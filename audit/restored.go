package audit

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// TypeRestored is the type of the KindLife record with which a store goes on
// that was brought back from a backup: the first under its new chain name.
const TypeRestored = "restored"

// BeginsChain reports whether a record is such a one.
func BeginsChain(r *Record) bool { return r.Kind == KindLife && r.Type == TypeRestored }

// Restoration is what that record says. The records before it are those that
// the backup held; what came after them under the old name is lost, as far as it
// is known. It stands signed in the detail (PartDetail): else who can write the
// file, and has no key, could cut the trail and call that a restoration.
type Restoration struct {
	Version int    `json:"version"` // 1
	From    string `json:"from"`    // chain of the record before
	Size    uint64 `json:"size"`    // records that the backup held: this record's number
	Backup  string `json:"backup"`  // its name
	Taken   int64  `json:"taken"`   // when it was taken, microseconds
	Known   []Lost `json:"known"`   // by chain; none where nothing outside reached further
	// Erasures since the backup that were carried out again; -1 where the log of
	// erasures was not there and its absence was accepted.
	Erasures int64 `json:"erasures"`
	// Keys says whether the wrapped data keys came back, too: without them what
	// was sealed stays so.
	Keys bool `json:"keys"`
}

// Lost is the newest checkpoint known of a chain whose records are not in the
// backup from some number on.
type Lost struct {
	Chain string `json:"chain"`
	Size  uint64 `json:"size"`
	Root  string `json:"root"` // hex
	Time  int64  `json:"time"` // microseconds
}

// ErrRestoration is wrapped by every refusal of a restoration.
var ErrRestoration = errors.New("restoration is not well formed")

const restorationTitle = "postern store restored"

// restorationDetail is the detail: JSON with one member.
type restorationDetail struct {
	Statement string `json:"statement"`
}

// Sign is the detail of the record.
func (r Restoration) Sign(signers ...Signer) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRestoration, err)
	}
	msg, err := SignStatement(restorationTitle, body, signers...)
	if err != nil {
		return nil, err
	}
	return json.Marshal(restorationDetail{string(msg)})
}

// OpenRestoration reads a detail that one of the keys signed. Any other
// spelling of the same is refused.
func OpenRestoration(detail []byte, verifiers ...Verifier) (Restoration, error) {
	var d restorationDetail
	if err := json.Unmarshal(detail, &d); err != nil {
		return Restoration{}, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrRestoration)
	}
	body, err := OpenStatement(restorationTitle, []byte(d.Statement), verifiers...)
	if err != nil {
		return Restoration{}, fmt.Errorf("%w: %w", ErrRestoration, err)
	}
	var r Restoration
	if err := json.Unmarshal(body, &r); err != nil {
		return Restoration{}, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrRestoration)
	}
	again, err := json.Marshal(r)
	if err != nil || !bytes.Equal(again, body) {
		return Restoration{}, fmt.Errorf("%w: not in canonical form", ErrRestoration)
	}
	return r, r.check()
}

// ClaimedRestoration reads a detail without asking who signed it: for those who
// read a copy of a trail, which is proved elsewhere.
func ClaimedRestoration(detail []byte) (Restoration, error) {
	var d restorationDetail
	var r Restoration
	err := json.Unmarshal(detail, &d)
	if err == nil {
		text, _ := strings.CutPrefix(d.Statement, restorationTitle+"\n")
		line, _, _ := strings.Cut(text, "\n")
		err = json.Unmarshal([]byte(line), &r)
	}
	if err != nil {
		return Restoration{}, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrRestoration)
	}
	return r, r.check()
}

func (r Restoration) check() error {
	if r.Version != 1 {
		return fmt.Errorf("%w: version %d, this program knows 1", ErrRestoration, r.Version)
	}
	if !validChain(r.From) || r.Known == nil || r.Erasures < -1 {
		return fmt.Errorf("%w: the chain's name, a list or a count", ErrRestoration)
	}
	last := ""
	for _, l := range r.Known {
		if _, ok := unhex(l.Root); !ok || !validChain(l.Chain) || l.Chain <= last || l.Size == 0 {
			return fmt.Errorf("%w: what is known of lost records", ErrRestoration)
		}
		last = l.Chain
	}
	return nil
}

// names reports whether the restoration says that records up to this
// checkpoint's are lost.
func (r *Restoration) names(c *Checkpoint) bool {
	for _, l := range r.Known {
		if l.Chain == c.Origin {
			return c.Size < l.Size || c.Size == l.Size && hex.EncodeToString(c.Root[:]) == l.Root
		}
	}
	return false
}

// restoredMark stands between a chain's first name and eight random digits,
// which keep apart what two restorations of one backup go on with.
const restoredMark = "/r"

// RestoredChain is a new name for a chain that goes on after a restoration.
func RestoredChain(name string) string {
	var tail [4]byte
	rand.Read(tail[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return firstName(name) + restoredMark + hex.EncodeToString(tail[:])
}

// SameStore reports whether two chain names are of one store, before and after
// restorations.
func SameStore(a, b string) bool { return firstName(a) == firstName(b) }

// IsRestoredChain reports whether a chain is one that goes on after a restoration.
func IsRestoredChain(name string) bool { return firstName(name) != name }

// firstName is what a chain was called before any restoration.
func firstName(chain string) string {
	at := len(chain) - len(restoredMark) - 8
	if at <= 0 || !strings.HasPrefix(chain[at:], restoredMark) {
		return chain
	}
	if tail := chain[at+len(restoredMark):]; strings.ToLower(tail) == tail {
		if _, err := hex.DecodeString(tail); err == nil {
			return chain[:at]
		}
	}
	return chain
}
