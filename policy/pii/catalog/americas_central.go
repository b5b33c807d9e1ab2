package catalog

import "postern/policy/pii/check"

var caribbean = []Row{
	{
		Name: "DO_CEDULA", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"DO"},
		Forms:  []Form{{Shape: "###-#######-#", Check: check.DominicanCedula, OneIn: 10, Alone: true}},
		Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Prior,
		Example: "cédula 001-1391863-5",
		Source:  "Junta Central Electoral",
	},
	{
		Name: "DO_RNC", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"DO"},
		Forms:  []Form{{Shape: "#-##-#####-#", Check: check.DominicanRNC, OneIn: 10}},
		Labels: []string{"do_rnc"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RNC 1-01-85004-3",
		Source:  "DGII",
	},
	{
		Name: "CU_CI", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"CU"},
		Forms:  []Form{{Shape: "###########", Check: check.CubaCI, OneIn: 27}},
		Labels: []string{"cu_ci"}, Weak: []string{"id"}, Needs: Prior,
		Example: "carnet de identidad 91021027775",
		Source:  "Ley 51 del Registro del Estado Civil",
	},
	{
		Name: "JM_TRN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"JM"},
		Forms: []Form{{Shape: "###-###-###"}}, Labels: []string{"jm_trn"}, Weak: []string{"tax"}, Needs: Label,
		Example: "TRN 104-382-917",
		Source:  "Tax Administration Jamaica; no check is public",
	},
	{
		Name: "HT_NIF", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"HT"},
		Forms: []Form{{Shape: "###-###-###-#"}, {Shape: "##-##-##-####-##-#####"}, {Shape: "##########"}}, Labels: []string{"ht_nif"}, Weak: []string{"id", "tax"}, Needs: Label,
		Example: "NIF 004-281-739-5",
		Source:  "Direction générale des impôts; Office national d'identification; no check is public",
	},
}

var centralAmerica = []Row{
	{
		Name: "GT_DPI", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"GT"},
		Forms:  []Form{{Shape: "#### ##### ####", Check: check.GuatemalaCUI, OneIn: 150}, {Shape: "####-#####-####", Check: check.GuatemalaCUI, OneIn: 150}},
		Labels: []string{"gt_dpi"}, Weak: []string{"id"}, Needs: Prior,
		Example: "DPI 2347 81920 0101",
		Source:  "RENAP, Código Único de Identificación",
	},
	{
		Name: "GT_NIT", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"GT"},
		Forms:  []Form{{Shape: "#######-*", Check: check.GuatemalaNIT, OneIn: 36}, {Shape: "########-*", Check: check.GuatemalaNIT, OneIn: 36}},
		Labels: []string{"nit"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "NIT 576937-K o 3952550-3",
		Source:  "SAT, Guatemala",
	},
	{
		Name: "SV_DUI", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"SV"},
		Forms:  []Form{{Shape: "########-#", Check: check.DUI, OneIn: 10}},
		Labels: []string{"sv_dui"}, Weak: []string{"id"}, Needs: Prior,
		Example: "DUI 00016297-5",
		Source:  "Registro Nacional de las Personas Naturales",
	},
	{
		Name: "SV_NIT", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"SV"},
		Forms:  []Form{{Shape: "####-######-###-#", Check: check.SalvadorNIT, OneIn: 33}},
		Labels: []string{"nit"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "NIT 0614-050707-104-8",
		Source:  "Ministerio de Hacienda, El Salvador",
	},
	{
		Name: "HN_ID", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"HN"},
		Forms:  []Form{{Shape: "####-####-#####", Check: check.HondurasID, OneIn: 1300}, {Shape: "#### #### #####", Check: check.HondurasID, OneIn: 1300}},
		Labels: []string{"hn_id"}, Weak: []string{"id"}, Needs: Prior,
		Example: "DNI 0801-1985-12394",
		Source:  "Registro Nacional de las Personas, Honduras",
	},
	{
		Name: "NI_CEDULA", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"NI"},
		Forms:  []Form{{Shape: "###-######-####@", Check: check.NicaraguaCedula, OneIn: 31}},
		Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "cédula 001-120584-0032K",
		Source:  "Consejo Supremo Electoral",
	},
	{
		Name: "CR_CEDULA", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"CR"},
		Forms: []Form{{Shape: "#-####-####"}, {Shape: "0#-####-####"}, {Shape: "# #### ####"}}, Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Prior,
		Example: "cédula 1-0613-0584",
		Source:  "Tribunal Supremo de Elecciones. No check digit",
	},
	{
		Name: "CR_COMPANY", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"CR"},
		Forms:  []Form{{Shape: "#-###-######", Check: check.CostaRicaCompany, OneIn: 345}},
		Labels: []string{"cr_juridica"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "cédula jurídica 3-101-999999",
		Source:  "Registro Nacional de Costa Rica",
	},
	{
		Name: "CR_DIMEX", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"CR"},
		Forms: []Form{{Shape: "1###########"}, {Shape: "1##########"}}, Labels: []string{"cr_dimex"}, Weak: []string{"id"}, Needs: Label,
		Example: "DIMEX 155812994816",
		Source:  "Dirección General de Migración y Extranjería. No check digit",
	},
	{
		Name: "PA_CEDULA", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"PA"},
		Forms: []Form{
			{Shape: "#-###-####"}, {Shape: "#-###-###"}, {Shape: "#-####-#####"}, {Shape: "##-###-####"}, {Shape: "#-##-###"},
			{Shape: "PE-###-####"}, {Shape: "PE-##-###"}, {Shape: "E-#-######"}, {Shape: "E-#-#####"}, {Shape: "N-##-####"}, {Shape: "#AV-###-####"},
		},
		Labels: []string{"cedula", "ruc"}, Weak: []string{"id"}, Needs: Label,
		Example: "cédula 8-442-1093",
		Source:  "Tribunal Electoral de Panamá. No check digit",
	},
}

