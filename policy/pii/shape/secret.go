package shape

const (
	rowMeta   = "META_TOKEN"
	rowCloud  = "CLOUD_KEY"
	rowJWT    = "JWT"
	rowPEM    = "PRIVATE_KEY"
	rowSecret = "SECRET_VALUE"
)

// key is the form of one vendor's tokens, as their pages on tokens and the
// forms that scanners of source code publish give it.
type key struct {
	prefix string
	row    string
	least  int   // characters behind the prefix
	most   int   // 0: no more than least
	chars  uint8 // class of those characters
	dots   bool  // dots may stand between
}

const long = 600

// keys by prefix; of two that fit the longer one comes first.
var keys = [...]key{
	{"EAA", rowMeta, 20, long, isAlnum, false}, // Graph API: user, page and system user tokens
	{"IGQV", rowMeta, 60, long, isOpaque, false},
	{"IGAA", rowMeta, 60, long, isOpaque, false},
	{"AKIA", rowCloud, 16, 0, isAlnum, false}, // Amazon Web Services
	{"ASIA", rowCloud, 16, 0, isAlnum, false},
	{"ABIA", rowCloud, 16, 0, isAlnum, false},
	{"ACCA", rowCloud, 16, 0, isAlnum, false},
	{"AIza", rowCloud, 35, 0, isOpaque, false}, // Google
	{"ya29.", rowCloud, 20, long, isOpaque, true},
	{"GOCSPX-", rowCloud, 28, 0, isOpaque, false},
	{"github_pat_", rowCloud, 40, 100, isOpaque, false}, // GitHub
	{"ghp_", rowCloud, 36, long, isAlnum, false},
	{"gho_", rowCloud, 36, long, isAlnum, false},
	{"ghu_", rowCloud, 36, long, isAlnum, false},
	{"ghs_", rowCloud, 36, long, isOpaque, true},
	{"ghr_", rowCloud, 36, long, isAlnum, false},
	{"glpat-", rowCloud, 20, long, isOpaque, true}, // GitLab
	{"glrt-", rowCloud, 20, long, isOpaque, true},
	{"gldt-", rowCloud, 20, long, isOpaque, true},
	{"glptt-", rowCloud, 40, long, isOpaque, true},
	{"glcbt-", rowCloud, 20, long, isOpaque, true},
	{"glagent-", rowCloud, 50, long, isOpaque, true},
	{"xoxb-", rowCloud, 20, long, isOpaque, true}, // Slack
	{"xoxp-", rowCloud, 20, long, isOpaque, true},
	{"xoxa-", rowCloud, 20, long, isOpaque, true},
	{"xoxr-", rowCloud, 20, long, isOpaque, true},
	{"xoxs-", rowCloud, 20, long, isOpaque, true},
	{"xoxc-", rowCloud, 20, long, isOpaque, true},
	{"xoxd-", rowCloud, 20, long, isOpaque, true},
	{"xoxe.", rowCloud, 20, long, isOpaque, true},
	{"xapp-", rowCloud, 20, long, isOpaque, true},
	{"sk_live_", rowCloud, 16, long, isAlnum, false}, // Stripe, Paystack
	{"sk_test_", rowCloud, 16, long, isAlnum, false},
	{"rk_live_", rowCloud, 16, long, isAlnum, false},
	{"rk_test_", rowCloud, 16, long, isAlnum, false},
	{"whsec_", rowCloud, 24, long, isAlnum, false},
	{"rzp_live_", rowCloud, 14, long, isAlnum, false}, // Razorpay
	{"rzp_test_", rowCloud, 14, long, isAlnum, false},
	{"FLWSECK-", rowCloud, 20, long, isOpaque, false},      // Flutterwave
	{"FLWSECK_TEST-", rowCloud, 12, long, isOpaque, false}, //
	{"APP_USR-", rowCloud, 20, long, isOpaque, false},      // Mercado Pago
	{"sk-ant-", rowCloud, 30, long, isOpaque, false},       // Anthropic
	{"sk-proj-", rowCloud, 30, long, isOpaque, false},      // OpenAI
	{"sk-svcacct-", rowCloud, 30, long, isOpaque, false},
	{"sk-or-", rowCloud, 30, long, isOpaque, false},
	{"sk-", rowCloud, 32, long, isAlnum, false},
	{"SG.", rowCloud, 60, 72, isOpaque, true}, // SendGrid
	{"key-", rowCloud, 32, 0, isHex, false},   // Mailgun
	{"AC", rowCloud, 32, 0, isHex, false},     // Twilio: account, key
	{"SK", rowCloud, 32, 0, isHex, false},
	{"npm_", rowCloud, 36, 0, isAlnum, false},
	{"pypi-", rowCloud, 50, long, isOpaque, false},
	{"shpat_", rowCloud, 32, 0, isHex, false}, // Shopify
	{"shpca_", rowCloud, 32, 0, isHex, false},
	{"shppa_", rowCloud, 32, 0, isHex, false},
	{"shpss_", rowCloud, 32, 0, isHex, false},
	{"sq0atp-", rowCloud, 22, 0, isOpaque, false}, // Square
	{"sq0csp-", rowCloud, 43, 0, isOpaque, false},
	{"dop_v1_", rowCloud, 64, 0, isHex, false}, // DigitalOcean
	{"doo_v1_", rowCloud, 64, 0, isHex, false},
	{"dor_v1_", rowCloud, 64, 0, isHex, false},
	{"hf_", rowCloud, 34, 40, isAlnum, false}, // Hugging Face
	{"dapi", rowCloud, 32, 0, isHex, false},   // Databricks
	{"hvs.", rowCloud, 24, long, isOpaque, false},
	{"hvb.", rowCloud, 24, long, isOpaque, false}, // Vault
	{"glsa_", rowCloud, 32, 48, isOpaque, false},  // Grafana
	{"lin_api_", rowCloud, 40, 48, isAlnum, false},
	{"ntn_", rowCloud, 40, 50, isAlnum, false},
	{"ATATT3", rowCloud, 60, long, isOpaque, false}, // Atlassian
	{"PMAK-", rowCloud, 40, 64, isOpaque, false},    // Postman
	{"NRAK-", rowCloud, 27, 0, isAlnum, false},      // New Relic
	{"sbp_", rowCloud, 40, 0, isHex, false},         // Supabase
	{"sb_secret_", rowCloud, 20, long, isOpaque, false},
	{"sk_prod_", rowCloud, 16, long, isAlnum, false}, // Stripe
	{"rk_prod_", rowCloud, 16, long, isAlnum, false},
	{"glsoat-", rowCloud, 20, long, isOpaque, true}, // GitLab
	{"glffct-", rowCloud, 20, long, isOpaque, true},
	{"glimt-", rowCloud, 25, long, isOpaque, true},
	{"gloas-", rowCloud, 40, long, isOpaque, true},
	{"glft-", rowCloud, 20, long, isOpaque, true},
	{"GR1348941", rowCloud, 20, long, isOpaque, false},
	{"xoxe-", rowCloud, 20, long, isOpaque, true},            // Slack
	{"FLWPUBK-", rowCloud, 20, long, isOpaque, false},        // Flutterwave
	{"FLWPUBK_TEST-", rowCloud, 20, long, isOpaque, false},   //
	{"xkeysib-", rowCloud, 60, long, isOpaque, false},        // Brevo
	{"xsmtpsib-", rowCloud, 60, long, isOpaque, false},       //
	{"pubkey-", rowCloud, 32, 0, isHex, false},               // Mailgun
	{"live_pub_", rowCloud, 31, long, isHex, false},          // Lob
	{"test_pub_", rowCloud, 31, long, isHex, false},          //
	{"EZAK", rowCloud, 54, 0, isAlnum, false},                // EasyPost
	{"EZTK", rowCloud, 54, 0, isAlnum, false},                //
	{"shippo_live_", rowCloud, 40, 0, isHex, false},          // Shippo
	{"shippo_test_", rowCloud, 40, 0, isHex, false},          //
	{"duffel_live_", rowCloud, 40, long, isOpaque, false},    // Duffel
	{"duffel_test_", rowCloud, 40, long, isOpaque, false},    //
	{"access-production-", rowCloud, 36, 0, isOpaque, false}, // Plaid
	{"access-sandbox-", rowCloud, 36, 0, isOpaque, false},    //
	{"glc_", rowCloud, 32, long, isOpaque, false},            // Grafana Cloud
	{"api_org_", rowCloud, 34, 40, isAlnum, false},           // Hugging Face
	{"NRJS-", rowCloud, 19, 0, isHex, false},                 // New Relic
	{"NRII-", rowCloud, 32, 0, isOpaque, false},              //
	{"pscale_tkn_", rowCloud, 32, long, isOpaque, true},      // PlanetScale
	{"pscale_pw_", rowCloud, 32, long, isOpaque, true},       //
	{"pscale_oauth_", rowCloud, 32, long, isOpaque, true},    //
	{"rdme_", rowCloud, 70, 0, isAlnum, false},               // ReadMe
	{"rubygems_", rowCloud, 48, 0, isHex, false},             // RubyGems
	{"CLOJARS_", rowCloud, 60, 0, isAlnum, false},            // Clojars
	{"sgp_", rowCloud, 40, 80, isOpaque, false},              // Sourcegraph
	{"sntrys_", rowCloud, 60, long, isOpaque, false},         // Sentry
	{"sntryu_", rowCloud, 64, 0, isHex, false},               //
	{"squ_", rowCloud, 40, 0, isHex, false},                  // SonarQube
	{"sqp_", rowCloud, 40, 0, isHex, false},                  //
	{"sqa_", rowCloud, 40, 0, isHex, false},                  //
	{"tskey-", rowCloud, 20, long, isOpaque, false},          // Tailscale
	{"tfp_", rowCloud, 40, 64, isOpaque, true},               // Typeform
	{"pplx-", rowCloud, 48, 0, isAlnum, false},               // Perplexity
	{"gsk_", rowCloud, 48, 60, isAlnum, false},               // Groq
	{"xai-", rowCloud, 70, 90, isAlnum, false},               // xAI
	{"r8_", rowCloud, 37, 40, isAlnum, false},                // Replicate
	{"nvapi-", rowCloud, 60, 80, isOpaque, false},            // NVIDIA
	{"pul-", rowCloud, 40, 0, isHex, false},                  // Pulumi
	{"dckr_pat_", rowCloud, 26, 30, isOpaque, false},         // Docker Hub
	{"figd_", rowCloud, 38, 48, isOpaque, false},             // Figma
	{"nfp_", rowCloud, 36, 44, isAlnum, false},               // Netlify
	{"phx_", rowCloud, 40, 60, isAlnum, false},               // PostHog
	{"fo1_", rowCloud, 43, long, isOpaque, false},            // Fly.io
	{"fm1_", rowCloud, 60, long, isOpaque, false},            //
	{"fm2_", rowCloud, 60, long, isOpaque, false},            //
	{"dp.pt.", rowCloud, 40, 48, isAlnum, false},             // Doppler
	{"dp.st.", rowCloud, 40, long, isOpaque, true},           //
	{"dt0c01.", rowCloud, 60, long, isAlnum, true},           // Dynatrace
	{"ops_eyJ", rowCloud, 100, long, isOpaque, false},        // 1Password
	{"sm_pat_", rowCloud, 16, 0, isAlnum, false},             // SettleMint
	{"sm_sat_", rowCloud, 16, 0, isAlnum, false},             //
	{"sm_aat_", rowCloud, 16, 0, isAlnum, false},             //
	{"p8e-", rowCloud, 32, 0, isHex, false},                  // Adobe
	{"LTAI", rowCloud, 17, 21, isAlnum, false},               // Alibaba Cloud
	{"AQVN", rowCloud, 35, 38, isOpaque, false},              // Yandex Cloud
	{"YCAJ", rowCloud, 21, 0, isOpaque, false},               //
	{"pat.", rowCloud, 60, long, isAlnum, true},              // Harness
	{"sat.", rowCloud, 60, long, isAlnum, true},              //
	{"secret_", rowCloud, 43, 0, isAlnum, false},             // Notion
	{"fio-u-", rowCloud, 60, 68, isOpaque, true},             // Frame.io
	{"bkua_", rowCloud, 40, 0, isHex, false},                 // Buildkite
	{"CCIPAT_", rowCloud, 40, 70, isOpaque, false},           // CircleCI
	{"ATCTT3", rowCloud, 60, long, isOpaque, false},          // Atlassian
	{"ATBB", rowCloud, 28, 36, isOpaque, false},              // Bitbucket
	{"AGE-SECRET-KEY-1", rowPEM, 58, 0, isAlnum, false},
}

