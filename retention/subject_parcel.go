package retention

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"html/template"
	"io"
	"iter"
	"time"

	"postern/audit"
)

const (
	exportTitle = "postern subject export"
	exportNote  = "manifest.note"
	exportJSON  = "export.json"
	exportHTML  = "export.html"
	exportList  = "files.txt" // hashes of what lies under exportFolder, as sha256sum writes them

	exportFolder = "files/"
)

// exportManifest is what is signed.
type exportManifest struct {
	Version int           `json:"version"`
	Subject string        `json:"subject"`
	Request audit.ID      `json:"request"`
	Made    string        `json:"made"`
	Files   []exportEntry `json:"files"`
}

// exportEntry is a member of the ZIP but for the manifest and files.
type exportEntry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Parcel writes a Disclosure as it is handed out, a ZIP file: files, JSON, a page
// for people, the list of hashes of the files, and a signed manifest with the hash
// of each of the others. It holds no message and no file whole. After an error
// what was written is worth nothing: without its manifest it does not verify.
type Parcel struct {
	zip  *zip.Writer
	made time.Time
	list bytes.Buffer // of files
}

// NewParcel begins one.
func NewParcel(w io.Writer, made time.Time) *Parcel {
	return &Parcel{zip: zip.NewWriter(w), made: made}
}

// ErrFile: a file could not be read to its end. What was read of it is in the
// parcel, which goes on.
var ErrFile = errors.New("the file cannot be read to its end")

// File puts a file in. name is unique, of lower case letters, digits, - and one
// dot. It returns the path and how much there was.
func (p *Parcel) File(name string, body io.Reader) (path string, n int64, err error) {
	path = exportFolder + name
	from := &noting{r: body}
	done, err := p.member(path, zip.Store, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		if from.err != nil {
			return nil // the member ends here
		}
		return err
	})
	if err == nil && from.err != nil {
		err = fmt.Errorf("%w: %w", ErrFile, from.err)
	}
	fmt.Fprintf(&p.list, "%s  %s\n", done.SHA256, path)
	return path, done.Size, err
}

// noting remembers why reading ended, if it was not the end.
type noting struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (n *noting) Read(b []byte) (int, error) {
	k, err := n.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return k, err
}

func (p *Parcel) member(name string, method uint16, write func(io.Writer) error) (exportEntry, error) {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: p.made})
	sum := summed{w: w, sum: sha256.New()}
	if err == nil {
		err = write(&sum)
	}
	if err != nil {
		return exportEntry{}, fmt.Errorf("write export: %w", err)
	}
	return exportEntry{Name: name, Size: sum.n, SHA256: hex.EncodeToString(sum.sum.Sum(nil))}, nil
}

// summed says how much went through, and its hash.
type summed struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

// Write implements io.Writer.
func (c *summed) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.sum.Write(p[:n]) //nolint:errcheck // never fails
	c.n += int64(n)
	return n, err
}

// Finish writes the rest. messages is gone through twice; d.Messages is not read.
func (p *Parcel) Finish(d Disclosure, messages iter.Seq2[ExportMessage, error], signer audit.Signer) error {
	m := exportManifest{Version: 1, Subject: d.Subject, Request: d.Request, Made: d.Made}
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{exportHTML, func(w io.Writer) error { return d.page(w, messages) }},
		{exportJSON, func(w io.Writer) error { return d.json(w, messages) }},
		{exportList, func(w io.Writer) error { _, err := w.Write(p.list.Bytes()); return err }},
	} {
		done, err := p.member(part.name, zip.Deflate, part.write)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, done)
	}
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	note, err := audit.SignStatement(exportTitle, line, signer)
	if err != nil {
		return fmt.Errorf("sign export: %w", err)
	}
	if _, err := p.member(exportNote, zip.Deflate, func(w io.Writer) error { _, err := w.Write(note); return err }); err != nil {
		return err
	}
	if err := p.zip.Close(); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

// json writes the disclosure with its messages, a line each.
func (d Disclosure) json(w io.Writer, messages iter.Seq2[ExportMessage, error]) error {
	d.Messages = nil
	head, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	if _, err := w.Write(append(bytes.TrimSuffix(head, []byte("\n}")), ",\n  \"messages\": ["...)); err != nil {
		return err
	}
	between := "\n    "
	for m, err := range messages {
		if err != nil {
			return err
		}
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(between), line...)); err != nil {
			return err
		}
		between = ",\n    "
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}

// page writes the disclosure for people: it stands alone, runs nothing and loads
// nothing, and nothing that somebody wrote becomes markup.
func (d Disclosure) page(w io.Writer, messages iter.Seq2[ExportMessage, error]) error {
	made, err := template.New("").Parse(exportPage)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	if err := made.ExecuteTemplate(w, "head", d); err != nil {
		return err
	}
	for m, err := range messages {
		if err != nil {
			return err
		}
		if err := made.ExecuteTemplate(w, "message", m); err != nil {
			return err
		}
	}
	return made.ExecuteTemplate(w, "tail", d)
}
