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
	{"FLWSECK_TEST-", rowCloud, 20, long, isOpaque, false}, //
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
