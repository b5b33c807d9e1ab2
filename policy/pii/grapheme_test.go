package pii_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"postern/policy/pii"
)

// TestGraphemesStayWhole: what belongs to the last sign of a value goes with it, however
// it is put together, and what stands beside a value stays whole.
func TestGraphemesStayWhole(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"tel +49 151 23456789\u0301 x", "tel [PHONE_1] x"}, {"tel +49 151 23456789\ufe0f\u20e3\u0302!", "tel [PHONE_1]!"},
		{"👩\u200d👩\u200d👧+49 151 23456789👨\u200d👩\u200d👧", "👩\u200d👩\u200d👧[PHONE_1]👨\u200d👩\u200d👧"}, {"👍🏽+49 151 23456789👍🏽", "👍🏽[PHONE_1]👍🏽"}, {"🇩🇪+49 151 23456789🇩🇪", "🇩🇪[PHONE_1]🇩🇪"},
		{"क्षि +49 151 23456789 क्षि", "क्षि [PHONE_1] क्षि"}, {"+49 151 23456789\U000e0067\U000e007f ok", "[PHONE_1] ok"},
		{"이름: 김민수", "이름: [NAME_1]"}, {"氏名：高橋 由美子", "氏名：[NAME_1]"}, {"नाम: अमित कुमार", "नाम: [NAME_1]"},
	} {
		for form, text := range map[string]string{"as written": c.text, "taken apart": norm.NFD.String(c.text), "put together": norm.NFC.String(c.text)} {
			want := c.want
			if form == "taken apart" {
				want = norm.NFD.String(c.want)
			}
			if form == "put together" {
				want = norm.NFC.String(c.want)
			}
			if got := treat(t, text, all(pii.Forward, pii.Redact)).Text; got != want {
				t.Errorf("%s: %+q\n got  %+q\n want %+q", form, text, got, want)
			}
		}
	}
	// Kana of half width end in a mark of their own.
	for _, text := range []string{"お名前：ﾀｶﾊｼ ﾕﾐｺﾞ", "ﾏｲﾅﾝﾊﾞｰ 123456789018 ﾊﾞ"} {
		if got := treat(t, text, all(pii.Forward, pii.Redact)).Text; strings.Contains(got, "]ﾞ") || strings.Contains(got, "]ﾟ") {
			t.Errorf("%q: %q", text, got)
		}
	}
}
