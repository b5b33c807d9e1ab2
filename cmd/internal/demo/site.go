// Package demo makes and runs a complete gateway on loopback for trying it
// out: keys, certificates, configuration, the simulator, a receiver of
// webhooks, and a scripted conversation. Nothing in it is fit for production:
// the authority's key ends with the process, the rest lies in one folder.
package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"postern/crypto/certs"
)

// Numbers and people of the demo. The people's numbers are of the range that
// the German regulator reserves for fiction.
const (
	tenantName   = "demo"
	waba         = "102290129340398"
	cloudPhone   = "106540352242922"
	d360Phone    = "106540352242923"
	onpremPhone  = "106540352242924"
	consented    = "491713920001"
	stranger     = "491713920002"
	demoTemplate = "order_update"
	onpremUser   = "admin"
)

// Site is a demo folder with its ports.
type Site struct {
	Dir        string
	Bin        string // folder of the two programs
	Port       int    // first of eight
	WebhookURL string // where the apps' webhooks go; empty: the receiver
	Engine     string // folder of the ClickHouse engine, as make clickhouse fills it; empty: none runs
	Keys       Keys

	// Front has apps and Meta call an Envoy, which the gateway configures; its own
	// listeners then take the last two ports.
	Front      bool
	Envoy      string           // its program, which the demo starts; empty: somebody else does, or Front is not wanted
	Sockets    string           // folder of the sockets between the two; empty: that of the demo
	signed     string           // how often a checkpoint is
	clickHouse string           // host:port of the engine; empty: none runs
	authority  *certs.Authority // of this process's first setup only
	policies   string           // folder of policies; empty: the built-in ones
}

// Keys are the credentials of the demo, kept in the folder so that a second
// run can print them again.
type Keys struct {
	Operator       string `json:"operator"`
	Cloud          string `json:"cloud"`
	D360V1         string `json:"d360_v1"`
	D360V2         string `json:"d360_v2"`
	OnPremPassword string `json:"onprem_password"`
	MetaToken      string `json:"meta_token"`
	AppSecret      string `json:"app_secret"`
	VerifyToken    string `json:"verify_token"`
	WebhookSecret  string `json:"webhook_secret"`
}

// NewSite names a demo folder by absolute paths.
func NewSite(dir, bin string, port int, webhookURL string) (*Site, error) {
	if port < 1024 || port > 65000 {
		return nil, fmt.Errorf("PORT must be 1024 to 65000; the demo takes eight ports from it on")
	}
	var err error
	s := &Site{Port: port, WebhookURL: webhookURL, signed: "5s"}
	if s.Dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("demo folder: %w", err)
	}
	if s.Bin, err = filepath.Abs(bin); err != nil {
		return nil, fmt.Errorf("program folder: %w", err)
	}
	if webhookURL != "" {
		if u, err := url.Parse(webhookURL); err != nil || u.Host == "" {
			return nil, fmt.Errorf("WEBHOOK_URL is not a URL such as http://127.0.0.1:9000/hook")
		}
	}
	return s, nil
}

func (s *Site) path(parts ...string) string {
	return filepath.Join(append([]string{s.Dir}, parts...)...)
}
func (s *Site) address(offset int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port+offset))
}

// own is the gateway's own listener for apps: where they call it, unless there
// is an Envoy in front.
func (s *Site) own() string {
	if s.Front {
		return s.address(6)
	}
	return s.app()
}

// ownWebhook is the same for Meta's webhooks.
func (s *Site) ownWebhook() string {
	if s.Front {
		return s.address(7)
	}
	return s.webhook()
}

// The addresses that others use.
func (s *Site) app() string      { return s.address(0) }
func (s *Site) webhook() string  { return s.address(1) }
func (s *Site) admin() string    { return s.address(2) }
func (s *Site) graph() string    { return s.address(3) }
func (s *Site) control() string  { return s.address(4) }
func (s *Site) receiver() string { return s.address(5) }

func (s *Site) config() string { return s.path("postern.yaml") }
func (s *Site) ca() string     { return s.path("certs", "ca.pem") }

// target is where the apps' events go, and the host:port to allow for it.
func (s *Site) target() (target, allow string) {
	target = s.WebhookURL
	if target == "" {
		target = "http://" + s.receiver() + "/events"
	}
	u, err := url.Parse(target)
	if err != nil {
		return target, ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return target, net.JoinHostPort(u.Hostname(), port)
}

func (s *Site) loadKeys() (bool, error) {
	raw, err := os.ReadFile(s.path("keys.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read demo keys: %w", err)
	}
	if err := json.Unmarshal(raw, &s.Keys); err != nil {
		return false, fmt.Errorf("read demo keys: %w; remove the demo folder to begin anew", err)
	}
	return true, nil
}

func (s *Site) saveKeys() error {
	raw, err := json.MarshalIndent(s.Keys, "", "  ")
	if err != nil {
		return fmt.Errorf("encode demo keys: %w", err)
	}
	return os.WriteFile(s.path("keys.json"), append(raw, '\n'), 0o600)
}
