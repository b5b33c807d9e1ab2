package shape

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// read compares what a reader finds behind the label that ends at '|'.
func read(t *testing.T, topic, text, want string) {
	t.Helper()
	from := 0
	for from < len(text) && text[from] != '|' {
		from++
	}
	text = text[:from] + text[from+1:]
	m, ok := Behind[topic](text, from)
	got := ""
	if ok {
		got = text[m.Start:m.End]
	}
	if got != want {
		t.Errorf("%s: %q: found %q, want %q", topic, text, got, want)
	}
}

func TestPassword(t *testing.T) {
	for text, want := range map[string]string{
		"password|: hunter2": "hunter2", "password is| tr0ub4dor&3.": "tr0ub4dor&3", "密码是|abc123请查收": "abc123", "contraseña:| \"Mi Perro\"": "Mi Perro", "password| «due parole 9»": "due parole 9", "password| is \"wrong one\"": "", "pwd|=S3cret!": "S3cret!",
		"пароль|: котик123": "котик123", "mot de passe| : Azerty12": "Azerty12", "password|: sunshine": "sunshine", "senha |é": "",
		"password |is wrong": "", "my password| please": "", "password|: ****": "", "password|: {{1}}": "", "password|: [PASSWORD_1]": "", "password| reset": "", "password|: incorrect": "",
		"password|": "", "password| Iloveyou2": "Iloveyou2", "password|: https://x.example": "",
	} {
		read(t, "password", text, want)
	}
}

// A list may know the stem of a label alone; the reader passes its ending.
func TestInflectedLabels(t *testing.T) {
	read(t, "password", "şifre|m 1234Ali", "1234Ali")
	read(t, "dob", "doğum tarihi|m: 12.03.1984", "12.03.1984")
	read(t, "otp", "код|ом 4829", "4829")
	read(t, "password", "密码|abc12345", "abc12345")
	read(t, "otp", "인증번호| [482913]", "482913")
	read(t, "dob", "geb|. am 12.03.1984", "12.03.1984")
	read(t, "plate", "dinner plate| 24 cm", "")
	read(t, "name", "الاسم| غير صحيح", "")
	read(t, "name", "नाम| क्या है", "")
	read(t, "intro", "저는| 김민수입니다", "김민수")
	read(t, "intro", "저는| 고객입니다", "")
}

func TestShortNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"code| 482913": "482913", "code|: 123-456": "123-456", "Google code| G-482913": "G-482913", "验证码|：482913"[:len("验证码|")] + "482913": "482913", "code|: 4821.": "4821",
		"code| 12": "", "code| 123456789": "", "code| 20% off": "", "code| 1234.50": "", "code| 1250 €": "", "code| 12:30": "", "code| A12345": "", "code| 2024/17": "", "code| 1500 rupees": "",
	} {
		read(t, "otp", text, want)
	}
	for text, want := range map[string]string{"cvv| 123": "123", "cvv|: 1 2 3": "1 2 3", "cvc|1234": "1234", "cvv| 12": "", "cvv| 12345": "", "cvv| ***": ""} {
		read(t, "cvv", text, want)
	}
	for text, want := range map[string]string{"pin| 4821": "4821", "pin|: 4 8 2 1": "4 8 2 1", "pin| 48": "", "pin| 4821567": ""} {
		read(t, "pin", text, want)
	}
	for text, want := range map[string]string{"exp| 04/28": "04/28", "exp|: 4-2028": "4-2028", "exp| 04 / 28": "04 / 28", "exp| 0428": "0428", "exp| 13/28": "", "exp| 04/05/2028": "", "exp| soon": ""} {
		read(t, "expiry", text, want)
	}
}

