package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// han reads names in Han and Kana: behind a Japanese label the run before the
// copula, else a surname of China and one or two characters more.
func (n *names) han() (Match, bool) {
	m := Match{Row: rowName, Start: n.i, OneIn: 16}
	if !n.marked && (saidKana(n.s[n.i:]) || beginsRun(n.s[n.i:], thingsHan)) {
		return m, false
	}
	if end, ok := japanese(n.s, n.i); ok && !verbKana(n.s[n.i:end]) && (!n.strict || surname(n.s[n.i:end], n.s[end:])) {
		m.End = end
		return m, true
	}
	if end := hanRun(n.s, n.i, 6); endsHanClause(n.s, end) && wholeJapanese(n.s[n.i:end]) {
		m.End = end
		return m, true
	}
	if n.strict && strings.HasSuffix(n.s[:n.i], "は") {
		return m, false
	}
	if end := hanRun(n.s, n.i, 6); n.marked && endsField(n.s, end) {
		if at(n.s, end) == ' ' && surname(n.s[n.i:end], "と申") { // 高橋 由美子
			if next := hanRun(n.s, end+1, 4); next > end+1 && endsField(n.s, next) {
				end = next
			}
		}
		m.End = end
		runes := utf8.RuneCountInString(n.s[n.i:end])
		last, _ := utf8.DecodeLastRuneInString(n.s[:end])
		return m, runes >= 2 && runes <= 6 && !strings.ContainsRune(houses, last)
	}
	first, size := utf8.DecodeRuneInString(n.s[n.i:])
	if i := n.i + 2*size; i < len(n.s) && beginsRun(n.s[n.i:], surnamesTwoHan) {
		m.End = hanRun(n.s, i, 2)
		for m.End > i && strings.Contains(hanStops, n.s[m.End-3:m.End]) {
			m.End -= 3
		}
		return m, m.End > i
	}
	if !surnamesHan.has(first) {
		end := hanRun(n.s, n.i, 5)
		runes := utf8.RuneCountInString(n.s[n.i:end])
		m.End, m.OneIn = end, 4
		return m, n.marked && runes >= 2 && runes <= 4
	}
	m.End = n.i + size
	for k := range 2 {
		r, size := runeAt(n.s, m.End)
		if !han(r) || k > 0 && strings.ContainsRune(hanStops, r) {
			break
		}
		m.End += size
	}
	return m, m.End > n.i+size
}

// endsHanClause reports the end of a text or its line, or a sign that ends a clause.
func endsHanClause(s string, i int) bool {
	return i == len(s) || s[i] == '\n' || beginsRun(s[i:], hanClauseEnds)
}

var hanClauseEnds = runsOf("、 。 ，")

// wholeJapanese reports three to six characters that begin with a frequent surname of
// Japan and are no house: 佐藤花子.
func wholeJapanese(run string) bool {
	last, _ := utf8.DecodeLastRuneInString(run)
	return utf8.RuneCountInString(run) >= 3 && surname(run, "") && !strings.ContainsRune(houses, last)
}

// endsField reports that nothing of a script without spaces goes on at i: the
// end of the text or its line, a blank, a sign of ASCII.
func endsField(s string, i int) bool { return i == len(s) || s[i] < utf8.RuneSelf }

// surname reports that a name begins with one of Japan's frequent surnames, or is in
// Katakana before a word that only names follow, a point for the blank perhaps: "私は田中
// です", not "私は元気です" nor "私はプレミアム会員です".
func surname(name, rest string) bool {
	if r, _ := utf8.DecodeRuneInString(name); unicode.Is(unicode.Katakana, r) {
		return utf8.RuneCountInString(name) >= 3 && beginsRun(rest, namedKana)
	}
	return beginsRun(name, surnamesKana)
}

var (
	surnamesKana   = runsOf(kanaSurnames)
	surnamesTwoHan = runsOf(twoHanSurnames)
	surnamesHan    = planeOf(hanSurnames)
)

func hanRun(s string, i, most int) int {
	for range most {
		if plainHan(s, i) {
			i += 3
			continue
		}
		r, size := runeAt(s, i)
		if !han(r) {
			break
		}
		i += size
	}
	return i
}

