package pii_test

import "testing"

// clean are sentences as programs and people write them every day, in which a word that
// may name a value is followed by none.
var clean = []struct{ country, text string }{
	{"ES", "Pon la foto debajo del nombre. Esto se ve en tu perfil"},
	{"GB", "I have to ask my wife. Can I call you later?"},
	{"FR", "La commande est payée. Cette page se ferme toute seule"},
	{"US", "Yes sir. Tomorrow works"},
	{"GB", "We miss Summer already"},
	{"US", "I MISS YOU so much"},
	{"TH", "กรุณาตรวจสอบอีเมลของคุณเพื่อดำเนินการต่อ"},
	{"TH", "เมื่อคุณเปิดแอปแล้วให้กดปุ่มสีเขียว"},
	{"TH", "เราเชื่อมั่นในบริการของร้าน"},
	{"TH", "คุณต้องยืนยันก่อนวันศุกร์"},
	{"IL", "לא מצאנו את שם החדר שביקשת"},
	{"IR", "لطفا نام محصول را بنویسید"},
	{"SA", "اكتب اسم المنتج الذي تريده"},
	{"PK", "اس کمرے کا نام تبدیل کریں"},
	{"IN", "कृपया उत्पाद का नाम लिखें"},
	{"BD", "দয়া করে পণ্যের নাম লিখুন"},
	{"IN", "பொருளின் பெயர் தேவை இல்லை"},
	{"GE", "ფაილის სახელი უკვე არსებობს"},
}

// TestClean holds that such sentences are left alone.
func TestClean(t *testing.T) { leftAlone(t, clean) }

// TestCleanPeople holds that people are found who are named in the same words.
func TestCleanPeople(t *testing.T) {
	read(t, []struct{ country, kind, text, value string }{
		{"TH", "NAME", "เรียน คุณสมศักดิ์ ทองดี", "สมศักดิ์ ทองดี"},
		{"TH", "NAME", "นัดกับคุณมาลีครับ", "มาลี"},
		{"IL", "NAME", "שם: אלמוג פרידמן", "אלמוג פרידמן"},
		{"IN", "NAME", "मरीज का नाम ऋत्विक तिवारी", "ऋत्विक तिवारी"},
		{"BD", "NAME", "নাম - তৌসিফ মোল্লা", "তৌসিফ মোল্লা"},
		{"SA", "NAME", "الاسم بندر القرني", "بندر القرني"},
		{"GB", "NAME", "Miss Winter Dashwood is in room 4", "Winter Dashwood"},
		{"US", "NAME", "Pt. Delroy Hutchins is waiting", "Delroy Hutchins"},
		{"DK", "NAME", "Kontakt hr. Mads Lindegaard", "Mads Lindegaard"},
	})
}
