package shape

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names in scripts of the peninsula behind India, which have no capitals and write no
// blanks between the words of a sentence. Between the parts of a name people often write
// one: "ខ្ញុំឈ្មោះ សុខ ដារា", "ຂ້ອຍຊື່ ສົມສັກ ວົງສາ".

// maxDenseName is how many letters and marks one part of a name has at most: longer runs
// are sentences.
const maxDenseName = 18

// dense reads a name that begins with a letter of Thai, Lao, Burmese or Khmer.
func (n *names) dense(first rune) (Match, bool) {
	if first < 0x0E80 {
		return n.thai()
	}
	if first >= 0x0F00 && first < 0x1000 || unicode.IsMark(first) {
		return Match{}, false // Tibetan, or the end of another word
	}
	end := n.i
	for words, k := 0, n.i; words < 2; words++ {
		stop := denseRun(n.s, k, first)
		if run := n.s[k:stop]; utf8.RuneCountInString(run) > maxDenseName || len(run) < 6 || beginsRun(run, thingsDense) {
			break
		}
		end = stop
		if at(n.s, stop) != ' ' {
			break
		}
		k = stop + 1
	}
	return Match{Row: rowName, Start: n.i, End: end, OneIn: 4}, end > n.i && (n.marked || saidOfMe(n.s[:n.i]))
}

// saidOfMe reports that "my name is" ends a text. The bare word for a name stands as often
// before those of files and users, and within other words.
func saidOfMe(s string) bool {
	s = strings.TrimRight(s, " ")
	return slices.ContainsFunc(myName[:], func(w string) bool { return strings.HasSuffix(s, w) })
}

var myName = [...]string{"ខ្ញុំឈ្មោះ", "ឈ្មោះរបស់ខ្ញុំ", "ឈ្មោះខ្ញុំ", "ຂ້ອຍຊື່", "ຊື່ຂອງຂ້ອຍ", "ຂ້າພະເຈົ້າຊື່", "နာမည်က", "နာမည်ကတော့", "ကျွန်တော့်နာမည်", "ကျွန်မနာမည်", "ကျွန်တော့်အမည်"}

// denseRun gives where letters and marks of the script of a rune end that begin at i; of a
// run that is too long for a name it passes one more than a name has, for each label asks.
func denseRun(s string, i int, first rune) int {
	low := first &^ 0x7F
	high := low + 0x80
	if first < 0x10A0 && first >= 0x1000 {
		low, high = 0x1000, 0x10A0
	}
	for n := 0; i < len(s) && n <= maxDenseName; n++ {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < low || r >= high || r == '។' || r == '៖' || r == '၊' || r == '။' {
			break
		}
		i += size
	}
	return i
}

// thingsDense are words behind one for a name, and behind a name, that are none: phone,
// number, user, and what forms ask for.
var thingsDense = runsOf("ទូរស័ព្ទ លេខ អ្នកប្រើ គណនី អាសយដ្ឋាន ឯកសារ របស់ និង ជា មាន ត្រូវ បាន " +
	"ໂທ ເບີ ຜູ້ໃຊ້ ບັນຊີ ທີ່ ໄຟລ໌ ຂອງ ແລະ ແມ່ນ ມີ ບໍ່ " +
	"ဖုန်း နံပါတ် အသုံးပြုသူ အကောင့် လိပ်စာ ဖိုင် နှင့်")
