package boot

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Vault says where references vault:PATH#FIELD are read, and where the key is
// that wraps the keystore's. The zero value is none. It holds paths of
// credentials only.
type Vault struct {
	Address    string        `json:"address"`
	CA         string        `json:"ca"` // PEM file of the only roots trusted; empty: the system's
	Namespace  string        `json:"namespace"`
	KV         string        `json:"kv"`      // mount of the KV v2 engine
	Transit    string        `json:"transit"` // mount of the transit engine
	TokenFile  string        `json:"token_file"`
	AppRole    AppRole       `json:"approle"`
	Kubernetes Kubernetes    `json:"kubernetes"`
	Timeout    time.Duration `json:"timeout"` // of one call
	Poll       time.Duration `json:"poll"`    // how often versions are looked at
	Overlap    time.Duration `json:"overlap"` // how long the version before is taken, too
	MaxOffline MaxOffline    `json:"max_offline"`
}

// AppRole is a login by role id and secret id.
type AppRole struct {
	Mount    string `json:"mount"`
	RoleID   string `json:"role_id"`
	SecretID string `json:"secret_id_file"`
	Wrapped  bool   `json:"wrapped"` // the file holds a wrapping token
}

// Kubernetes is a login by service account.
type Kubernetes struct {
	Mount     string `json:"mount"`
	Role      string `json:"role"`
	TokenFile string `json:"token_file"`
}

// MaxOffline is, by purpose, how long secrets in memory are used after the last
// good contact.
type MaxOffline struct {
	Send    time.Duration `json:"send"`
	Receive time.Duration `json:"receive"`
	Deliver time.Duration `json:"deliver"`
	Keys    time.Duration `json:"keys"`
}

// Purpose is what something of Vault's is for: what stops without it.
type Purpose string

// Purposes.
const (
	Send    Purpose = "send"    // tokens and keys of upstream
	Receive Purpose = "receive" // app secrets and verify tokens, which Meta's webhooks need
	Deliver Purpose = "deliver" // secrets and headers of apps' webhooks
	Keys    Purpose = "keys"    // the transit key: everything needs the keystore's keys
	Outward Purpose = "export"  // credentials of exports, ClickHouse, backups and checkpoints at S3, which go on with what they have
	Certify Purpose = "certify" // certificates of listeners; no secret, and what there is counts until it expires
)

// Reference is where Vault keeps a secret of the file.
type Reference struct {
	Path    string // below the KV mount
	Field   string
	Purpose Purpose
}

// Fetch reads a reference: the current value, and the one before while both
// are taken. ErrNotRead leaves the secret set and without a value.
type Fetch func(Reference) (current, previous string, err error)

// ErrNotRead is a Fetch's word for what its caller has no need of.
var ErrNotRead = errors.New("reference not read")

// References are those of the file, by the place where each is written.
func (c *Config) References() map[string]Reference { return maps.Clone(c.references) }

// WithSecrets gives the same configuration with every reference to Vault read.
// Secrets from elsewhere stay what they are: files are not read again. Without
// it such a secret is set and has no value.
func (c *Config) WithSecrets(fetch Fetch) (*Config, error) {
	return judge(c.Path, c.Source, c.secrets, fetch)
}

var vaultReference = regexp.MustCompile(`^([A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)#([A-Za-z0-9._-]+)$`)

func (r *reader) vaultSecret(ref, path string) Secret {
	m := vaultReference.FindStringSubmatch(ref)
	if m == nil {
		r.reportAt(path, path+" is no reference to Vault", "write vault:PATH#FIELD, the path below vault.kv")
		return Secret{}
	}
	at := Reference{Path: m[1], Field: m[2], Purpose: purposeOf(path)}
	r.references[path] = at
	unread := Secret{value: func() string { return "" }}
	if r.fetch == nil {
		return unread
	}
	current, previous, err := r.fetch(at)
	if errors.Is(err, ErrNotRead) {
		return unread
	}
	if err != nil {
		r.reportAt(path, path+": "+err.Error(), "mend it in Vault, or write another reference")
		return Secret{}
	}
	r.before[path] = NewSecret(previous)
	return NewSecret(current)
}

func purposeOf(path string) Purpose {
	switch key := path[strings.LastIndexByte(path, '.')+1:]; {
	case strings.HasPrefix(path, "exports["), strings.HasPrefix(path, "clickhouse."), strings.HasPrefix(path, "backup."), strings.HasPrefix(path, "checkpoints."):
		return Outward
	case strings.Contains(path, ".webhook."):
		return Deliver
	case key == "token", key == "d360_key":
		return Send
	}
	return Receive
}

// previous is a secret's earlier value: its own key, else what Vault still has.
func (s *section) previous(key, of string) Secret {
	if v := s.secret(key, false); v.IsSet() {
		return v
	}
	return s.r.before[s.at(of)]
}

