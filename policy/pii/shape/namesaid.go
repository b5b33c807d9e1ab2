package shape

import (
	"strings"
	"unicode"
)

// namedKana follow a name alone.
var namedKana = runsOf("と申 ともう といい と言 ・ ＝ さん 様")

// thingsHan are words that begin like surnames of China: places, cards, offices. Behind
// "我是" they say where one is from, and what one holds.
var thingsHan = runsOf("江西 江苏 江蘇 江门 黄山 黄石 黄金 金山 金牌 金卡 金融 马上 馬上 马来 高中 高级 高級 高端 高兴 高三 高二 高一 高铁 高手 白买 白天 白领 白金 方便 方案 方面 万一 万能 毛病 石家庄 任何 何时 何地 何千 熊猫 龙卡 龙江 顾客 顧客 余额 武汉 武漢 唐山 韩国 " +
	"韓國 沈阳 郑州 夏天 许多 許多 严重 严格 石油 陆续 苏州 苏宁 温州 常州 常客 常年 谢谢 謝謝 向前 向您 于是 安全 安徽 孟加拉 路人 时间 时候 童装 单位 成都 成为 车主 车牌 华为 米家 包装 包邮 和你 和他 和我 和朋友 关于 全部 全国 西门子 乐山")

// saidKana reports what goes on behind "名前" where no name follows: a particle before
// another word, words that ask or deny, verbs of forms.
func saidKana(s string) bool {
	r, size := runeAt(s, 0)
	if particlesKana.has(r) {
		return true
	}
	if next, _ := runeAt(s, size); joinsKana.has(r) && unicode.In(next, unicode.Han, unicode.Katakana) {
		return true
	}
	return beginsRun(s, saidJapanese)
}

var particlesKana, joinsKana = planeOf("をでがにへ"), planeOf("とやもはの")

var saidJapanese = runsOf("ない なし など なの ません ありま ある あり です する して した という として とし もの もが から まで より 何で 何を 何か 何も 何と 何が 何の 何だ 何て 何? 何？ 誰 変更 入力 設定 表示 登録 必須 空欄 無効 不明 未入力 未設定 付き 付け 一覧 検索 確認 間違 違い 違う 正し 以外 順 欄 別 同じ 必要 リンク フィールド ファイル アプリ ユーザー サーバー アカウント システム プログラム ソフト データ ページ グループ メニュー カード サービス サイト")

// verbKana reports the ending of a verb of a sentence within a run of Kana.
func verbKana(run string) bool {
	for i := range run {
		if beginsRun(run[i:], verbsKana) {
			return true
		}
	}
	return false
}

var verbsKana = runsOf("しました れました きました ません ください される ている います します きます れます ありま なので ですが でしょう ことが という すると 使用 場合")

// ofThing reports that the bare word for a name before from is followed by one of
// belonging: "Name der Rolle", "Nombre de la cuenta", "nome do arquivo" are names of
// things. The word of belonging may have been passed as one that links.
func ofThing(s string, from, i int) bool {
	k := wordBefore(s, from)
	if last := s[k:from]; namedPlain(belonging, last) {
		for range 2 { // "de la"
			from = max(k-1, 0)
			if k = wordBefore(s, from); !namedPlain(belonging, s[k:from]) {
				break
			}
		}
		before := s[max(k-1-maxBack, 0):max(k-1, 0)]
		return namedPlain(bareName, s[k:from]) && !namedPlain(behalf, before[strings.LastIndexAny(before, " \n,.:")+1:])
	}
	stop := nameWord(s, i)
	w := s[i:stop]
	switch last := s[k:from]; {
	case namedPlain(articles, last):
		return !strings.HasPrefix(s[wordBefore(s, max(k-1, 0)):], "intestat") // "the name of the street", "signed the treaty", "intestato a"
	case last == "for":
		return k >= 7 && hasFold(s, k-7, "signed ")
	case hasFold(last, 0, "ime") && len(last) == 3 && w == "ali":
		return true // "ime ali e-pošta", name or mail
	default:
		return namedPlain(bareName, last) && namedPlain(belonging, w) && !upperFirst(w)
	}
}

