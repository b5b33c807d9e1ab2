// Package boot reads the configuration, and starts and stops the program.
//
// The file is judged whole before anything uses it: every unknown key, wrong
// type, missing value and contradiction is reported at once, each with its
// place and what to write instead. A file with one problem changes nothing.
// Secrets are never in the file, only references to them, and never printed.
package boot

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/crypto/certs"
)

// Config is one valid configuration. It is immutable: a reload loads a new one
// and hands it over whole. It can be logged, since secrets print as "[secret]".
type Config struct {
	Path     string `json:"path"`     // of the file, absolute
	Revision string `json:"revision"` // SHA-256 of Source, hex
	Source   []byte `json:"-"`        // the file as read; holds no secrets

	places     map[string]*yaml.Node // where each value was written
	secrets    map[string]Secret     // from files and the environment, by place
	references map[string]Reference  // to Vault, by place

	Data         string        `json:"data"` // folder of journal and keystore, absolute
	PublicURL    string        `json:"public_url"`
	UnknownAfter time.Duration `json:"unknown_after"` // when an unknown send is called failed
	LogLevel     string        `json:"log_level"`
	PolicyDir    string        `json:"policy_dir"`   // empty: the embedded policies
	OperatorKey  Secret        `json:"operator_key"` // as whom commands on this machine act
	Keystore     Keystore      `json:"keystore"`
	Checkpoints  Checkpoints   `json:"checkpoints"`
	Listeners    Listeners     `json:"listeners"`
	Upstream     Upstream      `json:"upstream"`
	Delivery     Delivery      `json:"delivery"`
	Limits       Limits        `json:"limits"`
	Reveal       Reveal        `json:"reveal"`
	Holds        Holds         `json:"holds"`
	Requests     Requests      `json:"requests"`
	Retention    RetentionRuns `json:"retention"`
	Vault        Vault         `json:"vault"`
	ClickHouse   ClickHouse    `json:"clickhouse"`
	Tenants      []Tenant      `json:"tenants"`
	Exports      []Export      `json:"exports"`

	Envoy  Envoy  `json:"envoy"`
	Backup Backup `json:"backup"`
	Media  Media  `json:"media"`

	Region    string    `json:"region"` // label of where the data folder is; "" for none
	Residency Residency `json:"residency"`
}

// Keystore says how the file of the keys is opened. With neither the file's
// permissions guard it alone.
type Keystore struct {
	Passphrase Passphrase `json:"passphrase"`
	Transit    string     `json:"transit"`     // key of Vault that wraps the keys
	LockMemory bool       `json:"lock_memory"` // refuse to start where the memory of keys cannot be locked
}

// Checkpoints says where signed tree heads go outside the store, and how often.
type Checkpoints struct {
	Dir   string        `json:"dir"`
	Every time.Duration `json:"every"`

	Region string `json:"region"` // label of where Dir is; "" for none

	S3       S3     `json:"s3"`        // a copy there; the zero value is none
	S3Region string `json:"s3_region"` // label of where that is; "" for none

	// Witnesses are asked to sign each checkpoint, too (C2SP tlog-witness).
	Witnesses []Witness `json:"witnesses"`

	Stamp Stamp `json:"stamp"`
}

// Witness is where one listens, and the key it signs with.
type Witness struct {
	URL string `json:"url"`
	Key string `json:"key"` // name+hash+key
}

// Listeners are the addresses served. Admin speaks plain HTTP on loopback only.
type Listeners struct {
	App     TLSListener `json:"app"`
	Webhook TLSListener `json:"webhook"`
	Admin   string      `json:"admin"` // host:port
}

// TLSListener is an address with its certificate, from PEM files or issued by
// Vault, and what is asked of clients.
type TLSListener struct {
	Address     string   `json:"address"`
	Cert        string   `json:"cert"`
	Key         string   `json:"key"`
	PKI         PKI      `json:"pki"`          // in place of Cert and Key
	MinTLS      string   `json:"min_tls"`      // "1.3" or "1.2"
	ClientCA    string   `json:"client_ca"`    // PEM file of the clients' roots; empty: no client is asked
	ClientCert  string   `json:"client_cert"`  // with ClientCA: "required" or "optional"
	ClientNames []string `json:"client_names"` // of the webhook listener; a client carries one of them
	Hosts       []string `json:"-"`            // of the sidecar: its certificate is for all of them
}

// TLS is the listener's side of TLS. Who signs for PKI is the caller's to add.
func (l TLSListener) TLS(now func() time.Time) certs.Config {
	return certs.Config{
		Names: slices.Concat(l.PKI.Names, l.Hosts), Cert: l.Cert, Key: l.Key, ClientCA: l.ClientCA, Optional: l.ClientCert == "optional", ClientNames: l.ClientNames,
		TLS12: l.MinTLS == "1.2", Now: now,
	}
}

// Upstream is Meta's Graph API, or a simulator of it.
type Upstream struct {
	BaseURL        string        `json:"base_url"` // without version and trailing slash
	Version        string        `json:"version"`  // "v25.0"
	CA             string        `json:"ca"`       // PEM file of extra roots; empty: the system's
	CAOnly         bool          `json:"ca_only"`  // trust the roots of CA alone
	Pins           []string      `json:"pins"`     // "sha256/BASE64" of a public key in Meta's chain
	MinTLS         string        `json:"min_tls"`  // "1.3" or "1.2"
	Timeout        time.Duration `json:"timeout"`
	MaxConnections int           `json:"max_connections"`
}