func (r *reader) vault(s *section) Vault {
	defer s.done()
	if s.node == nil {
		return Vault{}
	}
	v := Vault{
		Address:   s.required("address", "write https://HOST:PORT"),
		CA:        s.file("ca", "", "write a PEM file of roots, or leave it out"),
		Namespace: s.text("namespace", "", "write a namespace, or leave it out"),
		KV:        s.text("kv", "secret", "write the mount of the KV v2 engine"),
		Transit:   s.text("transit", "transit", "write the mount of the transit engine"),
		TokenFile: s.file("token_file", "", "write the file of a token"),
		Timeout:   s.duration("timeout", 5*time.Second, 100*time.Millisecond, time.Minute),
		Poll:      s.duration("poll", 30*time.Second, 100*time.Millisecond, time.Hour),
		Overlap:   s.duration("overlap", 24*time.Hour, 0, 90*24*time.Hour),
	}
	v.AppRole, v.Kubernetes = r.appRole(s.sub("approle")), r.kubernetes(s.sub("kubernetes"))
	v.MaxOffline = r.maxOffline(s.sub("max_offline"))
	return v
}

func (r *reader) appRole(s *section) AppRole {
	defer s.done()
	if s.node == nil {
		return AppRole{}
	}
	s.required("secret_id_file", "write the file of the secret id, or of the token that wraps it")
	return AppRole{
		Mount:    s.text("mount", "approle", "write where the login is mounted"),
		RoleID:   s.required("role_id", "write the role id"),
		SecretID: s.file("secret_id_file", "", ""),
		Wrapped:  s.truth("wrapped", false),
	}
}

func (r *reader) kubernetes(s *section) Kubernetes {
	defer s.done()
	if s.node == nil {
		return Kubernetes{}
	}
	return Kubernetes{
		Mount:     s.text("mount", "kubernetes", "write where the login is mounted"),
		Role:      s.required("role", "write the role"),
		TokenFile: s.file("token_file", "/var/run/secrets/kubernetes.io/serviceaccount/token", "write the file of the service account's token"),
	}
}

func (r *reader) maxOffline(s *section) MaxOffline {
	defer s.done()
	at := func(key string) time.Duration { return s.duration(key, time.Hour, 0, 30*24*time.Hour) }
	return MaxOffline{Send: at("send"), Receive: at("receive"), Deliver: at("deliver"), Keys: at("keys")}
}

// truth is true or false.
func (s *section) truth(key string, fallback bool) bool {
	v, ok := s.scalar(key, "write true or false", "!!bool")
	if !ok {
		return fallback
	}
	return strings.EqualFold(v, "true")
}

func (r *reader) checkVault(v Vault, k Keystore) {
	for _, path := range slices.Sorted(maps.Keys(r.references)) {
		r.expect(r.nodes["vault"] != nil, path, "names Vault, and there is no section vault", "add vault with address and one login")
		r.expect(path != "operator_key", path, "is read by commands, which do not ask Vault", "write file:PATH or env:NAME")
	}
	if k.Transit != "" {
		r.expect(TransitName(k.Transit), "keystore.transit", "is no name of a transit key", "write letters, digits, . _ and -")
		r.expect(r.nodes["vault"] != nil, "keystore.transit", "names Vault, and there is no section vault", "add vault with address and one login")
		r.expect(k.Passphrase == "", "keystore.transit", "is beside a passphrase", "keep the one that the keystore is under now; postern keys migrate changes it")
	}
	if v.Address == "" {
		return
	}
	r.expect(baseURL(v.Address, true), "vault.address", "is not an https URL without path", "write https://HOST:PORT; http only for a Vault on loopback")
	r.expect(mountPattern.MatchString(v.KV), "vault.kv", "is not a mount", "write it without slashes around it")
	r.expect(mountPattern.MatchString(v.Transit), "vault.transit", "is not a mount", "write it without slashes around it")
	logins := 0
	for _, set := range []bool{v.TokenFile != "", r.nodes["vault.approle"] != nil, r.nodes["vault.kubernetes"] != nil} {
		if set {
			logins++
		}
	}
	r.expect(logins == 1, "vault", fmt.Sprintf("has %d logins", logins), "write one of token_file, approle and kubernetes")
}

var mountPattern = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

var transitPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$`)

// TransitName reports whether this may be the name of a transit key.
func TransitName(name string) bool { return transitPattern.MatchString(name) }

// judge makes a configuration of a file's content. kept are secrets that are
// not read again, by their place; fetch may be nil.
func judge(path string, source []byte, kept map[string]Secret, fetch Fetch) (*Config, error) {
	r := newReader(path)
	r.kept, r.fetch = kept, fetch
	return r.load(source)
}

func newReader(path string) *reader {
	return &reader{
		file: path, dir: filepath.Dir(path), nodes: map[string]*yaml.Node{}, secrets: map[string]Secret{},
		references: map[string]Reference{}, before: map[string]Secret{},
	}
}
