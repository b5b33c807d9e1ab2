package shape

import (
	"strings"
	"testing"
)

func TestIBAN(t *testing.T) {
	for _, v := range []string{
		"GB29 NWBK 6016 1331 9268 19", "DE89370400440532013000", "fr14 2004 1010 0505 0001 3m02 606", "NO93 8601 1117 947", "MT84MALT011000012345MTLCAST001S",
		"SA03 8000 0000 6080 1016 7519", "BR18 0036 0305 0000 1000 9795 493C 1", "DE89-3704-0044-0532-0130-00", "DE89 3704 0044\n0532 0130 00", "DE 89 3704 0044 0532 0130 00",
	} {
		expect(t, "to "+v+" please", rowIBAN, v)
	}
	expect(t, "IBANDE89370400440532013000", rowIBAN, "DE89370400440532013000")
	expect(t, "账号DE89370400440532013000谢谢", rowIBAN, "DE89370400440532013000")
	for _, v := range []string{"DE8937040044053201300", "DE893704004405320130001", "XX89370400440532013000", "GB29123460161331926819", "AB12 CD34", "to 12"} {
		expect(t, v, "", "")
	}
	m, ok := Token("DE89 3704 0044 0532 0130 01", 0, 4, 0)
	if !ok || !m.Broken || m.Checked || m.OneIn < 100 {
		t.Errorf("wrong checksum: %+v %v", m, ok)
	}
}

func TestAddressesOfMachines(t *testing.T) {
	for v, row := range map[string]string{
		"203.0.113.7": rowIP, "192.168.1.20": rowIPLocal, "8.8.8.8": rowIP, "2001:db8::ff00:42:8329": rowIPv6, "2001:0db8:85a3:0000:0000:8a2e:0370:7334": rowIPv6,
		"::1": rowIPLocal, "fe80::1ff:fe23:4567:890a": rowIPLocal, "00:1A:2b:3c:4D:5e": rowMAC, "00-1A-2B-3C-4D-5E": rowMAC, "001a.2b3c.4d5e": rowMAC,
		"::ffff:192.0.2.128": rowIPv6,
	} {
		expect(t, "host "+v+" down", row, v)
		expect(t, "地址"+v+"。", row, v)
	}
	for _, v := range []string{"1.2.3", "1.2.3.4.5", "256.1.1.1", "01.02.03.04", "12:30:45", "std::string", "10:30", "v1.2.3.4", "12-03-84-11-22-33", "a::b", "1::", "00:1A:2b:3c:4D:5e:7f", "see §3.2.1.4", "§ 3.2.1.4"} {
		expect(t, v, "", "")
	}
}

func TestMRZ(t *testing.T) { // specimens of ICAO Doc 9303, parts 4, 5 and 6
	for _, v := range []string{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
		"I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
		"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	} {
		expect(t, v, rowMRZ, v)
		expect(t, "hier:\n"+v+"\nok", rowMRZ, v)
	}
	broken := "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C37UTO7408122F1204159ZE184226B<<<<<10"
	m, ok := Mark(broken, 1, 0)
	if !ok || !m.Broken || m.End != len(broken) {
		t.Errorf("wrong digit: %+v %v", m, ok)
	}
	for _, v := range []string{"a < b", "<<<<<<", "x <- y", "HELLO<WORLD", "if A<B then"} {
		expect(t, v, "", "")
	}
}

func TestTracks(t *testing.T) {
	for _, v := range []string{"%B4111111111111111^DOE/JOHN^25121010000000000?", ";4111111111111111=25121010000000000?", "4111111111111111D25121010000000", "4111 1111 1111 1111=2512101"} {
		expect(t, "read "+v+" off", rowTrack, v)
	}
	for _, v := range []string{"4111111111111111", "123=456", "2^10", "411111111111=9999999"} {
		expect(t, v, "", "")
	}
}

func TestPlaces(t *testing.T) {
	for v, row := range map[string]string{
		"52.520008, 13.404954": rowGeo, "-33.8688,151.2093": rowGeo, "48°51'24\"N 2°21'03\"E": rowGeo, "8FVC9G8F+6X": rowPlus, "9G8F+6XQ": rowPlusShort,
		"https://maps.app.goo.gl/abcDEF": rowMap, "https://maps.google.com/?q=52.52,13.40": rowMap, "///filled.count.soap": rowWords,
		"https://www.google.com/maps/@52.5200,13.4050,15z": rowMap, "https://x.example/?ll=52.520008,13.404954": rowMap,
	} {
		expect(t, "here "+v+" ok", row, v)
	}
	for _, v := range []string{"1.25, 3.50", "12.500,13.900", "C++", "1+1", "91.5200, 13.4050", "200.0000, 300.0000", "25°C", "https://maps.example.com/x"} {
		expect(t, v, "", "")
	}
}

// Tokens are put together here, so that scanners of source code stay silent.
func TestSecrets(t *testing.T) {
	hex, mixed := strings.Repeat("0a1b2c3d", 8), strings.Repeat("aB3dE6gH9j", 12)
	jwt := "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
	for _, c := range [][2]string{
		{rowMeta, "EAA" + mixed}, {rowMeta, "EAApaccqspxhnconshtecsnwnxxdryuladipmfxchhd"}, {rowMeta, "123456789012345|" + mixed[:27]}, {rowCloud, "AKIA" + "IOSFODNN7EXAMPLE"}, {rowCloud, "AIza" + mixed[:35]}, {rowCloud, "ghp_" + mixed[:36]},
		{rowCloud, "github_pat_" + mixed[:82]}, {rowCloud, "glpat-" + mixed[:20]}, {rowCloud, "xoxb-" + "123456789012-" + mixed[:24]}, {rowCloud, "sk_live_" + mixed[:24]},
		{rowCloud, "sk-ant-" + "api03-" + mixed[:80]}, {rowCloud, "sk-proj-" + mixed[:60]}, {rowCloud, "AC" + hex[:32]}, {rowCloud, "SG." + mixed[:22] + "." + mixed[:43]},
		{rowCloud, "123456789:AA" + mixed[:33]}, {rowCloud, "npm_" + mixed[:36]}, {rowCloud, "shpat_" + hex[:32]}, {rowCloud, "dop_v1_" + hex}, {rowCloud, "hf_" + mixed[:34]},
		{rowCloud, mixed[:24] + "_AK"}, {rowCloud, "rzp_live_" + mixed[:14]}, {rowJWT, jwt},
		{rowPEM, "-----BEGIN RSA PRIVATE KEY-----\n" + mixed + "\n-----END RSA PRIVATE KEY-----"}, {rowPEM, "-----BEGIN OPENSSH PRIVATE KEY-----\n" + mixed},
	} {
		expect(t, "use "+c[1]+" now", c[0], c[1])
		expect(t, "用"+c[1]+"。", c[0], c[1])
	}
	for text, v := range map[string]string{
		"api_key = \"" + mixed[:20] + "\"": mixed[:20], "token: " + hex[:32]: hex[:32], "Authorization: Bearer " + mixed[:30]: mixed[:30], `"secret":"` + mixed[:16] + `"`: mixed[:16],
	} {
		expect(t, text, rowSecret, v)
	}
	for _, v := range []string{"key: welcome", "token: see below", "the key = success", "EAAnotatoken", "sk-lernen", "key-value pairs", "SKATEBOARDING", "secret: internationalisation",
		"-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "AC Milan", "monkey: 12345678901234567890"} {
		expect(t, v, "", "")
	}
}
