package catalog

import "postern/policy/pii/check"

// nordic are rows of Denmark, Finland and Iceland.
var nordic = []Row{
	{
		Name: "DK_CPR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "######-####", Check: check.CPR, OneIn: 27},
			{Shape: "###### ####", Check: check.CPR, OneIn: 27},
		},
		Labels: []string{"dk_cpr"}, Weak: []string{"id", "health", "us_ssn"}, Needs: Prior,
		Example: "mit CPR-nummer er 201161-9713",
		Source:  "CPR-kontoret, Personnummeret i CPR",
	},
	{
		Name: "DK_CVR", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "########", Check: check.CVR, OneIn: 12},
			{Shape: "## ## ## ##", Check: check.CVR, OneIn: 12},
		},
		Labels: []string{"dk_cvr"}, Weak: []string{"tax"},
		Example: "CVR 77442359",
		Source:  "Erhvervsstyrelsen",
	},
	{
		Name: "DK_MOMS", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "DK########", Check: check.CVR, OneIn: 12},
			{Shape: "DK ########", Check: check.CVR, OneIn: 12},
			{Shape: "DK-########", Check: check.CVR, OneIn: 12},
			{Shape: "DK ## ## ## ##", Check: check.CVR, OneIn: 12},
		},
		Labels: []string{"dk_cvr"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "SE/moms DK87232239",
		Source:  "Skattestyrelsen",
	},
	{
		Name: "DK_PAS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"nordic_passport"}, Weak: []string{"passport"},
		Example: "pasnummer 201234567",
		Source:  "Politiet",
	},
	{
		Name: "DK_KORTNUMMER", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"nordic_licence"}, Weak: []string{"licence"},
		Example: "kørekort nr. 12345678",
		Source:  "Færdselsstyrelsen",
	},
	{
		Name: "DK_KONTO", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"DK"},
		Forms: []Form{
			{Shape: "#### ##########"},
			{Shape: "####-##########"},
			{Shape: "#### #######"},
			{Shape: "####-#######"},
			{Shape: "#### ######"},
		},
		Labels: []string{"dk_konto"}, Weak: []string{"account"},
		Example: "reg. og kontonr. 1234 1234567890",
		Source:  "Finans Danmark",
	},
	{
		Name: "DK_REGNR", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"DK"},
		Forms:  []Form{{Shape: "####"}},
		Labels: []string{"dk_regnr"}, Weak: []string{"dk_branch"}, Needs: Label,
		Example: "reg.nr. 1234",
		Source:  "Finans Danmark, registreringsnumre",
	},
	{
		Name: "FI_HETU", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "######-###@", Check: check.Hetu, OneIn: 1010},
			{Shape: "######A###*", Check: check.Hetu, OneIn: 1004},
			{Shape: "######B###*", Check: check.Hetu, OneIn: 1019},
			{Shape: "######C###*", Check: check.Hetu, OneIn: 995},
			{Shape: "######D###*", Check: check.Hetu, OneIn: 995},
			{Shape: "######E###*", Check: check.Hetu, OneIn: 991},
			{Shape: "######F###*", Check: check.Hetu, OneIn: 1017},
			{Shape: "######Y###*", Check: check.Hetu, OneIn: 992},
			{Shape: "######X###*", Check: check.Hetu, OneIn: 970},
			{Shape: "######W###*", Check: check.Hetu, OneIn: 1004},
			{Shape: "######V###*", Check: check.Hetu, OneIn: 965},
			{Shape: "######U###*", Check: check.Hetu, OneIn: 992},
		},
		Labels: []string{"fi_hetu"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "hetu 111020-330Y",
		Source:  "Valtioneuvoston asetus 128/2010; DVV",
	},
	{
		Name: "FI_HETU_DIGIT", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "######-####", Check: check.Hetu, OneIn: 855},
		},
		Labels: []string{"fi_hetu"}, Weak: []string{"id"}, Needs: Prior,
		Example: "henkilötunnus 111276-4906",
		Source:  "Valtioneuvoston asetus 128/2010; DVV",
	},
	{
		Name: "FI_YTUNNUS", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "#######-#", Check: check.YTunnus, OneIn: 11},
		},
		Labels: []string{"fi_ytunnus"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "y-tunnus 3663855-9",
		Source:  "PRH; YTJ",
	},
	{
		Name: "FI_ALV", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "FI########", Check: check.YTunnus, OneIn: 11},
			{Shape: "FI ########", Check: check.YTunnus, OneIn: 11},
		},
		Labels: []string{"fi_ytunnus"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "ALV-numero FI60070393",
		Source:  "Verohallinto",
	},
	{
		Name: "FI_PASSI", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@########"},
		},
		Labels: []string{"fi_passi"}, Weak: []string{"passport"},
		Example: "passin numero PP1234567",
		Source:  "Poliisi",
	},
	{
		Name: "FI_HENKILOKORTTI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"FI"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "#########"},
		},
		Labels: []string{"fi_henkilokortti"}, Weak: []string{"id"},
		Example: "henkilökortti 123456789",
		Source:  "Poliisi",
	},
	{
		Name: "IS_KENNITALA", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IS"},
		Forms: []Form{
			{Shape: "######-####", Check: check.Kennitala, OneIn: 744},
			{Shape: "###### ####", Check: check.Kennitala, OneIn: 744},
		},
		Labels: []string{"is_kennitala"}, Weak: []string{"id"}, Needs: Prior,
		Example: "kennitala 510285-3019",
		Source:  "Þjóðskrá; lög 140/2019",
	},
	{
		Name: "IS_KENNITALA_2026", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"IS"},
		Forms: []Form{
			{Shape: "######-####", Check: check.Kennitala2026, OneIn: 68},
			{Shape: "###### ####", Check: check.Kennitala2026, OneIn: 68},
			{Shape: "8#####-####"},
			{Shape: "9#####-####"},
		},
		Labels: []string{"is_kennitala"}, Weak: []string{"id"},
		Example: "kennitala 290533-5989",
		Source:  "Þjóðskrá, kennitölur án vartölu, 18.2.2026",
	},
	{
		Name: "IS_VEGABREF", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IS"},
		Forms: []Form{
			{Shape: "@#######"},
		},
		Labels: []string{"is_vegabref"}, Weak: []string{"passport"},
		Example: "vegabréf A1234567",
		Source:  "Þjóðskrá",
	},
	{
		Name: "IS_REIKNINGUR", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"IS"},
		Forms: []Form{
			{Shape: "####-##-######"},
			{Shape: "#### ## ######"},
		},
		Labels: []string{"is_reikningur"}, Weak: []string{"account"},
		Example: "reikningsnúmer 0123-26-001234",
		Source:  "RB; Seðlabanki Íslands",
	},
}
