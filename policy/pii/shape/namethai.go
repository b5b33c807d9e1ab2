package shape

import (
	"strings"
	"unicode/utf8"
)

// thingsThai follow the word for "name" where that speaks of things: fame, goods,
// shops, files, and of names as such.
var thingsThai = runsOf("เสียง สินค้า ร้าน บริษัท อะไร ไฟล์ รุ่น ยี่ห้อ เล่น โรงแรม ผู้ใช้ ที่ ของ ใน โดเมน เว็บ โฮสต์ กลุ่ม หมวด เมนู โครง งาน บัญชีผู้ใช้ แสดง และ หรือ นี้ นั้น ซ้ำ ใหม่ เดิม เต็ม จริง ไม่ ต้อง จะ ได้ ถูก ให้ เป็น มี เรียก ว่าง สั้น ยาว ก่อน หลัง ตัว " +
	"โฟลเดอร์ องค์กร อุปกรณ์ พาสคีย์ คีย์ เรื่อง ย่อ กลาง เขต ธรรมดา ออก เข้า แล้ว อื่น สำรอง สาธารณะ โควตา อีเวนต์ ผู้ รูป วิธี บุคคล สำหรับ ลงใน ลงบน การ กิจกรรม หนังสือ บริการ ตนเอง ทีม ใบ เมือง คอล ลิงก์ คอม ซอฟ โปรไฟล์ คำสั่ง คำถาม คำนำ แอพ แอป หัวข้อ จดหมาย ทำ คุณ รวมถึง ดังนั้น ลักษณะ โฮส ปุ่ม ช่อง ฟิลด์ หน้า ภาษา ประเทศ ตำแหน่ง แผนก โรงเรียน โรงพยาบาล ธนาคาร สาขา ถนน จังหวัด จาก กับ เมื่อ หาก ยา หนัง เพลง เกม สัตว์ หมา แมว ไม้ วัน รายการ คน อยู่ ซึ่ง ฐาน ค้น ป้าย ภาพ คุกกี้ เดียว ตั๋ว ราคา เจ้าของ ทางการ แต่ละ ไหน เหตุผล ภาษี ยัง มันขึ้น มันจะ")

// saidThai follow "คุณ" where it means "you", and end what a title names: verbs, words
// of place and time, what belongs to you.
var saidThai = runsOf("ไม่ ต้อง จะ ได้ สามารถ มีบัญชี มีสิทธิ มีอยู่ มีการ มีเวลา มีความ มีข้อ มีปัญหา มีคำ มีแผน มีเงิน มีคุณ มีไหม มีส่วน มีที่ มีอะไร ใช้ เพื่อ แล้ว ที่ ถูก และ หรือ กำลัง โปรด ชื่นชอบ ชอบ คือ ควร เคย ยัง อยู่ อาจจะ อาจมี อาจต้อง อาจได้ อาจไม่ ลอง เป็น ไป ทำ คิดว่า คิดถึง เห็น รู้ พบ ส่ง ร้อง ขอให้ ขอรับ ขอคืน ขอความ ขอเปลี่ยน ติด ตั้งค่า ตั้งแต่ เปิด ปิด ป้อน เลือก ลง เข้า ออก ให้ จาก จึง จริง ด้วย โดย ใน บน กับ สำหรับ หาก ถ้า เมื่อ เอง นี้ นั้น " +
	"เรา ฉัน เขา ใคร อะไร อย่าง ก็ ทุก หมด เท่า ป่วย สมบัติ สมัคร สนับ สร้าง แอบ พยายาม เชื่อ เชิญ กรอก แก้ไข เปลี่ยน ต่อไป ต่อเนื่อง ต่อจาก ตรวจ ตอบ ดำเนิน ผ่าน สั่ง ซื้อ จ่าย ชำระ บอก พูด ถาม แจ้ง ระบุ รอการ รอรับ รอสัก แต่ ภาพ วุฒิ ค่า ชื่อ ทราบ อนุญาต เกี่ยว เพียงแค่ เพียงแต่ เท่านั้น ทาง ทั้ง ตาม ตอน " +
	"ลักษณะ แน่ใจ จำรหัส จำได้ จำไม่ กิจกรรม ไว้ วาง กำหนด ลืม เพิ่มเติม เพิ่มบัญชี เพิ่มลง ลบ กลับ เริ่ม บันทึก ยืนยัน คลิก กด ยอม ปฏิบัติ ปกป้อง อ่าน เขียน ดู ฟัง เล่น ทำให้ อยาก ค้น ถือ เหลือ เก็บ ยก เชื่อม รักษา มัก ไหม เหมาะ เดิน ขับ กิน นอน แม่ พ่อ ลูก หมอ ครู ตำรวจ ผู้ ประโยชน์ สนใจ สอบ แนะนำ เสนอ ปรับ ต่าง แพ้ เดา ย้าย แบ่ง จัด เดียว " +
	"มันจะ มันใน มันเป็น คัดลอก ค้นหา อาจถูก อาจหา นี่เป็น บุคลิก สิบ ธรรมะ ธรรมชาติ เร็ว กรัฐมนตรี กเทศมนตรี กสมาคม กสภา กองค์ แบบ ฟ้า เอก กวัก จ้าง หน้า ทุน ทหาร ทะเบียน ท่า อำเภอ พราน แพทย์ พยาบาล") // นายกรัฐมนตรี, นางแบบ

