package shape

import (
	_ "embed"
	"sync"
)

//go:embed givennames.txt
var givenText string

var givenNames = sync.OnceValue(func() *set { return setOf(uncommented(givenText)) })

// particles stand in small letters within names.
var particles = setOf("de da do dos das del della dello di du des la las le lo los van von der den het ter ten zu zur bin ibn bint binti al el abu ben dos af av y ap vom zum aan 't ter vande mac")

// arabParts stand before a part of a name and belong to it: son of, daughter of.
var arabParts = setOf("بن بنت ابن عبد أبو ابو آل")

//go:embed notnames.txt
var notNameText string

// notNames are words that follow "name" or "I am" and are none, in any case.
var notNames = setOf(uncommented(notNameText))

// stops are words of scripts without capitals that end a name.
var stops = setOf("غير صحيح خطأ خاطئ غلط مكتوب مكتوبة ناقص ليس مش مو ما ماذا هذا هذه يرجى نود المحترم لقد تم سوف موجود لا لم المنتج الشركة چیست اشتباه شما نیست לא מה שגוי נכון " +
	"क्या गलत बदलना बताओ बताइए लिखा नहीं ही भी तो सही কি ভুল না என்ன தவறு ఏమిటి తప్పు " +
	"يوم الأحد الاحد الاثنين الإثنين الثلاثاء الأربعاء الاربعاء الخميس الجمعة السبت غدا بكرة اليوم الساعة و من في على هو هي انا أنا رقم رقمي ورقمي ورقم هاتفي وهاتفي وعنواني عنواني أريد اريد ابغى عندي لدي واريد وأريد كيف مع الى إلى وأنا وانا وعندي " +
	"نے تھے تھا تھی کو کے پر میں را باید شده دارد " +
	"است هستم هست از به با شماره ام میخواهم می ہے ہوں اور میرا میری کا کی سے نمبر " +
	"אני ואני הוא היא מספר טלפון הטלפון ומספר שלי רוצה של עם גר גרה " +
	"है हूँ हूं हैं और मेरा मेरी मेरे फोन मोबाइल नंबर से का की के को में जी पता " +
	"এবং আমার ফোন নম্বর থেকে হলো மற்றும் என் எண் மరియు నా మరియు ఫోన్")

// surnames of China and of Korea that begin most names there.
const (
	hanSurnames = "王李张劉刘陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋傅" +
		"方欧歐白邹鄒孟熊秦邱江尹薛闫段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯"
	// surnames of China of two characters
	twoHanSurnames = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 长孙 長孫 宇文 司徒 端木 独孤 南宫 西门 东方 "
	kanaSurnames   = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 " +
		"藤井 金子 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田 酒井 宮崎 横山 高木 安藤 宮本 大野 小島 工藤 谷口 今井 高田 増田 丸山 杉山 村田 大塚 新井 小山 平野 藤本 河野 上野 野口 武田 松井 千葉 菅原 岩崎 久保 木下 佐野 野村 松尾 菊地 市川 渡邊 桜井 櫻井 大西 岩本 吉川 松原 川口 永井 北村 中西 西田 五十嵐 浅野 福島 安田 秋山 辻 服部 川崎 飯田 荒木 大久保 久保田 本田 熊谷 野田 松永 岡崎 小松 宮田 大橋 石原 古川 小池 須藤 望月 桑原 片山 吉岡 大谷 川村"
	hangulSurnames = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
	hanStops       = "，。的是在想要了我有来來请請很这這那和与與也住电電手身今先您你他她吗嗎呢吧啊，"
)
