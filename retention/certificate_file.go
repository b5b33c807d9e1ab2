package retention

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// CertificateFile is a certificate as it is handed out: with what proves
// offline that it is on record.
type CertificateFile struct {
	Version int    `json:"version"` // 1
	Note    string `json:"note"`    // signed: a title, the certificate as one line of JSON
	Salt    string `json:"salt"`    // of the part that holds the note, hex
	// Receipt proves the record that holds the note; left out while no checkpoint
	// covers it.
	Receipt json.RawMessage `json:"receipt,omitempty"`
}

// ErrCertificate is wrapped by every refusal of a certificate.
var ErrCertificate = errors.New("certificate does not hold")

// maxCertificate bounds a file in bytes.
const maxCertificate = 4 << 20

// ExportCertificate is a certificate's file, by the id of its record.
func ExportCertificate(ctx context.Context, j *journal.Journal, id audit.ID) (CertificateFile, error) {
	rec, err := j.Record(ctx, id)
	if err != nil {
		return CertificateFile{}, err
	}
	at := slices.IndexFunc(rec.Parts, func(p audit.Part) bool { return p.Name == audit.PartDetail && !p.Erased })
	if rec.Kind != audit.KindRetention || rec.Type != typeWritten || at < 0 {
		return CertificateFile{}, journal.ErrNotFound
	}
	var detail certified
	if err := json.Unmarshal(rec.Parts[at].Body, &detail); err != nil {
		return CertificateFile{}, fmt.Errorf("%w: its record cannot be read", ErrCertificate)
	}
	out := CertificateFile{Version: 1, Note: detail.Note, Salt: hex.EncodeToString(rec.Parts[at].Salt[:])}
	receipt, err := j.Reader().Receipt(ctx, &rec)
	if errors.Is(err, journal.ErrUncovered) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Receipt, err = receipt.Encode()
	return out, err
}

// Unchecked reads the certificate without a look at who signed it: for one that
// its own gateway gave.
func (f *CertificateFile) Unchecked() (Certificate, error) {
	var c Certificate
	_, rest, _ := strings.Cut(f.Note, "\n")
	line, _, _ := strings.Cut(rest, "\n")
	if err := strictly([]byte(line), &c); err != nil {
		return c, fmt.Errorf("%w: its note cannot be read", ErrCertificate)
	}
	return c, nil
}

// Encode is the file as JSON, one member a line.
func (f CertificateFile) Encode() ([]byte, error) {
	out, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode certificate: %w", err)
	}
	return append(out, '\n'), nil
}

// Checked is what the check of a certificate's file says.
type Checked struct {
	Certificate Certificate
	Proven      bool   // a receipt shows it on record
	Record      uint64 // its place there
	Size        uint64 // of the tree whose checkpoint says so
}

// VerifyCertificate checks a file with public keys alone. Keys that follow the
// given ones are found through the receipt.
func VerifyCertificate(file []byte, pinned ...audit.Verifier) (Checked, error) {
	var out Checked
	var f CertificateFile
	if len(file) > maxCertificate || strictly(file, &f) != nil || f.Version != 1 {
		return out, fmt.Errorf("%w: it is not a file of this form", ErrCertificate)
	}
	keys := pinned
	if len(f.Receipt) > 0 {
		rep, err := f.proven()
		if err != nil {
			return out, err
		}
		got := rep.Verify(pinned...)
		if !got.OK() {
			return out, fmt.Errorf("%w: its receipt: %s %s", ErrCertificate, got.Findings[0].Field, got.Findings[0].Note)
		}
		if err := f.recorded(&got.Record); err != nil {
			return out, err
		}
		keys, out.Proven, out.Record, out.Size = got.Keys, true, got.Record.Seq, got.Checkpoint.Size
	}
	line, err := audit.OpenStatement(certificateTitle, []byte(f.Note), keys...)
	if err != nil {
		return Checked{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if err := strictly(line, &out.Certificate); err != nil || out.Certificate.Version != 1 {
		return Checked{}, fmt.Errorf("%w: what is signed is of no form this program knows", ErrCertificate)
	}
	return out, nil
}

func (f *CertificateFile) proven() (*audit.Receipt, error) {
	r, err := audit.DecodeReceipt(f.Receipt)
	if err != nil {
		return nil, fmt.Errorf("%w: its receipt: %w", ErrCertificate, err)
	}
	return r, nil
}

// recorded holds the note against what the record commits to.
func (f *CertificateFile) recorded(rec *audit.Record) error {
	detail, err := json.Marshal(certified{Note: f.Note})
	if err != nil {
		return fmt.Errorf("%w: its note cannot be written", ErrCertificate)
	}
	var salt [16]byte
	if n, err := hex.Decode(salt[:], []byte(f.Salt)); err != nil || n != len(salt) || len(f.Salt) != 2*len(salt) {
		return fmt.Errorf("%w: its salt is not 32 hex digits", ErrCertificate)
	}
	if rec.Kind != audit.KindRetention || rec.Type != typeWritten || len(rec.Parts) != 1 || rec.Parts[0].Hash != audit.PartHash(salt, detail) {
		return fmt.Errorf("%w: its receipt is of another record", ErrCertificate)
	}
	return nil
}

// strictly decodes one JSON value with no member that v does not have.
func strictly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more follows")
	}
	return nil
}