// keysBy lists the keys by the first byte of their prefix.
var keysBy = func() (t [256][]key) {
	for _, k := range keys {
		t[k.prefix[0]] = append(t[k.prefix[0]], k)
	}
	return t
}()

// prefixed tries the tokens that begin with the byte at i.
func prefixed(s string, i int) (Match, bool) {
	for n := range keysBy[s[i]] {
		k := &keysBy[s[i]][n]
		if len(s)-i < len(k.prefix)+k.least || s[i:i+len(k.prefix)] != k.prefix {
			continue
		}
		body := i + len(k.prefix)
		end := keyEnd(s, body, max(k.most, k.least), k)
		if end-body < k.least || is(s, end, isAlnum) || end-body < noWord && !varied(s[body:end]) {
			continue
		}
		m := Match{Row: k.row, Start: i, End: end, OneIn: 1 << 12}
		if len(k.prefix) < 4 && end-body < 32 {
			m.OneIn = 1 << 8
		}
		return m, true
	}
	return Match{}, false
}

func keyEnd(s string, i, most int, k *key) int {
	start := i
	for {
		i = span(s, i, most-(i-start), k.chars)
		if !k.dots || at(s, i) != '.' || !is(s, i+1, k.chars) || i-start >= most {
			break
		}
		i++
	}
	for i > start && (s[i-1] == '-' || s[i-1] == '_') {
		i--
	}
	return i
}

// noWord is a length that no word has.
const noWord = 32

// varied reports a digit, or capitals and small letters: no word is a key.
func varied(v string) bool {
	all := uint8(0)
	for i := range len(v) {
		all |= class[v[i]]
	}
	return all&isDigit != 0 || all&isUpper != 0 && all&isLower != 0
}
