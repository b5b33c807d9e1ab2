package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestIBANVectors: examples of the IBAN registry, compact, grouped and in lower
// case; with one digit changed they are no certain finding.
func TestIBANVectors(t *testing.T) {
	s := scanner(t)
	for _, grouped := range []string{
		"AL47 2121 1009 0000 0002 3569 8741", "AD12 0001 2030 2003 5910 0100", "AT61 1904 3002 3457 3201", "BE68 5390 0754 7034",
		"CH93 0076 2011 6238 5295 7", "DE89 3704 0044 0532 0130 00", "FR14 2004 1010 0505 0001 3M02 606", "GB29 NWBK 6016 1331 9268 19",
		"MT84 MALT 0110 0001 2345 MTLC AST0 01S", "NO93 8601 1117 947", "SA03 8000 0000 6080 1016 7519", "BR97 0036 0305 0000 1000 9795 493P 1",
		"AE07 0331 2345 6789 0123 456", "LC55 HEMM 0001 0001 0012 0012 0002 3015", "UA21 3996 2200 0002 6007 2335 6600 1",
		"KW81 CBKU 0000 0000 0000 1234 5601 01", "QA58 DOHB 0000 1234 5678 90AB CDEF G", "NL91 ABNA 0417 1643 00", "PL61 1090 1014 0000 0712 1981 2874",
		"TR33 0006 1005 1978 6457 8413 26", "ES91 2100 0418 4502 0005 1332", "IT60 X054 2811 1010 0000 0123 456",
	} {
		compact := strings.ReplaceAll(grouped, " ", "")
		for _, form := range []string{grouped, compact, strings.ToLower(compact), strings.ReplaceAll(grouped, " ", "-")} {
			text := "to " + form + " please"
			if got := hits(text, s.Scan(text, pii.Hint{}, nil)); got != "IBAN:"+form {
				t.Errorf("%q: %s", text, got)
			}
		}
		last := compact[len(compact)-3]
		wrong := compact[:len(compact)-3] + string('0'+(last-'0'+1)%10) + compact[len(compact)-2:]
		for _, f := range s.Scan(wrong, pii.Hint{}, nil) {
			if f.Type == pii.IBAN && f.Level == pii.Certain && last >= '0' && last <= '9' {
				t.Errorf("wrong checksum is certain: %v", f)
			}
		}
	}
}

// TestCardVectors: test numbers the schemes publish, labelled; with the last
// digit changed they are at most possible.
func TestCardVectors(t *testing.T) {
	s := scanner(t)
	for _, pan := range []string{
		"4111111111111111", "4012888888881881", "4222222222222", "5555555555554444", "5105105105105100", "2223003122003222",
		"378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "30569309025904", "38520000023237",
		"3530111333300000", "3566002020360505", "6200000000000005", "6759649826438453",
	} {
		text := "card " + pan
		if got := hits(text, s.Scan(text, pii.Hint{}, nil)); got != "CREDIT_CARD:"+pan {
			t.Errorf("%q: %s", text, got)
		}
		wrong := "card " + pan[:len(pan)-1] + string('0'+(pan[len(pan)-1]-'0'+3)%10)
		for _, f := range s.Scan(wrong, pii.Hint{}, nil) {
			if f.Level != pii.Possible {
				t.Errorf("%q: %v", wrong, f)
			}
		}
	}
}
