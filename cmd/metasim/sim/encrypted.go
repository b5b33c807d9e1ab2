package sim

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/jwe"
	"postern/cmd/metasim/internal/state"
)

// Values of the encryption status of a number.
const (
	encryptionOn  = "enabled"
	encryptionOff = "disabled"
)

// edgeEncrypted takes messages as JWE.
const edgeEncrypted = "messages_encrypted"

// encryptionState is the payload encryption of a number. Both keys are DER; the
// simulator's own is made when it is first enabled and stays.
type encryptionState struct {
	PhoneID string `json:"phone_number_id"`
	Status  string `json:"status"`
	Client  []byte `json:"client_key"`    // of the client, public
	Cloud   []byte `json:"cloud_key_der"` // of the simulator, private; it protects test traffic only
}

// keys reads both keys; they were checked before they were kept.
func (e encryptionState) keys() (*rsa.PublicKey, *rsa.PrivateKey, error) {
	client, err := clientKey(e.Client)
	if err != nil {
		return nil, nil, err
	}
	cloud, err := x509.ParsePKCS1PrivateKey(e.Cloud)
	return client, cloud, err
}

func clientKey(der []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok || key.Size() < 256 {
		return nil, jwe.ErrToken
	}
	return key, nil
}

func (s *Server) encryptionOf(phone string) encryptionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.encryption[phone]
	if e.Status == "" {
		e = encryptionState{PhoneID: phone, Status: encryptionOff}
	}
	return e
}

// encryptionView is the part of the settings answer that shows it.
type encryptionView struct {
	Status      string `json:"status"`
	Fingerprint string `json:"client_encryption_key_fingerprint,omitempty"`
	CloudKey    string `json:"cloud_encryption_key,omitempty"`
}

// getSettings answers what a number is set to.
func (s *Server) getSettings(r *request) answer {
	e := s.encryptionOf(r.number.ID)
	view := encryptionView{Status: e.Status}
	if e.Status == encryptionOn {
		_, cloud, err := e.keys()
		if err != nil {
			return s.refuse(graph.New(131000, "The simulator's state is damaged."))
		}
		der, err := x509.MarshalPKIXPublicKey(&cloud.PublicKey)
		if err != nil {
			return s.refuse(graph.New(131000, "The simulator's state is damaged."))
		}
		sum := sha256.Sum256(e.Client)
		view.Fingerprint, view.CloudKey = "SHA256:"+hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(der)
	}
	out := map[string]any{"payload_encryption": view, "storage_configuration": s.storageOf(r.number.ID)}
	for name, value := range s.managedOf(r.number.ID).Kept[edgeSettings] {
		out[name] = value
	}
	return success(out)
}

// postSettings changes the payload encryption of a number or where its messages
// rest; the other settings are kept as they are given.
func (s *Server) postSettings(r *request) answer {
	var in struct {
		Encryption *struct {
			Status string `json:"status"`
			Key    string `json:"client_encryption_key"`
		} `json:"payload_encryption"`
	}
	var other struct {
		Storage jsontext.Value `json:"storage_configuration"`
	}
	if json.Unmarshal(r.body, &other) == nil && other.Storage != nil {
		return s.postStorage(r)
	}
	if err := json.Unmarshal(r.body, &in); err == nil && in.Encryption == nil {
		return s.postKept(r)
	}
	if err := json.Unmarshal(r.body, &in, json.RejectUnknownMembers(true)); err != nil {
		return s.refuse(graph.New(100, "Settings are changed one at a time."))
	}
	switch in.Encryption.Status {
	case encryptionOff:
		return s.keepEncryption(encryptionState{PhoneID: r.number.ID, Status: encryptionOff, Cloud: s.encryptionOf(r.number.ID).Cloud})
	case encryptionOn:
	default:
		return s.refuse(graph.New(100, "Param payload_encryption.status must be enabled or disabled."))
	}
	der, err := base64.StdEncoding.DecodeString(in.Encryption.Key)
	if err == nil {
		_, err = clientKey(der)
	}
	if err != nil {
		return s.refuse(graph.New(100, "Param client_encryption_key must be an RSA public key of 2048 bits or more in base64."))
	}
	return s.enableEncryption(encryptionState{PhoneID: r.number.ID, Status: encryptionOn, Client: der, Cloud: s.encryptionOf(r.number.ID).Cloud})
}

func (s *Server) enableEncryption(e encryptionState) answer {
	if e.Cloud == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return s.refuse(graph.New(131000, "The simulator cannot make a key."))
		}
		e.Cloud = x509.MarshalPKCS1PrivateKey(key)
	}
	return s.keepEncryption(e)
}

func (s *Server) keepEncryption(e encryptionState) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.log.Append(state.Entry{Kind: kindEncryption, Value: e}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.encryption[e.PhoneID] = e
	return success(map[string]bool{"success": true})
}

// decodeEncrypted opens the body, so that what is in it is read like any other.
func (s *Server) decodeEncrypted(r *request) {
	var in struct {
		Product  string `json:"messaging_product"`
		Contents string `json:"encrypted_contents"`
	}
	if err := json.Unmarshal(r.body, &in, json.RejectUnknownMembers(true)); err != nil || in.Product != "whatsapp" || in.Contents == "" || r.form != nil {
		r.refusal = graph.New(100, "The body must hold messaging_product and encrypted_contents and nothing else.")
		return
	}
	e := s.encryptionOf(r.number.ID)
	if e.Status != encryptionOn {
		r.refusal = graph.New(100, "Payload encryption is not enabled for this number.")
		return
	}
	client, cloud, err := e.keys()
	if err != nil {
		r.refusal = graph.New(131000, "The simulator's state is damaged.")
		return
	}
	plain, head, err := jwe.Open(cloud, in.Contents)
	if err != nil {
		r.refusal = graph.New(100, "Param encrypted_contents could not be decrypted.")
		return
	}
	r.body, r.encrypted, r.client = jsontext.Value(plain), head, client
	s.decodeSend(r)
}

// postEncrypted takes a message and encrypts the answer in the way the request
// came. Refusals stay in the clear.
func (s *Server) postEncrypted(r *request, f *Fault) answer {
	a := s.postMessage(r, f)
	if a.status != http.StatusOK {
		return a
	}
	token, err := jwe.Seal(r.client, r.encrypted, a.body)
	if err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot encrypt."))
	}
	return success(map[string]string{"encrypted_contents": token})
}

// encryption says how a message came, empty for one in the clear.
func (r *request) encryption() string {
	return strings.TrimSpace(r.encrypted.Wrap + " " + r.encrypted.Content)
}