// TLS says how Meta's servers are judged.
func (u Upstream) TLS() certs.ClientConfig {
	return certs.ClientConfig{CA: u.CA, Only: u.CAOnly, Pins: u.Pins, TLS12: u.MinTLS == "1.2"}
}

// Delivery rules the webhooks to apps. AllowTargets names single host:port
// pairs that may be private addresses; nothing else private is ever called.
type Delivery struct {
	AllowTargets []string `json:"allow_targets"`
	CA           string   `json:"ca"`
	MinTLS       string   `json:"min_tls"` // "1.2", or "1.3"
	Connections  int      `json:"connections"`
}

// TLS says how the servers of apps are judged.
func (d Delivery) TLS() certs.ClientConfig {
	return certs.ClientConfig{CA: d.CA, TLS12: d.MinTLS == "1.2"}
}

// Limits bound what is taken in. Rates are messages per second; 0 has no limit.
type Limits struct {
	BodyBytes       int64   `json:"body_bytes"`          // one request of an app
	PerNumberRate   float64 `json:"per_number_rate"`     // of one business number, at most
	PerAppRate      float64 `json:"per_app_rate"`        // of one app over all its numbers
	PairRate        float64 `json:"pair_rate"`           // of one business number to one person
	PairBurst       int     `json:"pair_burst"`          // sends to one person at once
	Pairs           int     `json:"pairs"`               // pairs remembered
	Management      int     `json:"management_per_hour"` // management calls of one business account
	Queue           int     `json:"queue"`               // waiters for the writer before shedding
	JournalMaxBytes int64   `json:"journal_max_bytes"`   // of the journal; 0 has no limit
	MinFreeBytes    int64   `json:"min_free_bytes"`      // of the disk before sends are refused
	MediaMaxBytes   int64   `json:"media_max_bytes"`     // of the media store; 0 has no limit
}

// Tenant is one legal entity with its business account.
type Tenant struct {
	Name              string   `json:"name"`
	LegalEntity       string   `json:"legal_entity"`
	Countries         []string `json:"countries"` // where its people usually are, ISO 3166-1 alpha-2
	WABA              string   `json:"waba_id"`
	Token             Secret   `json:"token"`  // Meta system user token
	AppID             string   `json:"app_id"` // of Meta's app that the token belongs to; "" where Meta is asked
	AppSecret         Secret   `json:"app_secret"`
	AppSecretPrevious Secret   `json:"app_secret_previous"`
	VerifyToken       Secret   `json:"verify_token"`
	Upstream          string   `json:"upstream"` // "meta" or "d360"
	D360              D360     `json:"d360"`
	Numbers           []Number `json:"numbers"`
	Apps              []App    `json:"apps"`
}

// Number is one business number.
type Number struct {
	ID      string `json:"id"`      // phone_number_id: digits, below 2^53
	Display string `json:"display"` // "+49 30 1234567"
	Flow    *Flow  `json:"flow"`    // nil: no data endpoint for flows

	D360Key Secret `json:"d360_key"` // of a tenant whose upstream is 360dialog

	Encryption Encryption `json:"encryption"`
}

// App is a client of the gateway. Its name is unique in the file.
type App struct {
	Name    string   `json:"name"`
	Dialect string   `json:"dialect"` // "cloud", "d360" (its key decides v1 or v2) or "onprem"
	Numbers []string `json:"numbers"` // ids; one number belongs to one app
	Webhook Webhook  `json:"webhook"`

	ClientNames []string `json:"client_names"` // in certificates that are this app's
	Identify    string   `json:"identify"`     // by "key", "certificate" or "both"
	Health      string   `json:"health"`       // of an old dialect: "single", "high_availability" or "multiconnect"
	MonitorKey  Secret   `json:"monitor_key"`  // of an onprem app: reads health and figures, nothing else
}

// Webhook is where an app's events go until the app sets another target
// through its own API. An empty URL has no delivery.
type Webhook struct {
	URL            string            `json:"url"`
	Headers        map[string]Secret `json:"headers"`
	Secret         Secret            `json:"secret"` // signs deliveries of the Cloud dialect
	SecretPrevious Secret            `json:"secret_previous"`

	FromKeystore bool          `json:"from_keystore"` // signed with secrets derived from purpose webhook instead
	Overlap      time.Duration `json:"overlap"`       // with it: how long the version before signs, too
}

// Problem names what a later look found wrong with a value, such as the
// certificate in a file, at the place where the value was written.
func (c *Config) Problem(path, what, write string) Problem {
	r := reader{file: c.Path, nodes: c.places}
	r.reportAt(path, path+": "+what, write)
	return r.problems[0]
}

// App finds an app and its tenant by the app's name.
func (c *Config) App(name string) (Tenant, App, bool) {
	for _, t := range c.Tenants {
		for _, a := range t.Apps {
			if a.Name == name {
				return t, a, true
			}
		}
	}
	return Tenant{}, App{}, false
}

// Number finds a business number, its tenant and the app it belongs to by its
// id. The app is the zero value while no app names the number.
func (c *Config) Number(id string) (Tenant, App, Number, bool) {
	for _, t := range c.Tenants {
		for _, n := range t.Numbers {
			if n.ID == id {
				return t, t.appOf(id), n, true
			}
		}
	}
	return Tenant{}, App{}, Number{}, false
}

func (t Tenant) appOf(number string) App {
	for _, a := range t.Apps {
		for _, id := range a.Numbers {
			if id == number {
				return a
			}
		}
	}
	return App{}
}
