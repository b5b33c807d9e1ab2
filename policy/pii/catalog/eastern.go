package catalog

import "postern/policy/pii/check"

// eastern are rows of Russia and Ukraine.
var eastern = []Row{
	{
		Name: "RU_INN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "############", Check: check.INNPerson, OneIn: 99},
			{Shape: "#### #### ####", Check: check.INNPerson, OneIn: 99},
			{Shape: "#### ###### ##", Check: check.INNPerson, OneIn: 99},
		},
		Labels: []string{"ru_inn"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "ИНН 196513570423",
		Source:  "ФНС, приказ ЕД-7-14/559@",
	},
	{
		Name: "RU_INN_ORG", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "##########", Check: check.INNCompany, OneIn: 10},
		},
		Labels: []string{"ru_inn"}, Weak: []string{"tax"},
		Example: "ИНН 8312786539",
		Source:  "ФНС, приказ ЕД-7-14/559@",
	},
	{
		Name: "RU_SNILS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "###-###-### ##", Check: check.SNILS, OneIn: 100, Alone: true},
			{Shape: "###-###-###-##", Check: check.SNILS, OneIn: 100},
			{Shape: "### ### ### ##", Check: check.SNILS, OneIn: 100},
		},
		Labels: []string{"ru_snils"}, Weak: []string{"id"}, Needs: Prior,
		Example: "СНИЛС 178-466-678 37",
		Source:  "ПФР, постановление 192п",
	},
	{
		Name: "RU_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "#### ######"},
			{Shape: "## ## ######"},
			{Shape: "####-######"},
		},
		Labels: []string{"ru_passport"}, Weak: []string{"passport", "id"},
		Example: "паспорт 4510 123456",
		Source:  "Постановление Правительства 828 от 08.07.1997",
	},
	{
		Name: "RU_ZAGRAN", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "## #######"},
			{Shape: "#########"},
		},
		Labels: []string{"ru_zagran"}, Weak: []string{"passport"},
		Example: "загранпаспорт 75 1234567",
		Source:  "МВД",
	},
	{
		Name: "RU_VU", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "## ## ######"},
			{Shape: "####@@######"},
			{Shape: "## @@ ######"},
			{Shape: "#### ######"},
		},
		Labels: []string{"ru_vu"}, Weak: []string{"licence"},
		Example: "водительское удостоверение 99 12 345678",
		Source:  "МВД, приказ 365",
	},
	{
		Name: "RU_OMS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "#### #### #### ####"},
			{Shape: "################"},
		},
		Labels: []string{"ru_oms"}, Weak: []string{"health"},
		Example: "полис ОМС 7712345678901234",
		Source:  "Минздрав; Федеральный закон 326-ФЗ",
	},
	{
		Name: "RU_OGRN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "#############", Check: check.OGRN, OneIn: 11},
			{Shape: "###############", Check: check.OGRN, OneIn: 50},
		},
		Labels:  []string{"ru_ogrn"},
		Example: "ОГРН 8837818470503",
		Source:  "ФНС",
	},
	{
		Name: "RU_BIK", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "04#######"},
		},
		Labels: []string{"ru_bik"}, Weak: []string{"account"},
		Example: "БИК 044525225",
		Source:  "Банк России, 762-П",
	},
	{
		Name: "RU_SCHET", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"RU"},
		Forms: []Form{
			{Shape: "####################", Check: check.RussianAccount, OneIn: 5786},
			{Shape: "##### ### # #### #######", Check: check.RussianAccount, OneIn: 5786},
			{Shape: "##### ##### ##### #####", Check: check.RussianAccount, OneIn: 5786},
			{Shape: "#### #### #### #### ####", Check: check.RussianAccount, OneIn: 5786},
			{Shape: "#####.###.#.####.#######", Check: check.RussianAccount, OneIn: 5786},
		},
		Labels: []string{"ru_schet"}, Weak: []string{"account"}, Needs: Prior,
		Example: "р/с 40824944561664758375",
		Source:  "Банк России, 809-П",
	},
	{
		Name: "UA_RNOKPP", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "##########", Check: check.RNOKPP, OneIn: 22},
		},
		Labels: []string{"ua_rnokpp"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "мій ІПН 2089185035",
		Source:  "Мінфін, наказ 822/2017",
	},
	{
		Name: "UA_UNZR", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "########-#####", Check: check.UNZR, OneIn: 17480},
			{Shape: "######## #####", Check: check.UNZR, OneIn: 17480},
		},
		Labels: []string{"ua_unzr"}, Weak: []string{"id"}, Needs: Prior,
		Example: "УНЗР 19910226-34566",
		Source:  "Закон 5492-VI",
	},
	{
		Name: "UA_PASPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
			{Shape: "######"},
		},
		Labels: []string{"ua_pasport"}, Weak: []string{"passport", "id"},
		Example: "паспорт AB 123456",
		Source:  "Постанова Верховної Ради 2503-XII",
	},
	{
		Name: "UA_ID_CARD", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"ua_id_card"}, Weak: []string{"id"},
		Example: "ID-картка 001234567",
		Source:  "Закон 5492-VI",
	},
	{
		Name: "UA_ZAKORDON", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
			{Shape: "######"},
		},
		Labels: []string{"ua_zakordon"}, Weak: []string{"passport"},
		Example: "закордонний паспорт FE123456",
		Source:  "ДМС",
	},
	{
		Name: "UA_POSVIDCHENNIA", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "@@@######"},
			{Shape: "@@@ ######"},
			{Shape: "######"},
		},
		Labels: []string{"ua_posvidchennia"}, Weak: []string{"licence"},
		Example: "водійське посвідчення BXA123456",
		Source:  "МВС",
	},
	{
		Name: "UA_EDRPOU", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"UA"},
		Forms: []Form{
			{Shape: "########", Check: check.EDRPOU, OneIn: 10},
		},
		Labels:  []string{"ua_edrpou"},
		Example: "ЄДРПОУ 02653120",
		Source:  "Держстат",
	},
}
