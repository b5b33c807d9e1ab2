package stamp

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Folder is where stamps lie, in the folder of the checkpoints outside the
// store; what reads checkpoints passes over it.
const Folder = "stamps"

const (
	noteSuffix   = ".checkpoint"
	answerSuffix = ".tsr"
)

// Stamped is a checkpoint with the answer that stamps it.
type Stamped struct {
	Size   uint64 // as the file's name says
	Note   []byte
	Answer []byte
}

// Keep writes a stamped checkpoint into the folder: SIZE.checkpoint are the
// bytes that were stamped, SIZE.tsr is the answer.
func Keep(dir string, s Stamped) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep time stamp: %w", err)
	}
	name := filepath.Join(dir, strconv.FormatUint(s.Size, 10))
	if err := errors.Join(write(name+noteSuffix, s.Note), write(name+answerSuffix, s.Answer)); err != nil {
		return fmt.Errorf("keep time stamp: %w", err)
	}
	return nil
}

// write replaces a file as a whole.
func write(path string, data []byte) (err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // below the operator's folder
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Read returns the stamped checkpoints of a folder, the smallest first. A stamp
// whose checkpoint is gone has no note: it holds for nothing.
func Read(dir string) ([]Stamped, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read time stamps: %w", err)
	}
	var out []Stamped
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), answerSuffix)
		size, bad := strconv.ParseUint(name, 10, 63)
		if !is || bad != nil {
			continue
		}
		s := Stamped{Size: size}
		if s.Answer, err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil { //nolint:gosec // the operator names the folder
			return nil, fmt.Errorf("read time stamps: %w", err)
		}
		s.Note, err = os.ReadFile(filepath.Join(dir, name+noteSuffix)) //nolint:gosec // the operator names the folder
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read time stamps: %w", err)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Stamped) int { return cmp.Compare(a.Size, b.Size) })
	return out, nil
}

// Roots reads a PEM file of the authority's roots.
func Roots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read roots of time stamps: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("read roots of time stamps: the file holds no certificate in PEM")
	}
	return pool, nil
}
