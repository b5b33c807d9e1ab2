package retention

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"postern/audit"
)

// Disclosure is what is known of a person, as it is given to that person: no legal
// holds, no labels, nobody's name who works here, and of others nothing. Times
// are RFC 3339.
type Disclosure struct {
	Version  int      `json:"version"` // 1
	Made     string   `json:"made"`
	Business string   `json:"business"` // legal entity
	Subject  string   `json:"subject"`
	Request  audit.ID `json:"request"`
	// From is when what is shown begins: before it the number was somebody else's,
	// or that it was not is not proven. Empty: from the beginning.
	From string `json:"from,omitempty"`

	Numbers    []string        `json:"numbers"`
	UserIDs    []string        `json:"user_ids"`
	Facts      []ExportFact    `json:"facts"`
	Messages   []ExportMessage `json:"messages"` // oldest first
	Recipients []Recipient     `json:"recipients"`
	Kept       []ExportKept    `json:"kept"`
	Missing    []string        `json:"missing"` // what is not in it, and why
}

// ExportFact is a consent, an opt-out or the like.
type ExportFact struct {
	What  string          `json:"what"`
	About string          `json:"about"` // category, scope
	Value json.RawMessage `json:"value"`
	Since string          `json:"since"`
	Until string          `json:"until,omitempty"`
}

// ExportMessage is one message and what was decided about it.
type ExportMessage struct {
	Record    string   `json:"record"`
	Time      string   `json:"time"`
	Direction string   `json:"direction"` // "outbound": to the person
	Type      string   `json:"type"`
	Category  string   `json:"category,omitempty"`
	Text      string   `json:"text,omitempty"`
	Form      string   `json:"form"` // FormOriginal, FormRedacted or FormGone
	Note      string   `json:"note,omitempty"`
	Files     []string `json:"files,omitempty"`
	Decision  string   `json:"decision,omitempty"`
	Outcomes  []string `json:"outcomes,omitempty"`
	KeptUntil string   `json:"kept_until"`
}

// Forms of a message's text.
const (
	FormOriginal = "original" // as it was sent, others' data redacted
	FormRedacted = "redacted"
	FormGone     = "gone"
)

// Recipient is who got data of the person.
type Recipient struct {
	Who  string `json:"who"`
	What string `json:"what"`
}

// ExportKept says how long a class of data is kept.
type ExportKept struct {
	Class string `json:"class"`
	How   string `json:"how"`
}

const (
	exportTitle = "postern subject export"
	exportNote  = "manifest.note"
	exportJSON  = "export.json"
	exportHTML  = "export.html"
)

// exportManifest is what is signed.
type exportManifest struct {
	Version int          `json:"version"`
	Subject string       `json:"subject"`
	Request audit.ID     `json:"request"`
	Made    string       `json:"made"`
	Files   []exportFile `json:"files"`
}

type exportFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Zip is the disclosure as it is handed out: JSON, a page for people, and a manifest
// with the hash of each, signed.
func (e Disclosure) Zip(signer audit.Signer) ([]byte, error) {
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode export: %w", err)
	}
	page, err := e.page()
	if err != nil {
		return nil, err
	}
	m := exportManifest{Version: 1, Subject: e.Subject, Request: e.Request, Made: e.Made, Files: []exportFile{
		fileOf(exportHTML, page), fileOf(exportJSON, data),
	}}
	line, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	note, err := audit.SignStatement(exportTitle, line, signer)
	if err != nil {
		return nil, fmt.Errorf("sign export: %w", err)
	}
	made, err := time.Parse(time.RFC3339, e.Made)
	if err != nil {
		return nil, fmt.Errorf("time of the export: %w", err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range []struct {
		name string
		body []byte
	}{{exportNote, note}, {exportHTML, page}, {exportJSON, data}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: made})
		if err == nil {
			_, err = w.Write(f.body)
		}
		if err != nil {
			return nil, fmt.Errorf("write export: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	return out.Bytes(), nil
}

func fileOf(name string, body []byte) exportFile {
	sum := sha256.Sum256(body)
	return exportFile{Name: name, Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
}

// ErrExport is wrapped by every refusal of an export's file.
var ErrExport = errors.New("the export does not hold")

// maxExportFile bounds one file of an export, unpacked.
const maxExportFile = 1 << 30

// ExportChecked is what the check of an export's file says.
type ExportChecked struct {
	Subject string   `json:"subject"`
	Request audit.ID `json:"request"`
	Made    string   `json:"made"`
	Files   []string `json:"files"`
}

// VerifyExport checks an export's file with public keys alone: the manifest is
// signed, and the file holds what it names, whole, and nothing else.
func VerifyExport(file []byte, keys ...audit.Verifier) (ExportChecked, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return ExportChecked{}, fmt.Errorf("%w: it is not a whole ZIP file", ErrExport)
	}
	found := map[string]*zip.File{}
	for _, f := range z.File {
		if found[f.Name] != nil || !slices.Contains([]string{exportNote, exportJSON, exportHTML}, f.Name) {
			return ExportChecked{}, fmt.Errorf("%w: it holds a file that an export has not, or one twice", ErrExport)
		}
		found[f.Name] = f
	}
	m, err := manifestOf(found[exportNote], keys)
	if err != nil {
		return ExportChecked{}, err
	}
	out := ExportChecked{Subject: m.Subject, Request: m.Request, Made: m.Made}
	for _, want := range m.Files {
		if err := want.check(found[want.Name]); err != nil {
			return ExportChecked{}, err
		}
		delete(found, want.Name)
		out.Files = append(out.Files, want.Name)
	}
	if len(found) != 1 {
		return ExportChecked{}, fmt.Errorf("%w: it holds a file that its manifest does not name", ErrExport)
	}
	return out, nil
}

func manifestOf(f *zip.File, keys []audit.Verifier) (m exportManifest, err error) {
	if f == nil {
		return m, fmt.Errorf("%w: it has no %s", ErrExport, exportNote)
	}
	note, err := unpack(f, 1<<20)
	if err != nil {
		return m, err
	}
	line, err := audit.OpenStatement(exportTitle, note, keys...)
	if err != nil {
		return m, fmt.Errorf("%w: its manifest: %w", ErrExport, err)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || m.Version != 1 {
		return m, fmt.Errorf("%w: its manifest is of no form this program knows", ErrExport)
	}
	return m, nil
}

func (want exportFile) check(f *zip.File) error {
	if f == nil {
		return fmt.Errorf("%w: %s is missing", ErrExport, want.Name)
	}
	body, err := unpack(f, maxExportFile)
	if err != nil {
		return err
	}
	if fileOf(want.Name, body) != want {
		return fmt.Errorf("%w: %s was changed", ErrExport, want.Name)
	}
	return nil
}

func unpack(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not unpack", ErrExport, f.Name)
	}
	defer r.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil || int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: %s does not unpack whole", ErrExport, f.Name)
	}
	return body, nil
}

// InWords says to a person what a decision's codes mean.
func InWords(effect string, reasons []string) string {
	out := map[string]string{"allow": "let through", "deny": "not let through"}[effect]
	if out == "" {
		return ""
	}
	var why []string
	for _, code := range reasons {
		words, known := reasonWords[code]
		if !known {
			words = strings.ReplaceAll(code, "_", " ")
		}
		why = append(why, words)
	}
	if len(why) == 0 {
		return out
	}
	return out + ": " + strings.Join(why, "; ")
}

// reasonWords are reasons of decisions for those they are about. What stands for
// itself is not here.
var reasonWords = map[string]string{
	"opted_out":             "you had asked for no more messages",
	"marketing_stopped":     "you had stopped advertising",
	"opt_in_missing":        "no consent of yours was on record",
	"opt_in_expired":        "your consent had ended",
	"opt_in_source":         "your consent came from a source that does not count",
	"window_closed":         "your last message was more than a day old",
	"identity_changed":      "your number may have had another owner",
	"processing_restricted": "processing of your data was restricted",
	"quiet_hours":           "it was a quiet time where you live",
	"recipient_country":     "your country is not written to",
	"pii":                   "it held personal data that may not be passed on",
	"pii_treatment":         "it held personal data that could not be taken out",
	"type_not_allowed":      "messages of this type are not allowed",
	"link_host":             "it had a link that is not allowed",
	"media_kind":            "it had a file of a kind that is not allowed",
	"media_size":            "its file was too large",
	"account_restricted":    "WhatsApp had restricted the business",
	"residency":             "WhatsApp would have kept it where it must not be kept",
	"facts_missing":         "what has to be known first was not known",
	"received":              "you wrote it",
}
