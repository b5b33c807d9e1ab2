package catalog

import "postern/policy/pii/check"

// baltic are rows of Estonia, Lithuania and Latvia.
var baltic = []Row{
	{
		Name: "EE_ISIKUKOOD", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"EE"},
		Forms: []Form{
			{Shape: "###########", Check: check.Isikukood, OneIn: 337},
		},
		Labels: []string{"ee_isikukood"}, Weak: []string{"id"}, Needs: Prior,
		Example: "isikukood 19908312268",
		Source:  "EVS 585:2007",
	},
	{
		Name: "EE_DOKUMENT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"EE"},
		Forms: []Form{
			{Shape: "@@#######"},
		},
		Labels: []string{"ee_dokument"}, Weak: []string{"id"},
		Example: "ID-kaardi number AA1234567",
		Source:  "PPA",
	},
	{
		Name: "EE_PASS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"EE"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@#######"},
		},
		Labels: []string{"ee_pass"}, Weak: []string{"passport"},
		Example: "passi number KE1234567",
		Source:  "PPA",
	},
	{
		Name: "EE_KMKR", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"EE"},
		Forms: []Form{
			{Shape: "EE#########", Check: check.EstonianVAT, OneIn: 10},
			{Shape: "EE #########", Check: check.EstonianVAT, OneIn: 10},
		},
		Labels: []string{"ee_kmkr"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "KMKR EE239262606",
		Source:  "EMTA",
	},
	{
		Name: "LT_ASMENS_KODAS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"LT"},
		Forms: []Form{
			{Shape: "3##########", Check: check.AsmensKodas, OneIn: 274},
			{Shape: "4##########", Check: check.AsmensKodas, OneIn: 274},
			{Shape: "5##########", Check: check.AsmensKodas, OneIn: 268},
			{Shape: "6##########", Check: check.AsmensKodas, OneIn: 278},
			{Shape: "9##########", Check: check.AsmensKodas, OneIn: 10},
			{Shape: "# ###### ####", Check: check.AsmensKodas, OneIn: 76},
		},
		Labels: []string{"lt_asmens_kodas"}, Weak: []string{"id"}, Needs: Prior,
		Example: "asmens kodas 31711020855",
		Source:  "Gyventojų registro įstatymas I-2237",
	},
	{
		Name: "LT_PASAS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"LT"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"lt_pasas"}, Weak: []string{"passport"},
		Example: "paso numeris 22345678",
		Source:  "Asmens dokumentų išrašymo centras",
	},
	{
		Name: "LT_KORTELE", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"LT"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"lt_kortele"}, Weak: []string{"id"},
		Example: "tapatybės kortelė 12345678",
		Source:  "Asmens dokumentų išrašymo centras",
	},
	{
		Name: "LT_TEISES", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"LT"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"lt_teises"}, Weak: []string{"licence"},
		Example: "vairuotojo pažymėjimas 01234567",
		Source:  "Regitra",
	},
	{
		Name: "LT_PVM", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"LT"},
		Forms: []Form{
			{Shape: "LT#########", Check: check.LithuanianVAT, OneIn: 98},
			{Shape: "LT############", Check: check.LithuanianVAT, OneIn: 101},
			{Shape: "LT #########", Check: check.LithuanianVAT, OneIn: 98},
		},
		Labels: []string{"lt_pvm"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "PVM kodas LT886713012",
		Source:  "VMI",
	},
	{
		Name: "LV_PERSONAS_KODS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"LV"},
		Forms: []Form{
			{Shape: "######-#####", Check: check.PersonasKods, OneIn: 470},
			{Shape: "###### #####", Check: check.PersonasKods, OneIn: 470},
		},
		Labels: []string{"lv_personas_kods"}, Weak: []string{"id"}, Needs: Prior,
		Example: "personas kods 329121-86538",
		Source:  "Fizisko personu reģistra likums",
	},
	{
		Name: "LV_PASE", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"LV"},
		Forms: []Form{
			{Shape: "@@#######"},
		},
		Labels: []string{"lv_pase"}, Weak: []string{"passport"},
		Example: "pases numurs LV1234567",
		Source:  "PMLP",
	},
	{
		Name: "LV_PVN", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"LV"},
		Forms: []Form{
			{Shape: "LV###########", Check: check.LatvianVAT, OneIn: 18},
			{Shape: "LV ###########", Check: check.LatvianVAT, OneIn: 18},
		},
		Labels: []string{"lv_pvn"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "PVN LV82707091195",
		Source:  "VID",
	},
}
