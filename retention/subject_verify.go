package retention

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"

	"postern/audit"
)

// ErrExport is wrapped by every refusal of an export's file.
var ErrExport = errors.New("the export does not hold")

// Bounds of members of an export, unpacked.
const (
	maxExportNote = 1 << 20
	maxExportFile = 1 << 40
)

// ExportChecked is what the check of an export's file says.
type ExportChecked struct {
	Subject string   `json:"subject"`
	Request audit.ID `json:"request"`
	Made    string   `json:"made"`
	Files   []string `json:"files"`
}

// VerifyExport checks an export's file of that size with public keys alone: the
// manifest is signed, and the file holds what it names, whole, and nothing else.
func VerifyExport(file io.ReaderAt, size int64, keys ...audit.Verifier) (ExportChecked, error) {
	z, err := zip.NewReader(file, size)
	if err != nil {
		return ExportChecked{}, fmt.Errorf("%w: it is not a whole ZIP file", ErrExport)
	}
	if !alone(file, size, z) {
		return ExportChecked{}, fmt.Errorf("%w: something was put before or behind it", ErrExport)
	}
	found := map[string]*zip.File{}
	for _, f := range z.File {
		if found[f.Name] != nil {
			return ExportChecked{}, fmt.Errorf("%w: it holds a file twice", ErrExport)
		}
		found[f.Name] = f
	}
	m, err := manifestOf(found[exportNote], keys)
	if err != nil {
		return ExportChecked{}, err
	}
	delete(found, exportNote)
	out := ExportChecked{Subject: m.Subject, Request: m.Request, Made: m.Made}
	for _, want := range m.Files {
		got, err := sumOf(found[want.Name], want.Name)
		if err != nil {
			return ExportChecked{}, err
		}
		if got != want {
			return ExportChecked{}, fmt.Errorf("%w: %s was changed", ErrExport, want.Name)
		}
		if out.Files = append(out.Files, want.Name); want.Name == exportList {
			some, err := listed(found)
			if err != nil {
				return ExportChecked{}, err
			}
			out.Files = append(out.Files, some...)
		}
		delete(found, want.Name)
	}
	if len(found) != 0 {
		return ExportChecked{}, fmt.Errorf("%w: it holds a file that its manifest does not name", ErrExport)
	}
	return out, nil
}

// alone reports whether the file begins with its first member and ends with its
// directory: a reader of ZIP files looks over what stands before or behind.
func alone(file io.ReaderAt, size int64, z *zip.Reader) bool {
	var head [30]byte // of a member, then name and extra field (APPNOTE.TXT 4.3.7)
	if _, err := file.ReadAt(head[:], 0); err != nil || len(z.File) == 0 || z.Comment != "" {
		return false
	}
	first := len(head) + int(binary.LittleEndian.Uint16(head[26:])) + int(binary.LittleEndian.Uint16(head[28:]))
	at, err := z.File[0].DataOffset()
	return err == nil && at == int64(first) && string(head[:4]) == "PK\x03\x04" && directoryEnds(file, size)
}

// directoryEnds reports whether what ends the directory follows right behind it and
// ends the file: a record of 22 bytes, of a large one with two before that (4.3.14
// to 4.3.16).
func directoryEnds(file io.ReaderAt, size int64) bool {
	var end [56 + 20 + 22]byte
	if n, err := file.ReadAt(end[:], size-int64(len(end))); n < len(end) || err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	last := end[56+20:]
	long, from := uint64(binary.LittleEndian.Uint32(last[12:])), uint64(binary.LittleEndian.Uint32(last[16:]))
	behind := uint64(len(last))
	if long == math.MaxUint32 || from == math.MaxUint32 {
		long, from, behind = binary.LittleEndian.Uint64(end[40:]), binary.LittleEndian.Uint64(end[48:]), uint64(len(end))
		if string(end[:4]) != "PK\x06\x06" {
			return false
		}
	}
	return string(last[:4]) == "PK\x05\x06" && from+long+behind == uint64(size) //nolint:gosec // a file's size
}

var exportListed = regexp.MustCompile(`^([0-9a-f]{64})  (files/[0-9a-z-]+\.[0-9a-z]+)$`)

// listed checks what the list of hashes names, and takes it out of found.
func listed(found map[string]*zip.File) (names []string, err error) {
	r, err := found[exportList].Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not unpack", ErrExport, exportList)
	}
	defer r.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		want := exportListed.FindStringSubmatch(lines.Text())
		if want == nil {
			return nil, fmt.Errorf("%w: %s is of no form this program knows", ErrExport, exportList)
		}
		got, err := sumOf(found[want[2]], want[2])
		if err != nil {
			return nil, err
		}
		if got.SHA256 != want[1] {
			return nil, fmt.Errorf("%w: %s was changed", ErrExport, want[2])
		}
		delete(found, want[2])
		names = append(names, want[2])
	}
	if lines.Err() != nil {
		return nil, fmt.Errorf("%w: %s does not unpack whole", ErrExport, exportList)
	}
	return names, nil
}

func manifestOf(f *zip.File, keys []audit.Verifier) (m exportManifest, err error) {
	if f == nil {
		return m, fmt.Errorf("%w: it has no %s", ErrExport, exportNote)
	}
	var note bytes.Buffer
	if err := unpack(f, f.Name, maxExportNote, &note); err != nil {
		return m, err
	}
	line, err := audit.OpenStatement(exportTitle, note.Bytes(), keys...)
	if err != nil {
		return m, fmt.Errorf("%w: its manifest: %w", ErrExport, err)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || m.Version != 1 {
		return m, fmt.Errorf("%w: its manifest is of no form this program knows", ErrExport)
	}
	names := []string{exportHTML, exportJSON, exportList}
	if slices.ContainsFunc(m.Files, func(e exportEntry) bool { return !slices.Contains(names, e.Name) }) {
		return m, fmt.Errorf("%w: its manifest names a file that an export has not", ErrExport)
	}
	return m, nil
}

// sumOf reads a member to its end, holding none of it.
func sumOf(f *zip.File, name string) (exportEntry, error) {
	sum := summed{w: io.Discard, sum: sha256.New()}
	if err := unpack(f, name, maxExportFile, &sum); err != nil {
		return exportEntry{}, err
	}
	return exportEntry{Name: name, Size: sum.n, SHA256: hex.EncodeToString(sum.sum.Sum(nil))}, nil
}

func unpack(f *zip.File, name string, limit int64, into io.Writer) error {
	if f == nil {
		return fmt.Errorf("%w: %s is missing", ErrExport, name)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %s does not unpack", ErrExport, name)
	}
	defer r.Close() //nolint:errcheck // read only
	n, err := io.Copy(into, io.LimitReader(r, limit+1))
	if err != nil || n > limit {
		return fmt.Errorf("%w: %s does not unpack whole", ErrExport, name)
	}
	return nil
}