var latinAmerica = []Row{
	{
		Name: "LATAM_PASSPORT", Type: Passport, Class: Labelled, Tier: 2,
		Countries: []string{"AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "NI", "PA", "PE", "PY", "SV", "UY", "VE"},
		Forms: []Form{
			{Shape: "@@@######"}, {Shape: "@@######"}, {Shape: "@@#######"}, {Shape: "@########"}, {Shape: "@#######"}, {Shape: "@######"}, {Shape: "#########"}, {Shape: "########"},
		},
		Labels: []string{"passport"}, Needs: Label,
		Example: "pasaporte AAB482910",
		Source:  "ICAO Doc 9303, document numbers as issued by these states",
	},
	{
		Name: "LATAM_LICENCE", Type: Licence, Class: Labelled, Tier: 3,
		Countries: []string{"AR", "BO", "CL", "CO", "CR", "DO", "EC", "GT", "HN", "NI", "PA", "PE", "PY", "SV", "UY", "VE"},
		Forms:     []Form{{Shape: "@########"}, {Shape: "@-########"}, {Shape: "*{6,13}"}}, Labels: []string{"licence"}, Needs: Label,
		Example: "brevete Q40281735",
		Source:  "traffic authorities of these states; most repeat the identity number",
	},
	{
		Name: "LATAM_BANK_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1,
		Countries: []string{"AR", "BO", "CL", "CO", "CR", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PY", "SV", "UY", "VE"},
		Forms: []Form{
			{Shape: "###-######-##"}, {Shape: "####-#######-##"}, {Shape: "##-#####-##"}, {Shape: "###-#####-#"}, {Shape: "#-##-###-######-#"}, {Shape: "#{6,18}"},
		},
		Labels: []string{"latam_account", "account"}, Needs: Label,
		Example: "cuenta de ahorros Bancolombia 304-582917-05",
		Source:  "banks of these states; no check is public",
	},
}
