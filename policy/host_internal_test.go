package policy

import "testing"

func TestHostKey(t *testing.T) {
	for host, want := range map[string]string{
		"example.com": "example.com", "Example.COM.": "example.com", "example.com..": "example.com", "": "", ".": "",
		"bücher.example": "bücher.example", "BÜCHER.example": "bücher.example", "bu\u0308cher.example": "bücher.example",
		"xn--bcher-kva.example": "bücher.example", "XN--BCHER-KVA.EXAMPLE": "bücher.example",
		"xn--mnchen-3ya.de": "münchen.de", "xn--strae-oqa.de": "straße.de", "strasse.de": "strasse.de",
		"xn--p1ai": "рф", "xn--80ak6aa92e.com": "аррӏе.com", "xn--fiqs8s": "中国", "xn--wgbh1c": "مصر",
		"ｅｖｉｌ.example": "evil.example", "evil。example": "evil.example", "evil｡example": "evil.example", "ev\u00adil.example": "evil.example",
		// What is no Punycode stays as it is.
		"xn--.example": "xn--.example", "xn--a-!.example": "xn--a-!.example", "xn--99999999999.example": "xn--99999999999.example",
	} {
		if got := hostKey(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}

func FuzzHostKey(f *testing.F) {
	for _, s := range []string{"xn--bcher-kva.example", "evil。example", "xn--fiqs8s", "xn--99999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if once := hostKey(host); len(once) > 16*len(host)+64 {
			t.Errorf("%d bytes grew to %d", len(host), len(once))
		}
	})
}
