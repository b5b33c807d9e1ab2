package shape

import "strings"

// Parameters whose value lets the holder in, whatever it looks like, and those
// that do only if the value looks random. Names are compared without - and _.
var (
	tokenNames = setOf("token accesstoken idtoken refreshtoken authtoken logintoken resettoken invitetoken sessiontoken auth authorization " +
		"apikey accesskey secretkey sharekey authkey sig signature hmac session sessionid sid jsessionid phpsessid pass passwd password pwd " +
		"secret clientsecret otp passcode pin jwt ticket assertion samlresponse magic resetpasswordtoken confirmationtoken otpcode verificationcode " +
		"authcode xamzsignature xamzcredential xamzsecuritytoken xgoogsignature keypairid bearer tok oobcode activationcode")
	weakNames = setOf("code key k t hash h id uid state nonce ref invite verify verification confirm confirmation activation reset login s st data " +
		"payload p c v q access hm sign link u user e x m")
	trackingNames = setOf("fbclid gclid gclsrc dclid msclkid yclid ttclid twclid igshid igsh si mibextid mceid mccid ga gl gaclient utm utmsource " +
		"utmmedium utmcampaign utmcontent utmterm utmid spm ved ei sclient sxsrf sca pp feature srsltid gbraid wbraid wtmc trk trkemail sharesource")
	grantWords = setOf("login signin signup reset resetpassword password verify verification magic magiclink invite invitation confirm activate " +
		"activation unsubscribe auth sso share shared pay payment payments checkout invoice invoices sign esign onboarding kyc join")
)

// linkLogin finds a name and a password before the host.
func linkLogin(s string, l *link) (Match, bool) {
	login := s[l.login:max(l.login, l.host-1)]
	if !strings.Contains(login, ":") || strings.HasPrefix(login, ":") {
		return Match{}, false
	}
	return Match{Row: rowLogin, Start: l.start, End: l.end, OneIn: 1 << 12}, true
}

// payHosts are hosts, or hosts and beginnings of paths, of links behind which a
// person is paid, a chat is joined or anybody may post; what follows names one of them.
var payHosts = [...]string{"paypal.me/", "www.paypal.me/", "paypal.com/paypalme/", "www.paypal.com/paypalme/", "cash.app/$", "venmo.com/u/", "account.venmo.com/u/", "revolut.me/",
	"monzo.me/", "wise.com/pay/", "rzp.io/", "buy.stripe.com/", "checkout.stripe.com/", "mpago.la/", "mpago.li/", "bunq.me/", "tikkie.me/pay/", "swish.nu/", "lydia-app.com/collect/",
	"pay.google.com/", "t.me/+", "t.me/joinchat/", "chat.whatsapp.com/",
	"hooks.slack.com/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "hooks.zapier.com/hooks/", "hook.eu1.make.com/", "outlook.office.com/webhook/", "api.telegram.org/bot"}

var payHostsBy = leads(payHosts[:])

// linkPay finds links that pay a person or let into a closed chat.
func linkPay(s string, l *link) (Match, bool) {
	for _, h := range payHostsBy[fold(at(s, l.host))] {
		if hasFold(s[:l.end], l.host, h) && l.end-l.host >= len(h)+3 {
			return Match{Row: rowURL, Start: l.start, End: l.end, OneIn: 1 << 8}, true
		}
	}
	return Match{}, false
}

// linkToken finds values that let the holder of the link in.
func linkToken(s string, l *link) (Match, bool) {
	m := Match{Row: rowURL, Start: l.start, End: l.end, OneIn: 1 << 12}
	public := publicHost(s[l.host:l.hostEnd])
	if pathToken(s, l, public) || queryToken(s, min(l.query+1, l.fragment), l.fragment, public) {
		return m, true
	}
	if f := min(l.fragment+1, l.end); queryToken(s, f, l.end, public) || !public && randomIn(s[f:l.end], 20) {
		return m, true
	}
	return Match{}, false
}

// queryToken reads name=value pairs between i and end.
func queryToken(s string, i, end int, public bool) bool {
	for i < end {
		stop := i
		for stop < end && s[stop] != '&' && s[stop] != ';' {
			stop++
		}
		name, value, _ := strings.Cut(s[i:stop], "=")
		if grants(name, value, public) {
			return true
		}
		i = stop + 1
	}
	return false
}

// grants judges one parameter. On public hosts only names that say it count.
func grants(name, value string, public bool) bool {
	switch {
	case named(trackingNames, name) || len(name) > 3 && hasFold(name, 0, "utm_"):
		return false
	case named(tokenNames, name) || tokenSuffix(name):
		return len(value) >= 4
	case isJWT(value):
		return true
	case public:
		return false
	case named(weakNames, name):
		return randomIn(value, 10) || len(value) >= 4 && len(value) <= 8 && name == "code" && span(value, 0, 9, isDigit) == len(value)
	}
	return randomIn(value, 20)
}

// tokenSuffix reports names such as csrf_token, X-Auth-Key, downloadSig.
func tokenSuffix(name string) bool {
	for _, w := range [...]string{"token", "secret", "signature", "apikey", "_key", "-key", "password"} {
		if endsFold(name, len(name), 0, w) {
			return true
		}
	}
	return false
}

// publicHosts name things in their paths by random ids that are open to all.
var publicHosts = setOf("youtube youtu spotify tiktok instagram pinterest imdb unsplash giphy tenor wikipedia amazon figma vimeo apple play deezer soundcloud")

// pathToken judges the segments of the path. Behind words such as "reset" or
// "pay" a shorter random row is enough.
func pathToken(s string, l *link, public bool) bool {
	grant := false
	for i := l.path; i < l.query; {
		stop := i + 1
		for stop < l.query && s[stop] != '/' {
			stop++
		}
		seg := s[min(i+1, l.query):stop]
		switch {
		case isJWT(seg), randomIn(seg, 20) && !public:
			return true
		case grant && (randomIn(seg, 8) || uuid(seg)):
			return true
		}
		grant = grant || named(grantWords, seg)
		i = stop
	}
	return false
}

func publicHost(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if named(publicHosts, label) {
			return true
		}
	}
	return false
}
