package sim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// edgeFlowKey is where a number's public key for flows is kept.
const edgeFlowKey = "whatsapp_business_encryption"

// flowKeyState is the public key that flow requests of a number go to, as PEM.
type flowKeyState struct {
	PhoneID string `json:"phone_number_id"`
	Public  string `json:"business_public_key"`
}

var errFlowKey = errors.New("no public RSA key of 2048 bits as PEM")

func flowKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errFlowKey
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok || key.N.BitLen() != 2048 {
		return nil, errFlowKey
	}
	return key, nil
}

// setFlowKey takes a form field, as Meta does.
func (s *Server) setFlowKey(r *request) answer {
	k := flowKeyState{PhoneID: r.number.ID, Public: r.parameter("business_public_key")}
	if _, err := flowKey(k.Public); err != nil {
		return s.refuse(graph.New(100, "Param business_public_key must be a valid 2048-bit RSA public key in PEM."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.log.Append(state.Entry{Kind: kindFlowKey, Value: k}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.flowKeys[k.PhoneID] = k.Public
	return success(map[string]bool{"success": true})
}

// getFlowKey answers in the newer of the two shapes that Meta documents, unless
// the settings ask for the older one.
func (s *Server) getFlowKey(r *request) answer {
	s.mu.Lock()
	public := s.flowKeys[r.number.ID]
	s.mu.Unlock()
	settings, node := s.settings.Load(), map[string]string{}
	if public != "" {
		node["business_public_key"], node["business_public_key_signature_status"] = public, "VALID"
		if settings.FlowKeyInvalid {
			node["business_public_key_signature_status"] = "MISMATCH"
		}
	}
	if settings.FlatFlowKey {
		return success(node)
	}
	return success(map[string]any{"data": []map[string]string{node}})
}