func TestNumbersOfFiles(t *testing.T) {
	for text, want := range map[string]string{
		"case|: 2024/00817": "2024/00817", "MRN| 12345678 ok": "12345678", "policy| no. POL-2024-88123": "POL-2024-88123", "Kundennummer| 123 456 789": "123 456 789", "claim| #A-4711": "A-4711",
		"file| is closed": "", "case| 12": "", "policy| 20%": "", "customer| 1500 €": "", "member| since": "",
	} {
		read(t, "record", text, want)
	}
	for text, want := range map[string]string{
		"plate| AB12 CDE": "AB12 CDE", "Kennzeichen|: B-MA 1234": "B-MA 1234", "car no| MH 12 AB 1234 ok": "MH 12 AB 1234", "plaka| 34 ABC 123": "34 ABC 123", "placa| ABC1D23": "ABC1D23",
		"车牌|京A12345": "京A12345", "차량번호| 12가 3456": "12가 3456", "номер| А123ВС77": "А123ВС77", "plate| is missing": "", "plate| 12": "", "plate| ABCDEF": "", "matricula|: 1234 BCD": "1234 BCD",
	} {
		read(t, "plate", text, want)
	}
}

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"my name is| Anna Meier and I need help": "Anna Meier", "Name|: Jean-Pierre O'Neill\nTel 123": "Jean-Pierre O'Neill", "me llamo| María del Carmen García López, tengo": "María del Carmen García López",
		"my name is| john smith": "john smith", "ich heiße| Jürgen von der Heide": "Jürgen von der Heide", "NAME|: JOHN SMITH AND I": "JOHN SMITH", "меня зовут| Анна Иванова": "Анна Иванова",
		"name|: J. R. Miller": "J. R. Miller", "我叫|张伟，想问": "张伟", "我叫|李小明想咨询": "李小明", "姓名|: 王芳": "王芳", "名前は|田中太郎です": "田中太郎", "제 이름은| 김민수입니다": "김민수",
		"이름|: 박지영": "박지영", "اسمي| محمد علي وأريد": "محمد علي", "मेरा नाम| राहुल शर्मा है": "राहुल शर्मा", "ชื่อ| สมชาย ใจดีครับ": "สมชาย ใจดี", "שמי| דוד כהן ואני": "דוד כהן", "tên tôi là| Nguyễn Văn An": "Nguyễn Văn An",
		"name|: Anna Meier DOB": "Anna Meier", "name| is on the card": "", "name| and address": "", "Name| Adresse Telefon": "", "name|: {{1}}": "", "name| of the product": "", "name|": "", "name|: x7": "",
	} {
		read(t, "name", text, want)
	}
	for text, want := range map[string]string{"I am| Anna": "Anna", "I am| John Carter here": "John Carter", "I am| happy": "", "I am| Very tired": "", "ich bin| im Haus": "", "soy| juan perez": "juan perez", "I am| in Berlin": ""} {
		read(t, "intro", text, want)
	}
	for text, want := range map[string]string{"Mr|. Smith called": "Smith", "Herr| Dr. Meier": "Meier", "Frau| Anna Schmidt ist": "Anna Schmidt", "Sr|. García": "García", "mr| smith": "", "Pan| Kowalski": "Kowalski"} {
		read(t, "title", text, want)
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"address|: 12 Baker Street, London NW1 6XE\nthanks":    "12 Baker Street, London NW1 6XE",
		"ich wohne in der| Hauptstraße 5, 10115 Berlin. Bitte": "Hauptstraße 5, 10115 Berlin",
		"vivo en| Calle Mayor 12, 3º B, 28013 Madrid":          "Calle Mayor 12, 3º B, 28013 Madrid",
		"endereço|: Rua das Flores, 123, Centro, São Paulo":    "Rua das Flores, 123, Centro, São Paulo",
		"j'habite| 5 rue de la Paix, 75002 Paris":              "5 rue de la Paix, 75002 Paris",
		"адрес|: ул. Ленина, д. 5, кв. 12, Москва":             "ул. Ленина, д. 5, кв. 12, Москва",
		"地址|：北京市朝阳区建国路88号"[:len("地址|")] + "北京市朝阳区建国路88号":       "北京市朝阳区建国路88号",
		"住所は|東京都渋谷区神南1-2-3です":                                  "東京都渋谷区神南1-2-3",
		"주소|: 서울시 강남구 테헤란로 123":                                "서울시 강남구 테헤란로 123",
		"alamat|: Jl. Sudirman No. 12, Jakarta":                "Jl. Sudirman No. 12, Jakarta",
		"ev adresim|: Atatürk Cad. No 5, Ankara":               "Atatürk Cad. No 5, Ankara",
		"address| is not correct":                              "",
		"address|: your office":                                "",
		"address| please":                                      "",
		"address| change fee is 20":                            "",
	} {
		read(t, "address", text, want)
	}
}

func TestReadersAllocateNothing(t *testing.T) {
	for topic, text := range map[string]string{"password": ": hunter2", "otp": " 482913", "dob": " 12 de marzo de 1984", "name": ": Anna Meier", "address": ": 12 Baker Street, London NW1 6XE",
		"record": " 2024/00817", "plate": " AB12 CDE", "secret": ": kJ83hfQ0pLs72ZtVbX91", "expiry": " 04/28"} {
		read := Behind[topic]
		if _, ok := read(text, 0); !ok {
			t.Errorf("%s is not found", topic)
		}
		if n := testing.AllocsPerRun(50, func() { read(text, 0) }); n != 0 {
			t.Errorf("%s: %v allocations", topic, n)
		}
	}
}

// FuzzBehind: no panic, spans within the text and on the bounds of runes.
func FuzzBehind(f *testing.F) {
	for _, s := range []string{": hunter2", " 482913", ": Anna Meier", " 12 Baker Street, NW1 6XE", "我叫张伟", "1984年3月12日", " 3 March 1984", "\xff\xe4\xb8", "김민수입니다", "12 มี.ค. 2527"} {
		f.Add(s, 0)
	}
	f.Fuzz(func(t *testing.T, s string, from int) {
		if from < 0 || from > len(s) {
			return
		}
		for topic, read := range Behind {
			m, ok := read(s, from)
			if !ok {
				continue
			}
			if m.Start < from || m.End <= m.Start || m.End > len(s) || m.OneIn < 1 {
				t.Fatalf("%s: %q from %d: %+v", topic, s, from, m)
			}
			if utf8.ValidString(s) && utf8.ValidString(s[:from]) && !(utf8.ValidString(s[:m.Start]) && utf8.ValidString(s[:m.End])) {
				t.Fatalf("%s: %q from %d: %+v cuts a rune", topic, s, from, m)
			}
		}
	})
}

func TestCardRest(t *testing.T) {
	for text, want := range map[string]string{
		"04/28| - 123": "123", "04/28|, code 4821": "4821", "04/28|, код 123": "123", "04/28| 123": "123",
		"04/28| 100 pieces": "", "04/28|. 123": "", "04/28| 12345": "", "04/28|123": "", "04/28| - 120 €": "", "04/28| for the one of my 123": "",
	} {
		at := strings.IndexByte(text, '|')
		text = text[:at] + text[at+1:]
		got := ""
		if m, ok := CardRest(text, at); ok {
			got = text[m.Start:m.End]
		}
		if got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}
