package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Witness signs checkpoints of logs it knows, and only such as continue the
// last one it signed: it never signs two histories. It remembers each in a
// folder, on disk before its signature leaves. One process at a time may use
// the folder. It serves C2SP tlog-witness.
type Witness struct {
	path string
	key  string
	sign Signer
	logs map[string][]Verifier

	mu   sync.Mutex
	last map[string]witnessed
}

// witnessed is the last tree of a log that was signed.
type witnessed struct {
	Size uint64 `json:"size"`
	Root string `json:"root"` // hex
}

// OpenWitness opens the folder of a witness and makes it, with a new key, if
// it is not there. logs are the keys that may sign, by chain name.
func OpenWitness(dir, name string, logs map[string][]Verifier, now func() time.Time) (*Witness, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	w := &Witness{path: filepath.Join(dir, "witness.json"), logs: logs, last: map[string]witnessed{}}
	if err := w.remember(filepath.Join(dir, "witness.key")); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	key, err := witnessSeed(filepath.Join(dir, "witness.key"))
	if err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	if w.sign, err = NewCosigner(name, key, now); err != nil {
		return nil, fmt.Errorf("open witness: %w", err)
	}
	if w.key, err = WitnessKey(name, key.Public().(ed25519.PublicKey)); err != nil { //nolint:errcheck // what Public of this key is
		return nil, err
	}
	return w, nil
}

// remember reads what was signed before. With a key and without a memory it
// would sign a second history, so it does not begin.
func (w *Witness) remember(key string) error {
	raw, err := os.ReadFile(w.path)
	if !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = json.Unmarshal(raw, &w.last)
		}
		return err
	}
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing beside witness.key: restore it, or begin with an empty folder and a new key", filepath.Base(w.path))
	}
	return w.keep(w.last)
}

// witnessSeed reads the private key, or makes one.
func witnessSeed(path string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the operator names the folder
	if errors.Is(err, fs.ErrNotExist) {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, err
		}
		return key, replace(path, []byte(hex.EncodeToString(key.Seed())+"\n"))
	}
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("witness.key is not 64 hex digits")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// replace writes a file whole or not at all.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".witness-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// Key is the public key to hand to those who check cosignatures.
func (w *Witness) Key() string { return w.key }

func (w *Witness) keep(last map[string]witnessed) error {
	raw, err := json.Marshal(last)
	if err != nil {
		return err
	}
	if err := replace(w.path, raw); err != nil {
		return fmt.Errorf("keep what was signed: %w", err)
	}
	w.last = last
	return nil
}

// answer is what a witness says: a cosignature, or why not.
type answer struct {
	status int
	kind   string
	body   string
}

func refused(status int, why string) answer { return answer{status, "text/plain", why + "\n"} }

// ServeHTTP answers POST /add-checkpoint.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	a := refused(http.StatusNotFound, "there is only POST /add-checkpoint")
	if r.Method == http.MethodPost && r.URL.Path == "/add-checkpoint" {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 2*maxCheckpoint))
		if err != nil {
			a = refused(http.StatusBadRequest, "the request is too long or was cut short")
		} else {
			a = w.add(body)
		}
	}
	rw.Header().Set("Content-Type", a.kind)
	rw.WriteHeader(a.status)
	io.WriteString(rw, a.body) //nolint:errcheck // nobody is left to tell
}

func (w *Witness) add(body []byte) answer {
	old, proof, msg, err := parseWitnessRequest(body)
	if err != nil {
		return refused(http.StatusBadRequest, "the request is not of tlog-witness")
	}
	origin, _, _ := bytes.Cut(msg, []byte("\n"))
	keys, ok := w.logs[string(origin)]
	if !ok {
		return refused(http.StatusNotFound, "this log is not known here")
	}
	c, err := OpenCheckpoint(msg, keys...)
	switch {
	case errors.Is(err, ErrUnsigned):
		return refused(http.StatusForbidden, "the checkpoint is not signed by a known key")
	case err != nil || c.Origin != string(origin) || old > c.Size:
		return refused(http.StatusBadRequest, "the checkpoint is not well formed, or smaller than the old size")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.advance(old, proof, msg, c)
}

// advance signs a checkpoint that continues the last one. It is called with mu
// held.
func (w *Witness) advance(old uint64, proof [][32]byte, msg []byte, c Checkpoint) answer {
	last := w.last[c.Origin]
	if old != last.Size {
		return answer{http.StatusConflict, "text/x.tlog.size", fmt.Sprintf("%d\n", last.Size)}
	}
	if !grows(last, proof, c) {
		if last.Size == c.Size {
			return answer{http.StatusConflict, "text/x.tlog.size", fmt.Sprintf("%d\n", last.Size)}
		}
		return refused(http.StatusUnprocessableEntity, "the checkpoint does not continue the one signed before: a fork, or a wrong proof")
	}
	next := maps.Clone(w.last)
	next[c.Origin] = witnessed{c.Size, hex.EncodeToString(c.Root[:])}
	if err := w.keep(next); err != nil {
		return refused(http.StatusInternalServerError, "what is signed can not be kept, so nothing is signed")
	}
	text, _, _ := strings.Cut(string(msg), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, w.sign)
	if err != nil {
		return refused(http.StatusInternalServerError, "the checkpoint can not be signed")
	}
	_, lines, _ := strings.Cut(string(signed), "\n\n")
	return answer{http.StatusOK, "text/plain", lines}
}

// grows reports whether c is the last tree or one that begins with it.
func grows(last witnessed, proof [][32]byte, c Checkpoint) bool {
	root, ok := unhex(last.Root)
	switch {
	case last.Size == 0:
		return len(proof) == 0
	case !ok:
		return false
	case last.Size == c.Size:
		return len(proof) == 0 && root == c.Root
	}
	return CheckConsistency(proof, c.Size, c.Root, last.Size, root) == nil
}
