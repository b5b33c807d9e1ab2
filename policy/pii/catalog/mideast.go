package catalog

import "postern/policy/pii/check"

// mideast are rows of Türkiye, Israel, Iran, Iraq, Jordan and Lebanon.
var mideast = []Row{
	{
		Name: "TR_TCKN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "###########", Check: check.TCKimlik, OneIn: 116},
			{Shape: "### ### ### ##", Check: check.TCKimlik, OneIn: 116},
		},
		Labels: []string{"tr_tckn"}, Weak: []string{"id"}, Needs: Prior,
		Example: "TC kimlik no 59434056848",
		Source:  "NVİ; 5490 sayılı Kanun",
	},
	{
		Name: "TR_VKN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "##########", Check: check.VKN, OneIn: 10},
			{Shape: "### ### ## ##", Check: check.VKN, OneIn: 10},
		},
		Labels: []string{"tr_vkn"}, Weak: []string{"tax"},
		Example: "vergi no 5974185935",
		Source:  "GİB; VUK 167",
	},
	{
		Name: "TR_PASAPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@ ########"},
		},
		Labels: []string{"tr_pasaport"}, Weak: []string{"passport"},
		Example: "pasaport no U12345678",
		Source:  "NVİ; ICAO Doc 9303",
	},
	{
		Name: "TR_KIMLIK_SERI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "@##@#####"},
			{Shape: "@## #####"},
			{Shape: "@##-######"},
			{Shape: "@########"},
		},
		Labels: []string{"tr_kimlik_seri"}, Weak: []string{"id"},
		Example: "kimlik seri no A12B34567",
		Source:  "NVİ",
	},
	{
		Name: "TR_EHLIYET", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "######"},
		},
		Labels: []string{"tr_ehliyet"}, Weak: []string{"licence"},
		Example: "ehliyet belge no 123456",
		Source:  "NVİ",
	},
	{
		Name: "TR_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "#{7,16}"},
			{Shape: "####-#######"},
			{Shape: "#### #######"},
		},
		Labels: []string{"tr_account"}, Weak: []string{"account"},
		Example: "hesap no 1234-5678901",
		Source:  "TCMB; bankalarda ortak kural yok",
	},
	{
		Name: "TR_SGK", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"TR"},
		Forms: []Form{
			{Shape: "#############"},
			{Shape: "##########"},
		},
		Labels: []string{"tr_sgk"}, Weak: []string{"health"},
		Example: "SGK sicil no 1234567890123",
		Source:  "SGK",
	},
	{
		Name: "IL_ID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IL"},
		Forms: []Form{
			{Shape: "#########", Check: check.TeudatZehut, OneIn: 10},
			{Shape: "#-#######-#", Check: check.TeudatZehut, OneIn: 10},
			{Shape: "########-#", Check: check.TeudatZehut, OneIn: 10},
		},
		Labels: []string{"il_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "תעודת זהות 568824775",
		Source:  "רשות האוכלוסין וההגירה",
	},
	{
		Name: "IL_DARKON", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IL"},
		Forms: []Form{
			{Shape: "########"},
			{Shape: "#########"},
		},
		Labels: []string{"il_darkon"}, Weak: []string{"passport"},
		Example: "מספר דרכון 12345678",
		Source:  "רשות האוכלוסין וההגירה",
	},
	{
		Name: "IL_RISHAYON", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"IL"},
		Forms: []Form{
			{Shape: "#######"},
			{Shape: "########"},
		},
		Labels: []string{"il_rishayon"}, Weak: []string{"licence"},
		Example: "רישיון נהיגה 1234567",
		Source:  "משרד התחבורה",
	},
	{
		Name: "IL_COMPANY", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"IL"},
		Forms: []Form{
			{Shape: "5########", Check: check.TeudatZehut, OneIn: 10},
			{Shape: "5#-######-#", Check: check.TeudatZehut, OneIn: 10},
		},
		Labels: []string{"il_company"}, Weak: []string{"tax"},
		Example: "ח.פ. 560483471",
		Source:  "רשות התאגידים",
	},
	{
		Name: "IL_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"IL"},
		Forms: []Form{
			{Shape: "##-###-######"},
			{Shape: "##-###-#######"},
			{Shape: "##-###-########"},
			{Shape: "#{6,9}"},
		},
		Labels: []string{"il_account"}, Weak: []string{"account"},
		Example: "חשבון בנק 12-345-678901",
		Source:  "בנק ישראל",
	},
	{
		Name: "IR_MELLI", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IR"},
		Forms: []Form{
			{Shape: "##########", Check: check.Melli, OneIn: 10},
			{Shape: "###-######-#", Check: check.Melli, OneIn: 10},
		},
		Labels: []string{"ir_melli"}, Weak: []string{"id"}, Needs: Prior,
		Example: "کد ملی 4309338429",
		Source:  "سازمان ثبت احوال کشور",
	},
	{
		Name: "IR_COMPANY", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"IR"},
		Forms: []Form{
			{Shape: "###########", Check: check.IranianCompany, OneIn: 10},
		},
		Labels: []string{"ir_company"}, Weak: []string{"tax"},
		Example: "شناسه ملی 27414037648",
		Source:  "سازمان ثبت اسناد و املاک",
	},
	{
		Name: "IR_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IR"},
		Forms: []Form{
			{Shape: "@########"},
		},
		Labels: []string{"ir_passport"}, Weak: []string{"passport"},
		Example: "شماره گذرنامه A12345678",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "IR_GOVAHINAMEH", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"IR"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"ir_govahinameh"}, Weak: []string{"licence"},
		Example: "گواهینامه رانندگی 9012345678",
		Source:  "راهور",
	},
	{
		Name: "IR_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"IR"},
		Forms: []Form{
			{Shape: "#{8,19}"},
		},
		Labels: []string{"ir_account"}, Weak: []string{"account"},
		Example: "شماره حساب 0123456789012",
		Source:  "بانک مرکزی",
	},
	{
		Name: "IQ_NATIONAL", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"IQ"},
		Forms: []Form{
			{Shape: "############"},
		},
		Labels: []string{"arab_id"}, Weak: []string{"id"},
		Example: "رقم البطاقة الوطنية 199012345678",
		Source:  "مديرية الأحوال المدنية",
	},
	{
		Name: "IQ_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IQ"},
		Forms: []Form{
			{Shape: "@########"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز A12345678",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "JO_NATIONAL", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"JO"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"arab_id", "jo_national"}, Weak: []string{"id"},
		Example: "الرقم الوطني 9851012345",
		Source:  "دائرة الأحوال المدنية والجوازات",
	},
	{
		Name: "JO_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"JO"},
		Forms: []Form{
			{Shape: "@######"},
			{Shape: "@#######"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم الجواز T123456",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "LB_SIJIL", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"LB"},
		Forms: []Form{
			{Shape: "############"},
		},
		Labels: []string{"arab_id"}, Weak: []string{"id"},
		Example: "رقم الهوية 000012345678",
		Source:  "المديرية العامة للأحوال الشخصية",
	},
}