// plainHan reports one of the signs from U+4E00 to U+9FFF at i, which are all of Han.
func plainHan(s string, i int) bool {
	return len(s)-i > 2 && s[i] >= 0xE4 && s[i] <= 0xE9 && (s[i] > 0xE4 || s[i+1] >= 0xB8) && ((s[i+1]^0x80)|(s[i+2]^0x80))&0xC0 == 0
}

// han reports a sign of Han.
func han(r rune) bool { return hanSigns.has(r) || r >= 1<<16 && unicode.Is(unicode.Han, r) }

// japanese reads a run of Han and Kana, one blank within, before です, と申し
// ます and their kin, or in Katakana alone.
func japanese(s string, i int) (end int, ok bool) {
	signs, kana := 0, 0
	for end = i; end < len(s) && end-i < 45; {
		if signs+kana >= 2 && beginsRun(s[end:], behindJapanese) {
			return end, true
		}
		if plainHan(s, end) {
			signs++
			end += 3
			continue
		}
		r, size := runeAt(s, end)
		switch {
		case han(r):
			signs++
		case kanaSigns.has(r) || r >= 1<<16 && unicode.In(r, unicode.Katakana, unicode.Hiragana):
			kana++
		case r == ' ' && signs+kana > 0 && end+1 < len(s) && s[end+1] >= 0xE3:
		default:
			return end, signs == 0 && kana >= 3 || signs > 0 && kana > 0 && s[end-1] != ' '
		}
		end += size
	}
	return end, signs == 0 && kana >= 3 && end-i < 45 // longer ones are sentences
}

// behindJapanese follows a name: the copula, titles, words for being called.
var behindJapanese = runsOf("です と申 ともう といい と言 でござ だ。 様 さん")

var (
	hanSigns  = planeOf("", unicode.Han)
	kanaSigns = planeOf("ー", unicode.Katakana, unicode.Hiragana)
)

// hangulEnds follow a name directly.
var hangulEnds = [...]string{"입니다", "이에요", "예요", "이고", "이며", "라고", "이라", "님", "씨", "고객", "요", "인데", "고요", "이요"}

// thingHangul reports what follows the word for "name" where that speaks of
// changing or misspelling one, or begins like a surname and is a word of every day.
func thingHangul(run string) bool {
	for _, w := range [...]string{"변경", "유효", "서버", "모두", "이기적", "필드", "표기", "표시", "기재", "오류", "이미", "이벤트", "이용", "이상", "이하", "이동", "이메일", "이런", "이거", "이것", "이제", "고유", "고객", "허용", "구성", "구매", "마침", "마지", "전송", "전화", "전부", "공백", "문자", "최대", "최소", "정보", "정확", "주소", "주문", "등록", "목록", "규칙", "형식", "기반", "추가", "사용", "수정", "지정", "안내", "서비스", "신청", "조회", "인증", "도시", "방법", "문의", "결제", "예약", "여부", "나중", "우선", "성공", "제대로", "제품", "반드", "오늘", "어제", "지금", "계속", "방금", "여기", "우리", "정말", "조금", "진짜"} {
		if strings.HasPrefix(run, w) {
			return true
		}
	}
	return false
}

// hangul reads a surname of Korea and one to three syllables, before a particle
// or the end of the word.
func (n *names) hangul() (Match, bool) {
	first, size := utf8.DecodeRuneInString(n.s[n.i:])
	if !strings.ContainsRune(hangulSurnames, first) || thingHangul(n.s[n.i:]) {
		return Match{}, false
	}
	m := Match{Row: rowName, Start: n.i, OneIn: 16}
	end := n.i + size
	for k := 1; k <= 4; k++ {
		if k > 1 {
			for _, w := range hangulEnds {
				if strings.HasPrefix(n.s[end:], w) {
					m.End = end
					return m, !n.strict || k == 3
				}
			}
		}
		r, size := utf8.DecodeRuneInString(n.s[end:])
		if !unicode.Is(unicode.Hangul, r) {
			m.End = end
			return m, k > 2 && !n.strict
		}
		if k == 4 {
			break
		}
		end += size
	}
	return Match{}, false
}
