package sim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Values of FlowFile.Fault.
const (
	FileOtherHash  = "hash"      // encrypted_hash is another file's
	FileOtherMAC   = "hmac"      // the tag at the end does not fit
	FileOtherPlain = "plaintext" // plaintext_hash is another file's
	FileRedirect   = "redirect"  // the address leads to another one that has the file
	FileGone       = "gone"      // 404
	FileHang       = "hang"      // no answer until the client leaves
	FileCut        = "cut"       // half of it, then the connection is closed
	FileEndless    = "endless"   // bytes without end and without a length
)

// flowFilePath is where encrypted files of flows are fetched, without a token.
const flowFilePath = "/flow-media/"

// maxFlowFiles bounds files in memory; the oldest go.
const maxFlowFiles = 64

// FlowFile is a file that a person picks in a flow.
type FlowFile struct {
	Name    string `json:"file_name"`
	Content []byte `json:"content"`         // Base64 in JSON
	Fault   string `json:"fault,omitempty"` // one of the above
}

// FlowItem stands for a file in the data of a flow request (PhotoPicker,
// DocumentPicker).
type FlowItem struct {
	ID       string       `json:"media_id"`
	URL      string       `json:"cdn_url"`
	Name     string       `json:"file_name"`
	Metadata FlowMetadata `json:"encryption_metadata"`
}

// FlowMetadata opens the file; all values are Base64 in JSON.
type FlowMetadata struct {
	EncryptedHash []byte `json:"encrypted_hash"`
	IV            []byte `json:"iv"`
	EncryptionKey []byte `json:"encryption_key"`
	MACKey        []byte `json:"hmac_key"`
	PlaintextHash []byte `json:"plaintext_hash"`
}

// storedFile is what the address of an item gives.
type storedFile struct {
	body  []byte
	fault string
}

// FlowFile encrypts a file as a person's client does and keeps it, in memory
// alone, where its item says.
func (s *Server) FlowFile(f FlowFile) (FlowItem, error) {
	faults := []string{"", FileOtherHash, FileOtherMAC, FileOtherPlain, FileRedirect, FileGone, FileHang, FileCut, FileEndless}
	switch {
	case !slices.Contains(faults, f.Fault):
		return FlowItem{}, fmt.Errorf("fault: must be one of %v", faults[1:])
	case s.cfg.PublicURL == "":
		return FlowItem{}, errors.New("files of flows need the simulator's own address (--public-url)")
	}
	m, body, err := encryptFile(f)
	if err != nil {
		return FlowItem{}, err
	}
	id := random(8)
	s.mu.Lock()
	defer s.mu.Unlock()
	name := hex.EncodeToString(id)
	s.flowFiles[name] = storedFile{body, f.Fault}
	if s.flowFileIDs = append(s.flowFileIDs, name); len(s.flowFileIDs) > maxFlowFiles {
		delete(s.flowFiles, s.flowFileIDs[0])
		s.flowFileIDs = s.flowFileIDs[1:]
	}
	return FlowItem{ID: name, URL: strings.TrimSuffix(s.cfg.PublicURL, "/") + flowFilePath + name, Name: f.Name, Metadata: m}, nil
}

// encryptFile is AES-256-CBC with PKCS #7 padding, then ten bytes of
// HMAC-SHA256 over IV and ciphertext.
func encryptFile(f FlowFile) (FlowMetadata, []byte, error) {
	m := FlowMetadata{IV: random(16), EncryptionKey: random(32), MACKey: random(32)}
	block, err := aes.NewCipher(m.EncryptionKey)
	if err != nil {
		return m, nil, err
	}
	n := aes.BlockSize - len(f.Content)%aes.BlockSize
	body := append(slices.Clone(f.Content), slices.Repeat([]byte{byte(n)}, n)...)
	cipher.NewCBCEncrypter(block, m.IV).CryptBlocks(body, body)
	mac := hmac.New(sha256.New, m.MACKey)
	mac.Write(m.IV)
	mac.Write(body)
	body = append(body, mac.Sum(nil)[:10]...)
	if f.Fault == FileOtherMAC {
		body[len(body)-1] ^= 1
	}
	m.EncryptedHash, m.PlaintextHash = hash(body), hash(f.Content)
	switch f.Fault {
	case FileOtherHash:
		m.EncryptedHash = hash(f.Content)
	case FileOtherPlain:
		m.PlaintextHash = hash(body)
	}
	return m, body, nil
}

func random(n int) []byte {
	out := make([]byte, n)
	rand.Read(out) //nolint:errcheck // crypto/rand.Read never returns an error
	return out
}

func hash(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:]
}

// serveFlowFile gives a file, or does what its fault says.
func (s *Server) serveFlowFile(w http.ResponseWriter, r *http.Request) {
	name, moved := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, flowFilePath), "/moved")
	s.mu.Lock()
	f, ok := s.flowFiles[name]
	s.mu.Unlock()
	switch {
	case !ok || f.fault == FileGone:
		http.Error(w, "not found", http.StatusNotFound)
	case f.fault == FileRedirect && !moved:
		http.Redirect(w, r, flowFilePath+name+"/moved", http.StatusFound)
	case f.fault == FileHang:
		select {
		case <-r.Context().Done():
		case <-s.ending():
		}
	case f.fault == FileEndless:
		for part := make([]byte, 64<<10); ; {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	case f.fault == FileCut:
		s.cutShort(w, f.body)
	default:
		s.write(w, answer{status: http.StatusOK, kind: "application/octet-stream", body: f.body})
	}
}

// cutShort announces a body and sends half of it.
func (s *Server) cutShort(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body[:len(body)/2]); err != nil {
		s.cfg.Log.Debug().Msg("an answer could not be written")
	}
	panic(http.ErrAbortHandler)
}
