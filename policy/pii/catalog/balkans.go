package catalog

import "postern/policy/pii/check"

// balkans are rows of Bulgaria, Greece, Cyprus and Malta.
var balkans = []Row{
	{
		Name: "BG_EGN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "##########", Check: check.EGN, OneIn: 89},
		},
		Labels: []string{"bg_egn"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ЕГН: 3144279524",
		Source:  "ГРАО; Наредба РД-02-20-9/2012",
	},
	{
		Name: "BG_LNCH", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "##########", Check: check.LNCh, OneIn: 10},
		},
		Labels: []string{"bg_lnch"}, Weak: []string{"id"},
		Example: "ЛНЧ 9592590386",
		Source:  "ГРАО",
	},
	{
		Name: "BG_LICHNA_KARTA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "@@#######"},
		},
		Labels: []string{"bg_lichna_karta"}, Weak: []string{"id"},
		Example: "лична карта № 641234567",
		Source:  "Закон за българските лични документи",
	},
	{
		Name: "BG_PASPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"bg_pasport"}, Weak: []string{"passport"},
		Example: "номер на паспорт 381234567",
		Source:  "Закон за българските лични документи",
	},
	{
		Name: "BG_KNIZHKA", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"bg_knizhka"}, Weak: []string{"licence"},
		Example: "шофьорска книжка 282345678",
		Source:  "Закон за българските лични документи",
	},
	{
		Name: "BG_EIK", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "#########", Check: check.Bulstat, OneIn: 10},
		},
		Labels: []string{"bg_eik"}, Weak: []string{"tax"},
		Example: "ЕИК 974236084",
		Source:  "Агенция по вписванията",
	},
	{
		Name: "BG_DDS", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"BG"},
		Forms: []Form{
			{Shape: "BG#########", Check: check.Bulstat, OneIn: 10},
			{Shape: "BG ### ### ###", Check: check.Bulstat, OneIn: 10},
		},
		Labels: []string{"bg_eik"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "ДДС номер BG523002435",
		Source:  "НАП",
	},
	{
		Name: "GR_AMKA", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "###########", Check: check.AMKA, OneIn: 280},
			{Shape: "######-#####", Check: check.AMKA, OneIn: 280},
			{Shape: "######/#####", Check: check.AMKA, OneIn: 280},
			{Shape: "###### #####", Check: check.AMKA, OneIn: 280},
		},
		Labels: []string{"gr_amka"}, Weak: []string{"id", "health"}, Needs: Prior,
		Example: "ΑΜΚΑ: 14080196422",
		Source:  "ΗΔΙΚΑ; ν. 3655/2008",
	},
	{
		Name: "GR_AFM", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "#########", Check: check.AFM, OneIn: 10},
		},
		Labels: []string{"gr_afm"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "ΑΦΜ 233789693",
		Source:  "ΑΑΔΕ",
	},
	{
		Name: "GR_VAT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "EL#########", Check: check.AFM, OneIn: 10},
			{Shape: "GR#########", Check: check.AFM, OneIn: 10},
			{Shape: "EL ### ### ###", Check: check.AFM, OneIn: 10},
			{Shape: "EL-#########", Check: check.AFM, OneIn: 10},
		},
		Labels: []string{"gr_afm"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "VAT EL976758040",
		Source:  "ΑΑΔΕ",
	},
	{
		Name: "GR_PERSONAL", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "**@#########", Check: check.GreekPersonal, OneIn: 10},
			{Shape: "**@ #########", Check: check.GreekPersonal, OneIn: 10},
		},
		Labels: []string{"gr_personal"}, Weak: []string{"id"}, Needs: Prior,
		Example: "Προσωπικός Αριθμός 74W625527227",
		Source:  "ν. 4727/2020, άρθρο 11",
	},
	{
		Name: "GR_ADT", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "@@######"},
			{Shape: "@@ ######"},
			{Shape: "@@-######"},
			{Shape: "@######"},
			{Shape: "@@#######"},
			{Shape: "######"},
		},
		Labels: []string{"gr_adt"}, Weak: []string{"id"},
		Example: "αριθμός ταυτότητας AB 123456",
		Source:  "Ελληνική Αστυνομία",
	},
	{
		Name: "GR_DIAVATIRIO", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@@ #######"},
		},
		Labels: []string{"gr_diavatirio"}, Weak: []string{"passport"},
		Example: "διαβατήριο AE1234567",
		Source:  "Ελληνική Αστυνομία",
	},
	{
		Name: "GR_DIPLOMA", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"gr_diploma"}, Weak: []string{"licence"},
		Example: "δίπλωμα οδήγησης 123456789",
		Source:  "Υπουργείο Μεταφορών",
	},
	{
		Name: "GR_AMA", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"GR"},
		Forms: []Form{
			{Shape: "#######"},
			{Shape: "##########"},
		},
		Labels: []string{"gr_ama"}, Weak: []string{"health"},
		Example: "Α.Μ. ΙΚΑ 1234567",
		Source:  "e-ΕΦΚΑ",
	},
	{
		Name: "CY_TIC", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"CY"},
		Forms: []Form{
			{Shape: "########@", Check: check.CypriotTax, OneIn: 26},
		},
		Labels: []string{"cy_tic"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "ΑΦΤ 98316681A",
		Source:  "Τμήμα Φορολογίας",
	},
	{
		Name: "CY_VAT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"CY"},
		Forms: []Form{
			{Shape: "CY########@", Check: check.CypriotTax, OneIn: 26},
			{Shape: "CY ########@", Check: check.CypriotTax, OneIn: 26},
		},
		Labels: []string{"cy_tic"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "ΦΠΑ CY41175569H",
		Source:  "Τμήμα Φορολογίας",
	},
	{
		Name: "CY_ID", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CY"},
		Forms: []Form{
			{Shape: "######"},
			{Shape: "#######"},
			{Shape: "##########"},
		},
		Labels: []string{"gr_adt", "cy_id"}, Weak: []string{"id"},
		Example: "αριθμός ταυτότητας 123456",
		Source:  "Τμήμα Αρχείου Πληθυσμού και Μετανάστευσης",
	},
	{
		Name: "CY_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"CY"},
		Forms: []Form{
			{Shape: "@########"},
			{Shape: "@######"},
		},
		Labels: []string{"gr_diavatirio"}, Weak: []string{"passport"},
		Example: "διαβατήριο K00123456",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "MT_ID", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"MT"},
		Forms: []Form{
			{Shape: "#######@", Check: check.MalteseID, OneIn: 3},
		},
		Labels: []string{"mt_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ID card number 9117645H",
		Source:  "Identità; Chapter 258",
	},
	{
		Name: "MT_VAT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"MT"},
		Forms: []Form{
			{Shape: "MT########", Check: check.MalteseVAT, OneIn: 41},
			{Shape: "MT ####-####", Check: check.MalteseVAT, OneIn: 41},
		},
		Labels: []string{"mt_vat"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "VAT MT85062720",
		Source:  "CFR",
	},
	{
		Name: "MT_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"MT"},
		Forms: []Form{
			{Shape: "#######"},
		},
		Labels: []string{"mt_passport"}, Weak: []string{"passport"},
		Example: "passport number 1234567",
		Source:  "Identità",
	},
}
