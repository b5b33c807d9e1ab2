package catalog

import "postern/policy/pii/check"

// maghreb are rows of Egypt, Libya, Tunisia, Algeria and Morocco.
var maghreb = []Row{
	{
		Name: "EG_NID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"EG"},
		Forms: []Form{
			{Shape: "2#############", Check: check.EgyptianID, OneIn: 99},
			{Shape: "3#############", Check: check.EgyptianID, OneIn: 166},
			{Shape: "# ###### ## #####", Check: check.EgyptianID, OneIn: 594},
		},
		Labels: []string{"eg_nid", "arab_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "الرقم القومي 24002151445473",
		Source:  "قانون الأحوال المدنية 143/1994",
	},
	{
		Name: "EG_TAX", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"EG"},
		Forms: []Form{
			{Shape: "###-###-###"},
			{Shape: "#########"},
		},
		Labels: []string{"arab_tax"}, Weak: []string{"tax"},
		Example: "الرقم الضريبي 123-456-789",
		Source:  "مصلحة الضرائب المصرية",
	},
	{
		Name: "EG_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"EG"},
		Forms: []Form{
			{Shape: "@########"},
		},
		Labels: []string{"arab_passport"}, Weak: []string{"passport"},
		Example: "رقم جواز السفر A12345678",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "EG_LICENCE", Type: Licence, Class: Labelled, Tier: 3, Countries: []string{"EG"},
		Forms: []Form{
			{Shape: "##############"},
		},
		Labels: []string{"arab_licence"}, Weak: []string{"licence"},
		Example: "رخصة القيادة 29001010123456",
		Source:  "إدارة المرور",
	},
	{
		Name: "MA_CIN", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"MA"},
		Forms: []Form{
			{Shape: "@######"},
			{Shape: "@#####"},
			{Shape: "@@######"},
			{Shape: "@@#####"},
		},
		Labels: []string{"ma_cin"}, Weak: []string{"id"},
		Example: "CIN AB123456",
		Source:  "DGSN; loi 04-20",
	},
	{
		Name: "MA_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"MA"},
		Forms: []Form{
			{Shape: "@@#######"},
		},
		Labels: []string{"maghreb_passport", "arab_passport"}, Weak: []string{"passport"},
		Example: "passeport AB1234567",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "MA_RIB", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"MA"},
		Forms: []Form{
			{Shape: "### ### ################ ##", Check: check.RIB97, OneIn: 92},
			{Shape: "########################", Check: check.RIB97, OneIn: 92},
			{Shape: "### ### #### #### #### #### ##", Check: check.RIB97, OneIn: 92},
		},
		Labels: []string{"maghreb_rib"}, Weak: []string{"account"}, Needs: Nothing,
		Example: "RIB 299 640 6717050568741796 42",
		Source:  "Bank Al-Maghrib",
	},
	{
		Name: "MA_ICE", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"MA"},
		Forms: []Form{
			{Shape: "###############", Check: check.ICE, OneIn: 100},
		},
		Labels: []string{"ma_ice"}, Weak: []string{"tax"},
		Example: "ICE 258059413156982",
		Source:  "OMPIC; décret 2-11-63",
	},
	{
		Name: "MA_CNSS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"MA"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"ma_cnss"}, Weak: []string{"health"},
		Example: "CNSS 123456789",
		Source:  "CNSS",
	},
	{
		Name: "DZ_NIN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DZ"},
		Forms: []Form{
			{Shape: "##################", Check: check.AlgerianNIN, OneIn: 36},
		},
		Labels: []string{"dz_nin"}, Weak: []string{"id"},
		Example: "رقم التعريف الوطني 299750214866498000",
		Source:  "Ministère de l’Intérieur",
	},
	{
		Name: "DZ_NIF", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"DZ"},
		Forms: []Form{
			{Shape: "###############"},
			{Shape: "####################"},
		},
		Labels: []string{"dz_nif"}, Weak: []string{"tax"},
		Example: "NIF 000016001234567",
		Source:  "DGI",
	},
	{
		Name: "DZ_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"DZ"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"maghreb_passport", "arab_passport"}, Weak: []string{"passport"},
		Example: "passeport 123456789",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "DZ_RIP", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"DZ", "TN"},
		Forms: []Form{
			{Shape: "####################", Check: check.RIB97, OneIn: 97},
			{Shape: "## ### ############# ##", Check: check.RIB97, OneIn: 97},
			{Shape: "### ##### ########## ##", Check: check.RIB97, OneIn: 97},
		},
		Labels: []string{"maghreb_rib"}, Weak: []string{"account"}, Needs: Prior,
		Example: "RIP 52129568130980037278",
		Source:  "Algérie Poste; ABEF; BCT",
	},
	{
		Name: "DZ_CCP", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"DZ"},
		Forms: []Form{
			{Shape: "###### ##"},
			{Shape: "####### ##"},
			{Shape: "######## ##"},
			{Shape: "########## ##"},
		},
		Labels: []string{"dz_ccp"}, Weak: []string{"account"},
		Example: "CCP 1234567 89",
		Source:  "Algérie Poste",
	},
	{
		Name: "DZ_NSS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"DZ"},
		Forms: []Form{
			{Shape: "############"},
			{Shape: "## #### #### ##"},
		},
		Labels: []string{"dz_nss"}, Weak: []string{"health"},
		Example: "numéro de sécurité sociale 851234567812",
		Source:  "CNAS",
	},
	{
		Name: "TN_CIN", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"TN"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"tn_cin", "ma_cin"}, Weak: []string{"id"},
		Example: "بطاقة التعريف 01234567",
		Source:  "Ministère de l’Intérieur; loi 93-27",
	},
	{
		Name: "TN_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"TN"},
		Forms: []Form{
			{Shape: "@######"},
		},
		Labels: []string{"maghreb_passport", "arab_passport"}, Weak: []string{"passport"},
		Example: "passeport X123456",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "TN_MF", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"TN"},
		Forms: []Form{
			{Shape: "#######/@/@/@/###", Check: check.MatriculeFiscal, OneIn: 154},
			{Shape: "#######@@@###", Check: check.MatriculeFiscal, OneIn: 154},
			{Shape: "#######@"},
			{Shape: "#######/@"},
		},
		Labels: []string{"tn_mf"}, Weak: []string{"tax"},
		Example: "matricule fiscal 9721593/W/D/E/111",
		Source:  "Direction générale des impôts",
	},
	{
		Name: "LY_NID", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"LY"},
		Forms: []Form{
			{Shape: "1###########"},
			{Shape: "2###########"},
		},
		Labels: []string{"jo_national", "arab_id"}, Weak: []string{"id"},
		Example: "الرقم الوطني 119851234567",
		Source:  "مصلحة الأحوال المدنية",
	},
}
