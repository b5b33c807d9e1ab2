package shape

import "testing"

func TestEmail(t *testing.T) {
	for text, want := range map[string]string{
		"mail john.doe+tag@example.com now":        "john.doe+tag@example.com",
		"o'brien@example.ie":                       "o'brien@example.ie",
		"JOHN@EXAMPLE.COM":                         "JOHN@EXAMPLE.COM",
		"邮箱user@example.com是我的":                    "user@example.com",
		"メールはtaro@example.co.jpです":                 "taro@example.co.jp",
		"이메일 kim@example.kr입니다":                    "kim@example.kr",
		"почта: иван@пример.рф":                    "иван@пример.рф",
		"用户@例子.广告":                                 "用户@例子.广告",
		"josé@bücher.example":                      "josé@bücher.example",
		"x@xn--bcher-kva.example":                  "x@xn--bcher-kva.example",
		"see a@b.com. Thanks":                      "a@b.com",
		"see a@b.com.Thanks":                       "a@b.com",
		"see a@b.com.Call me":                      "a@b.com",
		`"john doe"@example.com`:                   `"john doe"@example.com`,
		"user@[192.0.2.1]":                         "user@[192.0.2.1]",
		"*anna@example.org*":                       "anna@example.org",
		"<anna@example.org>":                       "anna@example.org",
		"mailto:anna@example.org?subject=x":        "anna@example.org",
		"root@db.corp.local":                       "root@db.corp.local",
		"jon@gmial.con":                            "jon@gmial.con",
		"بريدي sara@example.sa شكرا":               "sara@example.sa",
		"a@b.co,c@d.co":                            "a@b.co",
		"https://x.example/?email=a.b@example.com": "a.b@example.com",
	} {
		expect(t, text, rowEmail, want)
	}
	for _, text := range []string{"a@b", "@name", "icon@2x.png", "j***@e***.com", "j***@example.com", "me @ home", "@", "x@", "x@.com",
		"请发到邮箱@home", "5 kg @ 3.50", "https://medium.com/@user/story", "npm i @types/node", "logo@3x.webp", "user@name hi"} {
		expect(t, text, "", "")
	}
}

func TestEmailSpelled(t *testing.T) {
	for text, want := range map[string]string{
		"write anna (at) example (dot) org ok":   "anna (at) example (dot) org",
		"anna.m[at]example.org":                  "anna.m[at]example.org",
		"anna at example dot org":                "anna at example dot org",
		"anna dot meier AT mail dot co dot uk":   "anna dot meier AT mail dot co dot uk",
		"juan arroba correo punto com punto mx":  "juan arroba correo punto com punto mx",
		"jan małpa poczta kropka pl":             "jan małpa poczta kropka pl",
		"anna ät firma punkt de":                 "anna ät firma punkt de",
		"juan arroba correo.es":                  "juan arroba correo.es",
		"maria chiocciola posta punto it grazie": "maria chiocciola posta punto it",
	} {
		expect(t, text, rowSpelled, want)
	}
	for _, text := range []string{"meet me at the dot", "dot com boom", "(at) home", "look at this", "arroba de carne", "point at it", "at noon dot"} {
		expect(t, text, "", "")
	}
}

func TestUPI(t *testing.T) {
	for text, want := range map[string]string{
		"send to ravi.k@okaxis": "ravi.k@okaxis", "9876543210@ybl please": "9876543210@ybl", "pay RAVI@PAYTM.": "RAVI@PAYTM",
	} {
		expect(t, text, rowUPI, want)
	}
	expect(t, "hi ravi@someone", "", "")
	expect(t, "ravi@paytm.com", rowEmail, "ravi@paytm.com")
}

func TestLinks(t *testing.T) {
	for _, c := range [][3]string{
		{"go https://go.example.io?token=DExelcmoZObtZAR7SpbnLslabtwQ.", rowURL, "https://go.example.io?token=DExelcmoZObtZAR7SpbnLslabtwQ"},
		{"https://bank.example/reset/9f86d081884c7d65", rowURL, "https://bank.example/reset/9f86d081884c7d65"},
		{"bank.example.com/login?otp=482913 bitte", rowURL, "bank.example.com/login?otp=482913"},
		{"https://b.example/x?X-Amz-Signature=abcd1234", rowURL, "https://b.example/x?X-Amz-Signature=abcd1234"},
		{"https://app.example/cb#access_token=abcd1234", rowURL, "https://app.example/cb#access_token=abcd1234"},
		{"(https://x.example/a?sig=Zm9vYmFy)", rowURL, "https://x.example/a?sig=Zm9vYmFy"},
		{"链接https://x.example/a?key=pZ3k9QwL0aX7请打开", rowURL, "https://x.example/a?key=pZ3k9QwL0aX7"},
		{"https://meet.example/i/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", rowURL, "https://meet.example/i/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"},
		{"ftp://anna:geheim@ftp.example.org/x", rowLogin, "ftp://anna:geheim@ftp.example.org/x"},
		{"https://docs.example/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit", rowURL, "https://docs.example/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit"},
		{"wa.me/4915112345678?text=hi", rowPhone, "4915112345678"},
		{"https://api.whatsapp.com/send?phone=+4915112345678&text=x", rowPhone, "+4915112345678"},
		{"https://wa.me/+4915112345678", rowPhone, "+4915112345678"},
		{"tel:+49-151-12345678", rowPhone, "+49-151-12345678"},
		{"mongodb+srv://user:pa55@db.example.net/x", rowLogin, "mongodb+srv://user:pa55@db.example.net/x"},
		{"http://192.168.0.1/admin", rowIPLocal, "192.168.0.1"},
		{"https://drive.example/file/d/1a2B3c4D5e6F7g8H9i0JkLmNoPqRsTuV/view", rowURL, "https://drive.example/file/d/1a2B3c4D5e6F7g8H9i0JkLmNoPqRsTuV/view"},
		{"pay me https://paypal.me/annameier please", rowURL, "https://paypal.me/annameier"},
		{"t.me/+AbCdEfGhIjKl", rowURL, "t.me/+AbCdEfGhIjKl"},
		{"https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", rowURL, "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"},
		{"https://x.example/u?mail=a%40example.com", rowURL, "https://x.example/u?mail=a%40example.com"},
	} {
		expect(t, c[0], c[1], c[2])
	}
	for _, text := range []string{
		"https://www.example.com/how-to-make-a-perfect-cake-in-2024", "www.example.com", "https://youtu.be/dQw4w9WgXcQ?si=abCd1234EfGh5678",
		"https://shop.example/p/4111111111111111", "https://example.com/?utm_source=abcDEF123456ghIJK789lmn", "example.com/about?code=SUMMER20",
		"wa.me/message/ABCDEF", "v1.2.3/4", "see e.g. this/that", "https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT", "http://", "a://b",
		"https://example.com/?code=WELCOME", "file.go/x", "https://t.me/examplechannel",
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s", "https://www.amazon.in/dp/B08N5WRWNW/ref=sr_1_1?keywords=phone&qid=1700000000&sr=8-1",
		"https://www.google.com/search?q=how+to+cook+rice&oq=how&sourceid=chrome&ie=UTF-8", "https://instagram.com/p/CxYz123AbCd/?igshid=MzRlODBiNWFlZA==",
		"https://meet.google.com/abc-defg-hij", "https://de.wikipedia.org/wiki/Personalausweis_(Deutschland)", "https://shop.example/products/blue-shirt?variant=41234567890123",
	} {
		expect(t, text, "", "")
	}
}