// joinedThai are words behind a name that are no surname.
var joinedThai = runsOf("ไม่ ต้อง จะ ได้ สามารถ และ หรือ ที่ ว่า ให้ จาก เพื่อ แล้ว โดย ด้วย สำหรับ เมื่อ ถ้า หาก โปรด กรุณา เป็น คือ ซึ่ง แต่ ก็ จริยธรรม คุณสามารถ")

// runs are words of a script without spaces, by the last byte of their first sign, which
// has three.
type runs [64][]string

// runsOf orders the words of a list.
func runsOf(list string) *runs {
	var r runs
	for w := range strings.FieldsSeq(list) {
		r[w[2]&63] = append(r[w[2]&63], w)
	}
	return &r
}

// beginsRun reports that a run begins with a word of the list.
func beginsRun(run string, list *runs) bool {
	return len(run) > 2 && len(list[run[2]&63]) > 0 && beginsWith(run, list[run[2]&63])
}

func beginsWith(run string, list []string) bool {
	for _, w := range list {
		if strings.HasPrefix(run, w) {
			return true
		}
	}
	return false
}

// maxGivenThai is the longest given name, in letters and marks, that a title is read
// before where no surname follows: longer runs are sentences.
const maxGivenThai = 16

// thai reads one or two runs without the polite words at their end.
func (n *names) thai() (Match, bool) {
	if insideThai(n.s, n.i, n.titled) {
		return Match{}, false
	}
	end, words := n.i, 0
	for k := n.i; words < 2; words++ {
		stop := k
		for stop < len(n.s) && stop-k < 60 {
			r, size, letter := foreign(n.s, stop)
			if !letter || r < 0x0E00 || r > 0x0E7F {
				break
			}
			stop += size
		}
		run := n.s[k:stop]
		for _, polite := range [...]string{"ครับ", "ค่ะ", "คะ", "นะ", "เบอร์", "โทร", "อยาก", "ต้องการ", "อายุ"} {
			if cut := strings.Index(run, polite); cut >= 0 {
				run = run[:cut]
			}
		}
		if len(run) < 6 || n.titled && words == 0 && run == "ธรรม" || words == 0 && !n.marked && (beginsRun(run, thingsThai) || n.titled && beginsRun(run, saidThai)) || words > 0 && beginsRun(run, joinedThai) {
			break
		}
		end = k + len(run)
		if n.titled && words == 0 && utf8.RuneCountInString(run) > maxGivenThai {
			return Match{}, false
		}
		if end < stop || at(n.s, stop) != ' ' {
			break
		}
		k = stop + 1
	}
	return Match{Row: rowName, Start: n.i, End: end, OneIn: 4}, end > n.i && !n.strict
}

// insideThai reports that the label before i is the end of another word: "เชื่อ", to
// believe, is no "ชื่อ", what touches "ผู้รับ" goes on with it, and "คุณ" behind "ของ", "ขอบ" and words that join means "you".
func insideThai(s string, i int, titled bool) bool {
	if strings.HasSuffix(strings.TrimRight(s[:i], " "), "เชื่อ") || strings.HasSuffix(s[:i], "ผู้รับ") {
		return true
	}
	if !titled {
		return insideWord(s[:i])
	}
	before, ok := strings.CutSuffix(s[:i], "คุณ")
	if !ok {
		return false
	}
	for _, w := range [...]string{"ของ", "ขอบ", "ให้", "ที่", "เมื่อ", "หาก", "ถ้า", "ว่า", "และ", "หรือ", "ซึ่ง", "ก่อน", "จน", "ทำ", "เพราะ", "ช่วย", "แก่"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// insideWord reports that "ชื่อ" before a value that touches it belongs to a list of names
// or to what is done with a name: "รายชื่อ", "ลงชื่อ", "เปลี่ยนชื่อ".
func insideWord(s string) bool {
	before, ok := strings.CutSuffix(s, "ชื่อ")
	if !ok {
		return false
	}
	for _, w := range [...]string{"ราย", "ลง", "เปลี่ยน", "ใส่", "ระบุ", "เลือก", "ใช้", "แสดง", "ลบ", "กรอก", "ตั้ง", "ป้อน", "นำหน้า", "ถาม", "แก้", "เรียก"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}
