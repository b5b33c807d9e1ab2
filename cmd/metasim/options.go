package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/pflag"

	"postern/cmd/metasim/sim"
)

// Variables that hold secrets, for those who want them in no command line.
const (
	envTokens = "METASIM_TOKEN"      // one or more, separated by commas
	envSecret = "METASIM_APP_SECRET" //nolint:gosec // the name of a variable
	envD360   = "METASIM_D360_SECRET"
)

// options is the command line.
type options struct {
	listen, control      string
	cert, key            string
	state                string
	fsync                bool
	webhook, webhookCA   string
	secretFile           string
	verifyToken          string
	tokens               []string
	tokenFile            string
	numbers              []string
	seed                 uint64
	latency              time.Duration
	window               string
	lenientTo            bool
	anyMedia             bool
	noStatuses           bool
	autoApprove          bool
	publicURL            string
	acceptedCap, hookCap int
	retryBase, retryMax  time.Duration
	retryAttempts        int
	quiet                bool

	d360        string // address of 360dialog's face
	d360Keys    []string
	d360Sandbox string
}

func (o *options) flags(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address of both APIs")
	f.StringVar(&o.control, "control", "", "second address for the control API alone, plain HTTP")
	f.StringVar(&o.cert, "tls-cert", "", "certificate file; without one the API is plain HTTP")
	f.StringVar(&o.key, "tls-key", "", "key file of the certificate")
	f.StringVar(&o.publicURL, "public-url", "", "base of media links (default: the listening address)")
	f.StringArrayVar(&o.numbers, "number", nil, "business number as phone_number_id:display:account_id, repeatable")
	f.StringArrayVar(&o.tokens, "token", nil, "accepted bearer token, repeatable (or "+envTokens+")")
	f.StringVar(&o.tokenFile, "token-file", "", "file with one accepted token a line")
	f.StringVar(&o.secretFile, "app-secret-file", "", "file with the app secret that signs webhooks (or "+envSecret+")")
	f.StringVar(&o.webhook, "webhook", "", "where webhooks are posted")
	f.StringVar(&o.webhookCA, "webhook-ca", "", "PEM file of the authority the webhook's certificate is checked against")
	f.StringVar(&o.verifyToken, "verify-token", "", "token of the hub.challenge handshake")
	f.StringVar(&o.state, "state", "", "folder that survives a kill (default: memory only)")
	f.BoolVar(&o.fsync, "fsync", false, "force each write of the state to the disk, to survive a power loss")
	f.Uint64Var(&o.seed, "seed", 0, "makes ids and drawn faults repeat (default: drawn at start)")
	f.DurationVar(&o.latency, "latency", 0, "time each send takes to be answered")
	f.StringVar(&o.window, "window", sim.WindowAsync, "closed service window: async (failed webhook), sync (refusal), off")
	f.BoolVar(&o.lenientTo, "lenient-to", false, "take recipients without a plus as they are, without the country code of the number")
	f.BoolVar(&o.anyMedia, "any-media", false, "accept media ids that were never uploaded")
	f.BoolVar(&o.noStatuses, "no-statuses", false, "send no status webhooks by itself")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "approve created templates at once")
	f.DurationVar(&o.retryBase, "retry-base", time.Second, "delay before a webhook's second attempt, doubled after each")
	f.DurationVar(&o.retryMax, "retry-max", 5*time.Minute, "longest delay between attempts")
	f.IntVar(&o.retryAttempts, "retry-attempts", 8, "attempts before a webhook is given up")
	f.IntVar(&o.acceptedCap, "accepted-cap", 100_000, "accepted messages kept in memory")
	f.IntVar(&o.hookCap, "webhooks-cap", 20_000, "webhook attempts kept in memory")
	f.StringVar(&o.d360, "d360-listen", "", "second address, as 360dialog answers: with the certificate of the first, if there is one")
	f.StringArrayVar(&o.d360Keys, "d360-key", nil, "key of a number at 360dialog as phone_number_id:key, repeatable; "+envD360+" signs its webhooks")
	f.StringVar(&o.d360Sandbox, "d360-sandbox", "", "phone_number_id that 360dialog's sandbox sends from")
	f.BoolVar(&o.quiet, "quiet", false, "log nothing")
}

