package vaulted

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/crypto/vault"
)

// cluster is the part of a Kubernetes API that Vault asks: it says whether it
// issued a service account's token, and for whom.
type cluster struct {
	*httptest.Server
	key     *ecdsa.PrivateKey
	revoked atomic.Bool
	asked   atomic.Int64
}

const (
	reviewer = "token-of-the-reviewer"
	audience = "vault"
)

func newCluster(t *testing.T) *cluster {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	c := &cluster{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apis/authentication.k8s.io/v1/tokenreviews", c.review)
	c.Server = httptest.NewTLSServer(mux)
	t.Cleanup(c.Close)
	return c
}

// ca is the PEM of what signed the API's certificate.
func (c *cluster) ca() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}))
}

// account is what a projected token says of its pod's service account.
type account struct {
	Issuer     string   `json:"iss"`
	Audience   []string `json:"aud"`
	Subject    string   `json:"sub"`
	Issued     int64    `json:"iat"`
	NotBefore  int64    `json:"nbf"`
	Expires    int64    `json:"exp"`
	Kubernetes struct {
		Namespace      string `json:"namespace"`
		ServiceAccount struct {
			Name string `json:"name"`
			UID  string `json:"uid"`
		} `json:"serviceaccount"`
	} `json:"kubernetes.io"`
}

// token is a signed token (ES256, RFC 7518) of a service account.
func (c *cluster) token(t *testing.T, namespace, name string, signer *ecdsa.PrivateKey) string {
	t.Helper()
	now := time.Now().Unix()
	a := account{
		Issuer: "https://kubernetes.default.svc", Audience: []string{audience}, Subject: "system:serviceaccount:" + namespace + ":" + name,
		Issued: now - 60, NotBefore: now - 60, Expires: now + 3600,
	}
	a.Kubernetes.Namespace, a.Kubernetes.ServiceAccount.Name, a.Kubernetes.ServiceAccount.UID = namespace, name, "uid-of-"+name
	claims, err := json.Marshal(a)
	check(t, err)
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, signer, sum[:])
	check(t, err)
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + b64.EncodeToString(signature[:])
}

// opens gives the account of a token that this cluster signed.
func (c *cluster) opens(token string) (a account, ok bool) {
	text, signature := token[:max(strings.LastIndexByte(token, '.'), 0)], token[strings.LastIndexByte(token, '.')+1:]
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(raw) != 64 {
		return a, false
	}
	sum := sha256.Sum256([]byte(text))
	if !ecdsa.Verify(&c.key.PublicKey, sum[:], new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])) {
		return a, false
	}
	_, body, _ := strings.Cut(text, ".")
	claims, err := base64.RawURLEncoding.DecodeString(body)
	return a, err == nil && json.Unmarshal(claims, &a) == nil
}

// review answers a TokenReview of authentication.k8s.io/v1.
func (c *cluster) review(w http.ResponseWriter, r *http.Request) {
	c.asked.Add(1)
	var ask struct {
		Spec struct {
			Token     string   `json:"token"`
			Audiences []string `json:"audiences"`
		} `json:"spec"`
	}
	if r.Header.Get("Authorization") != "Bearer "+reviewer || json.NewDecoder(r.Body).Decode(&ask) != nil {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	status := map[string]any{"authenticated": false}
	if a, ok := c.opens(ask.Spec.Token); ok && !c.revoked.Load() && slices.Contains(ask.Spec.Audiences, audience) {
		status = map[string]any{"authenticated": true, "audiences": []string{audience}, "user": map[string]any{
			"username": a.Subject, "uid": a.Kubernetes.ServiceAccount.UID, "groups": []string{"system:serviceaccounts"},
		}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status})
}

// TestKubernetes: a pod's service account logs in through Vault's own engine,
// again when its token at Vault dies, and only as long as the cluster vouches.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	v, c := start(t), newCluster(t)
	v.do(t, "POST", "sys/auth/kubernetes", map[string]any{"type": "kubernetes"})
	v.do(t, "POST", "auth/kubernetes/config", map[string]any{
		"kubernetes_host": c.URL, "kubernetes_ca_cert": c.ca(), "token_reviewer_jwt": reviewer, "disable_local_ca_jwt": true,
	})
	v.do(t, "POST", "auth/kubernetes/role/postern", map[string]any{
		"bound_service_account_names": "postern", "bound_service_account_namespaces": "bank", "audience": audience,
		"token_policies": "postern", "token_ttl": "1h",
	})
	v.put(t, "team/shop", map[string]string{"token": "one"})
	login := func(token string) (*vault.Client, error) {
		v.write(t, "account", token)
		return vault.Open(t.Context(), v.config(vault.Login{Kubernetes: &vault.Kubernetes{Role: "postern", TokenFile: v.file("account")}}))
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	for name, token := range map[string]string{
		"another account":   c.token(t, "bank", "other", c.key),
		"another namespace": c.token(t, "shop", "postern", c.key),
		"forged":            c.token(t, "bank", "postern", other),
		"no token":          "hello",
	} {
		_, err := login(token)
		wants(t, err, vault.ErrRefused, "log in")
		if strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error repeats the token", name)
		}
	}
	client, err := login(c.token(t, "bank", "postern", c.key))
	check(t, err)
	t.Cleanup(client.Close)
	_, err = client.Secret(t.Context(), "team/shop")
	check(t, err)

	v.do(t, "POST", "sys/leases/revoke-prefix/auth/kubernetes/login", nil)
	v.write(t, "account", c.token(t, "bank", "postern", c.key)) // Kubernetes puts a fresh one there from time to time
	before := c.asked.Load()
	_, err = client.Secret(t.Context(), "team/shop")
	check(t, err)
	if c.asked.Load() != before+1 {
		t.Error("the dead login was not replaced by one more")
	}

	c.revoked.Store(true)
	v.do(t, "POST", "sys/leases/revoke-prefix/auth/kubernetes/login", nil)
	_, err = client.Secret(t.Context(), "team/shop")
	wants(t, err, vault.ErrRefused, "log in")
}
