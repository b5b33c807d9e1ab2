package pii

import "strings"

// language is what a BCP 47 tag says about countries.
type language struct {
	region  string // of the tag itself, as in pt-BR
	regions []string
}

// spoken lists for languages where most of those who write them live. English
// says nothing.
var spoken = map[string][]string{
	"de": {"DE", "AT", "CH"}, "fr": {"FR", "BE", "CH", "CA"}, "it": {"IT", "CH"}, "nl": {"NL", "BE"}, "pl": {"PL"}, "cs": {"CZ"}, "sk": {"SK"},
	"es": {"ES", "MX", "AR", "CO", "CL", "PE", "EC", "UY"}, "pt": {"BR", "PT"}, "ro": {"RO"}, "hu": {"HU"}, "bg": {"BG"}, "el": {"GR"},
	"hr": {"HR"}, "sr": {"RS"}, "sl": {"SI"}, "sv": {"SE"}, "nb": {"NO"}, "no": {"NO"}, "da": {"DK"}, "fi": {"FI"}, "is": {"IS"},
	"et": {"EE"}, "lv": {"LV"}, "lt": {"LT"}, "ru": {"RU", "KZ", "BY"}, "uk": {"UA"}, "kk": {"KZ"}, "be": {"BY"}, "tr": {"TR"},
	"he": {"IL"}, "ar": {"SA", "AE", "EG", "KW", "QA", "MA"}, "fa": {"IR"}, "ur": {"PK"}, "hi": {"IN"}, "bn": {"BD", "IN"}, "ta": {"IN", "LK"},
	"te": {"IN"}, "mr": {"IN"}, "gu": {"IN"}, "th": {"TH"}, "vi": {"VN"}, "id": {"ID"}, "ms": {"MY"}, "fil": {"PH"}, "tl": {"PH"},
	"zh": {"CN", "TW", "HK"}, "ja": {"JP"}, "ko": {"KR"}, "sw": {"KE", "TZ"}, "am": {"ET"}, "ha": {"NG"}, "yo": {"NG"}, "si": {"LK"}, "ne": {"NP"},
}

// languageOf reads a tag such as "de", "pt-BR" or "zh-Hant-TW".
func languageOf(tag string) (l language) {
	if tag != "" {
		l = parseTag(tag)
	}
	return l
}

func parseTag(tag string) language {
	base, rest, _ := strings.Cut(tag, "-")
	l := language{regions: spoken[base]}
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "-")
		if len(part) == 2 && isUpper(part[0]) && isUpper(part[1]) {
			l.region, l.regions = part, nil
		}
	}
	return l
}