// config turns the command line into what the simulator wants.
func (o *options) config(log zerolog.Logger) (sim.Config, error) {
	settings := sim.DefaultSettings()
	settings.Webhook, settings.Window, settings.LenientTo, settings.AnyMedia = o.webhook, o.window, o.lenientTo, o.anyMedia
	settings.LatencyMS = int(o.latency.Milliseconds())
	if o.noStatuses {
		settings.Statuses = []string{}
	}
	if o.autoApprove {
		settings.Approval = sim.Auto
	}
	cfg := sim.Config{
		VerifyToken: o.verifyToken, PublicURL: o.publicURL, Seed: o.seed, StateDir: o.state, Fsync: o.fsync,
		RetryBase: o.retryBase, RetryMax: o.retryMax, RetryAttempts: o.retryAttempts,
		AcceptedCap: o.acceptedCap, WebhooksCap: o.hookCap, Settings: &settings, Log: log,
	}
	return cfg, errors.Join(o.readNumbers(&cfg), o.readTokens(&cfg), o.readSecret(&cfg), o.readCA(&cfg), o.readD360(&cfg))
}

func (o *options) readNumbers(cfg *sim.Config) error {
	if len(o.numbers) == 0 {
		return errors.New("no number: give at least one --number phone_number_id:display:account_id")
	}
	for _, text := range o.numbers {
		parts := strings.Split(text, ":")
		if len(parts) != 3 {
			return errors.New("--number: wants phone_number_id:display:account_id, for example 106540000000001:+4915550100001:200000000000001")
		}
		cfg.Numbers = append(cfg.Numbers, sim.Number{ID: parts[0], Display: parts[1], Account: parts[2]})
	}
	return nil
}

func (o *options) readTokens(cfg *sim.Config) error {
	cfg.Tokens = append(cfg.Tokens, o.tokens...)
	cfg.Tokens = append(cfg.Tokens, strings.FieldsFunc(os.Getenv(envTokens), func(c rune) bool { return c == ',' })...)
	if o.tokenFile != "" {
		text, err := os.ReadFile(o.tokenFile)
		if err != nil {
			return fmt.Errorf("read tokens: %w", err)
		}
		cfg.Tokens = append(cfg.Tokens, strings.Fields(string(text))...)
	}
	if len(cfg.Tokens) == 0 {
		return errors.New("no token: give --token, --token-file or " + envTokens)
	}
	return nil
}

func (o *options) readSecret(cfg *sim.Config) error {
	cfg.AppSecret = os.Getenv(envSecret)
	if o.secretFile != "" {
		text, err := os.ReadFile(o.secretFile)
		if err != nil {
			return fmt.Errorf("read app secret: %w", err)
		}
		cfg.AppSecret = strings.TrimSpace(string(text))
	}
	if cfg.AppSecret == "" && o.webhook != "" {
		return errors.New("no app secret: webhooks are signed, give --app-secret-file or " + envSecret)
	}
	return nil
}

func (o *options) readCA(cfg *sim.Config) error {
	if o.webhookCA == "" {
		return nil
	}
	text, err := os.ReadFile(o.webhookCA)
	if err != nil {
		return fmt.Errorf("read webhook authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return errors.New("--webhook-ca: holds no PEM certificate")
	}
	cfg.WebhookClient = sim.WebhookClient(roots)
	return nil
}

func (o *options) readD360(cfg *sim.Config) error {
	cfg.D360 = sim.D360{Keys: map[string]string{}, PlatformSecret: os.Getenv(envD360), Sandbox: o.d360Sandbox}
	for _, text := range o.d360Keys {
		number, key, ok := strings.Cut(text, ":")
		if !ok || number == "" || key == "" {
			return errors.New("--d360-key: wants phone_number_id:key")
		}
		cfg.D360.Keys[number] = key
	}
	if o.d360 == "" && (len(o.d360Keys) > 0 || o.d360Sandbox != "") {
		return errors.New("--d360-key and --d360-sandbox need --d360-listen")
	}
	return nil
}