// houseNamed reports that a house of business or a thing is named where "name" ends before
// i: "the hotel name is", "a restaurant by the name of". A booking "under the name of" is
// somebody's.
func houseNamed(s string, i int) bool {
	tail := s[max(0, i-60):i]
	k := lastByte(tail[:max(0, len(tail)-3)], 'n')
	for k >= 0 && tail[k:k+4] != "name" {
		k = lastByte(tail[:k], 'n')
	}
	if k < 0 {
		return strings.HasSuffix(tail, "_NAME") // a place in a template
	}
	head := strings.TrimRight(tail[:k], " ")
	for _, w := range [...]string{" by the", " with the", " that is", " by"} {
		if cut, ok := strings.CutSuffix(head, w); ok {
			head = cut
			break
		}
	}
	return namedPlain(ofHouses, head[strings.LastIndexByte(head, ' ')+1:])
}

var ofHouses = setOf("hotel restaurant guesthouse cafe café pub bar hospital museum college company firm business shop store brand product file folder domain host event project team band album movie film song book website app bank school street station college place site game")

// conjunction reports "și", or "si" before a word of every day: what Tagalog has before a
// name is "and" and "if" in languages of Europe, where names have capitals.
func conjunction(w, behind string) bool {
	if len(w) == 2 && hasFold(w, 0, "si") {
		i := span(behind, 0, 1, isSpace)
		return namedPlain(ifWords, behind[i:nameWord(behind, i)])
	}
	return w == "și" || w == "şi"
}

var ifWords = setOf("tomas clara mira vera pia rosa gloria marca dona sara")

// articles stand before no name in English.
var articles = setOf("the a an this these those")

// office reports that what a title names is an office, a customer or goods: "Sayın
// Müşterimiz", "Monsieur le Directeur", "Dr. Pepper", "Sri Lanka".
func office(name string) bool {
	for more := true; more; {
		var w string
		if w, name, more = strings.Cut(name, " "); w != "" && !Particle(w) {
			return namedPlain(makes, strings.Trim(w, ".'"))
		}
	}
	return false
}

// makes stand behind titles and are goods, shops and programs: Dr. Pepper, MS Word.
var makes = setOf("pepper oetker martens scholl max fields lube clean coffee donut price bean muscle word excel office teams outlook windows access powerpoint project paint dos lanka president speaker chairman chairperson mayor " +
	"who usa lankan lankans river american african asian european arab pacific alley universe world " +
	"müşterimiz müşterilerimiz müşteri yetkili yetkililer üyemiz üyelerimiz misafirimiz misafirlerimiz velimiz velilerimiz kullanıcımız abonemiz bakan bakanım başkan başkanım müdür müdürüm vekilim hocam komutanım yolcularımız " +
	"directeur directrice président présidente maire ministre juge procureur notaire préfet client cliente direktor direktorin präsident minister kollege kollegin bürgermeister kunde kundin " +
	"presidente diretor diretora ministro prefeito juiz deputado secretário motorista condutor passageiro usuário consumidor conductor director directora alcalde juez usuario usuaria pasajero pasajera socio socia vecino asegurado direttore sindaco professore avvocato " +
	"prezes dyrektor kierownik prezydent kierowca burmistrz директор президент министр полковник майор генерал пассажир клиент водитель председатель начальник")

var (
	// behalf stand before a word for a name where somebody is named: "a nombre de Alma", "au nom de Luc".
	behalf    = setOf("a al au en em in im op à na u v")
	belonging = setOf("der des die de del la las los do da dos das du di della dello degli dei van het na u i ya wa")
	bareName  = setOf("name nachname vorname namen nombre nombres nome nomes nom noms naam jméno meno ime jina име имя nama")
)

// accented reports a word that is a title but for its accents: a photo is "ảnh" in
// Vietnam, a brother "anh".
func accented(w string) bool {
	switch w {
	case "bên", "Bên", "bến", "Bến", "bền", "ảnh", "Ảnh", "ánh", "chỉ", "Chỉ", "chí", "đơn", "Đơn", "đón", "bá", "bả":
		return true
	}
	return false
}
