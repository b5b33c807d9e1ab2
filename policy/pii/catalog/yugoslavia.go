package catalog

import "postern/policy/pii/check"

// yugoslavia are rows of the successors of Yugoslavia, Albania and Kosovo.
var yugoslavia = []Row{
	{
		Name: "HR_OIB", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "###########", Check: check.OIB, OneIn: 10},
		},
		Labels: []string{"hr_oib"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "OIB: 17070444810",
		Source:  "Zakon o osobnom identifikacijskom broju",
	},
	{
		Name: "HR_PDV", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "HR###########", Check: check.OIB, OneIn: 10},
			{Shape: "HR ###########", Check: check.OIB, OneIn: 10},
		},
		Labels: []string{"hr_oib"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "PDV ID HR52590872113",
		Source:  "Porezna uprava",
	},
	{
		Name: "HR_JMBG", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "#############", Check: check.JMBGCroatia, OneIn: 2783},
		},
		Labels: []string{"jmbg"}, Weak: []string{"id"}, Needs: Prior,
		Example: "JMBG 0511962376945",
		Source:  "Zakon o matičnom broju",
	},
	{
		Name: "HR_OSOBNA", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"hr_osobna"}, Weak: []string{"id"},
		Example: "broj osobne iskaznice 112345678",
		Source:  "Zakon o osobnoj iskaznici",
	},
	{
		Name: "HR_PUTOVNICA", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"yu_passport"}, Weak: []string{"passport"},
		Example: "putovnica 012345678",
		Source:  "Zakon o putnim ispravama",
	},
	{
		Name: "HR_VOZACKA", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"yu_licence"}, Weak: []string{"licence"},
		Example: "vozačka dozvola 12345678",
		Source:  "MUP",
	},
	{
		Name: "HR_MBO", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"HR"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"hr_mbo"}, Weak: []string{"health"},
		Example: "MBO osigurane osobe 123456789",
		Source:  "HZZO",
	},
	{
		Name: "SI_EMSO", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "#############", Check: check.EMSO, OneIn: 2685},
			{Shape: "####### ######", Check: check.EMSO, OneIn: 2685},
		},
		Labels: []string{"si_emso"}, Weak: []string{"id"}, Needs: Prior,
		Example: "EMŠO 2406537547379",
		Source:  "Zakon o centralnem registru prebivalstva",
	},
	{
		Name: "SI_DAVCNA", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "########", Check: check.Davcna, OneIn: 12},
		},
		Labels: []string{"si_davcna"}, Weak: []string{"tax"},
		Example: "davčna številka 54983959",
		Source:  "FURS; ZDavP-2",
	},
	{
		Name: "SI_DDV", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "SI########", Check: check.Davcna, OneIn: 12},
			{Shape: "SI ########", Check: check.Davcna, OneIn: 12},
		},
		Labels: []string{"si_davcna"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "ID za DDV SI17611334",
		Source:  "FURS",
	},
	{
		Name: "SI_OSEBNA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "@@#######"},
		},
		Labels: []string{"si_osebna"}, Weak: []string{"id"},
		Example: "osebna izkaznica 001234567",
		Source:  "Zakon o osebni izkaznici",
	},
	{
		Name: "SI_POTNI_LIST", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "@@#######"},
		},
		Labels: []string{"si_potni_list"}, Weak: []string{"passport"},
		Example: "potni list PB1234567",
		Source:  "Zakon o potnih listinah",
	},
	{
		Name: "SI_VOZNISKO", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "@@#######"},
		},
		Labels: []string{"si_voznisko"}, Weak: []string{"licence"},
		Example: "vozniško dovoljenje 123456789",
		Source:  "Zakon o voznikih",
	},
	{
		Name: "SI_ZZZS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"si_zzzs"}, Weak: []string{"health"},
		Example: "ZZZS številka 031234567",
		Source:  "ZZZS",
	},
	{
		Name: "SI_TRR", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"SI"},
		Forms: []Form{
			{Shape: "#####-##########", Check: check.Account97, OneIn: 96},
			{Shape: "##### #### #### ##", Check: check.Account97, OneIn: 96},
		},
		Labels: []string{"si_trr"}, Weak: []string{"account"},
		Example: "TRR 10135-2108684772",
		Source:  "Banka Slovenije",
	},
	{
		Name: "RS_JMBG", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "#############", Check: check.JMBGSerbia, OneIn: 697},
		},
		Labels: []string{"jmbg"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ЈМБГ 2309712063171",
		Source:  "Закон о јединственом матичном броју грађана",
	},
	{
		Name: "RS_PIB", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "#########", Check: check.PIB, OneIn: 11},
		},
		Labels: []string{"pib"}, Weak: []string{"tax"},
		Example: "PIB 727733392",
		Source:  "Poreska uprava",
	},
	{
		Name: "RS_LICNA_KARTA", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "############"},
		},
		Labels: []string{"yu_id_card"}, Weak: []string{"id"},
		Example: "broj lične karte 012345678",
		Source:  "MUP Srbije",
	},
	{
		Name: "RS_PASOS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"yu_passport"}, Weak: []string{"passport"},
		Example: "broj pasoša 012345678",
		Source:  "MUP Srbije",
	},
	{
		Name: "RS_VOZACKA", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"yu_licence"}, Weak: []string{"licence"},
		Example: "vozačka dozvola 012345678",
		Source:  "MUP Srbije",
	},
	{
		Name: "RS_LBO", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"RS"},
		Forms: []Form{
			{Shape: "###########"},
		},
		Labels: []string{"rs_lbo"}, Weak: []string{"health"},
		Example: "LBO 12345678901",
		Source:  "RFZO",
	},
	{
		Name: "RS_RACUN", Type: BankAccount, Class: Supported, Tier: 2, Countries: []string{"RS", "ME"},
		Forms: []Form{
			{Shape: "###-#############-##", Check: check.Account97, OneIn: 100},
			{Shape: "### ############# ##", Check: check.Account97, OneIn: 100},
		},
		Labels: []string{"yu_account"}, Weak: []string{"account"}, Needs: Prior,
		Example: "žiro račun 566-5111520250456-67",
		Source:  "NBS; CBCG",
	},
	{
		Name: "BA_JMBG", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BA"},
		Forms: []Form{
			{Shape: "#############", Check: check.JMBGBosnia, OneIn: 2664},
		},
		Labels: []string{"jmbg"}, Weak: []string{"id"}, Needs: Prior,
		Example: "JMB 1807050176651",
		Source:  "Zakon o jedinstvenom matičnom broju BiH",
	},
	{
		Name: "BA_JIB", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BA"},
		Forms: []Form{
			{Shape: "4############"},
		},
		Labels: []string{"ba_jib"}, Weak: []string{"tax"},
		Example: "JIB 4200123450001",
		Source:  "UIO BiH",
	},
	{
		Name: "BA_LICNA_KARTA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BA"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "*{8,9}"},
		},
		Labels: []string{"yu_id_card"}, Weak: []string{"id"},
		Example: "broj lične karte 123ABC456",
		Source:  "IDDEEA",
	},
	{
		Name: "BA_PASOS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"BA"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "########"},
		},
		Labels: []string{"yu_passport"}, Weak: []string{"passport"},
		Example: "broj pasoša A1234567",
		Source:  "IDDEEA",
	},
	{
		Name: "BA_RACUN", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"BA"},
		Forms: []Form{
			{Shape: "###-###-########-##", Check: check.Account97, OneIn: 96},
			{Shape: "################", Check: check.Account97, OneIn: 96},
		},
		Labels: []string{"yu_account"}, Weak: []string{"account"},
		Example: "žiro račun 182-592-64134726-57",
		Source:  "CBBH",
	},
	{
		Name: "ME_JMBG", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"ME"},
		Forms: []Form{
			{Shape: "#############", Check: check.JMBGMontenegro, OneIn: 2745},
		},
		Labels: []string{"jmbg"}, Weak: []string{"id"}, Needs: Prior,
		Example: "JMBG 2804069275795",
		Source:  "Zakon o centralnom registru stanovništva",
	},
	{
		Name: "ME_PIB", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"ME"},
		Forms: []Form{
			{Shape: "########", Check: check.MontenegroPIB, OneIn: 10},
		},
		Labels: []string{"pib"}, Weak: []string{"tax"},
		Example: "PIB 03427609",
		Source:  "Poreska uprava Crne Gore",
	},
	{
		Name: "ME_PASOS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"ME"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@@#######"},
			{Shape: "#########"},
		},
		Labels: []string{"yu_passport"}, Weak: []string{"passport"},
		Example: "pasoš A12345678",
		Source:  "MUP Crne Gore",
	},
	{
		Name: "MK_EMBG", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"MK"},
		Forms: []Form{
			{Shape: "#############", Check: check.EMBG, OneIn: 2730},
		},
		Labels: []string{"mk_embg", "jmbg"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ЕМБГ 2911434409926",
		Source:  "Закон за матичен број на граѓанинот",
	},
	{
		Name: "MK_EDB", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"MK"},
		Forms: []Form{
			{Shape: "#############", Check: check.EDB, OneIn: 50},
		},
		Labels: []string{"mk_edb"}, Weak: []string{"tax"},
		Example: "ЕДБ 4928377355994",
		Source:  "УЈП",
	},
	{
		Name: "MK_PASOSH", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"MK"},
		Forms: []Form{
			{Shape: "@#######"},
		},
		Labels: []string{"mk_pasosh", "yu_passport"}, Weak: []string{"passport"},
		Example: "пасош бр. A1234567",
		Source:  "МВР",
	},
	{
		Name: "MK_LICNA_KARTA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"MK"},
		Forms: []Form{
			{Shape: "@#######"},
		},
		Labels: []string{"mk_licna_karta", "yu_id_card"}, Weak: []string{"id"},
		Example: "лична карта A1234567",
		Source:  "МВР",
	},
	{
		Name: "MK_SMETKA", Type: BankAccount, Class: Supported, Tier: 3, Countries: []string{"MK"},
		Forms: []Form{
			{Shape: "###-##########-##", Check: check.Account97, OneIn: 100},
			{Shape: "###############", Check: check.Account97, OneIn: 100},
		},
		Labels: []string{"mk_smetka", "yu_account"}, Weak: []string{"account"},
		Example: "жиро сметка 323-3079427616-15",
		Source:  "НБРСМ",
	},
	{
		Name: "AL_NID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"AL", "XK"},
		Forms: []Form{
			{Shape: "@########@", Check: check.AlbanianID, OneIn: 11},
		},
		Labels: []string{"al_nid"}, Weak: []string{"id"}, Needs: Prior,
		Example: "numri personal P20705639N",
		Source:  "Ligji 10129/2009",
	},
	{
		Name: "AL_NIPT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AL"},
		Forms: []Form{
			{Shape: "@########@"},
		},
		Labels: []string{"al_nipt"}, Weak: []string{"tax"},
		Example: "NIPT L12345678A",
		Source:  "QKB; Drejtoria e Tatimeve",
	},
	{
		Name: "AL_PASAPORTE", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"AL"},
		Forms: []Form{
			{Shape: "@@#######"},
		},
		Labels: []string{"al_pasaporte"}, Weak: []string{"passport"},
		Example: "numri i pasaportës BA1234567",
		Source:  "Ministria e Brendshme",
	},
	{
		Name: "XK_NUMRI_PERSONAL", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"XK"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"al_nid"}, Weak: []string{"id"},
		Example: "numri personal 1234567890",
		Source:  "Ligji 02/L-121",
	},
}
