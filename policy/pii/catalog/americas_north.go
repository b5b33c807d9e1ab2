package catalog

import "postern/policy/pii/check"

var canada = []Row{
	{
		Name: "CA_SIN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"CA"},
		Forms:  []Form{{Shape: "### ### ###", Check: check.SIN, OneIn: 12}, {Shape: "###-###-###", Check: check.SIN, OneIn: 12}},
		Labels: []string{"ca_sin"}, Weak: []string{"id", "tax", "us_ssn"}, Needs: Prior,
		Example: "my SIN is 130 692 544",
		Source:  "Service Canada, SIN code of practice",
	},
	{
		Name: "CA_BN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms: []Form{
			{Shape: "#########", Check: check.CanadaBN, OneIn: 10}, {Shape: "##### ####", Check: check.CanadaBN, OneIn: 10},
			{Shape: "##### ####R@####", Check: check.CanadaBN, OneIn: 10}, {Shape: "#########R@####", Check: check.CanadaBN, OneIn: 10},
			{Shape: "##### #### R@ ####", Check: check.CanadaBN, OneIn: 10},
		},
		Labels: []string{"ca_bn"}, Weak: []string{"tax"}, Needs: Label,
		Example: "GST number 12302 6635 RT0001",
		Source:  "Canada Revenue Agency, RC2",
	},
	{
		Name: "CA_ON_HEALTH", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"CA"},
		Forms: []Form{
			{Shape: "####-###-###-@@", Check: check.OHIP, OneIn: 11}, {Shape: "#### ### ### @@", Check: check.OHIP, OneIn: 11},
			{Shape: "####-###-###", Check: check.OHIP, OneIn: 11}, {Shape: "#### ### ###", Check: check.OHIP, OneIn: 11},
		},
		Labels: []string{"ca_on_health", "ca_health"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "OHIP 9876-543-217-AB",
		Source:  "Ontario Ministry of Health, Health card validation reference manual",
	},
	{
		Name: "CA_BC_PHN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"CA"},
		Forms:  []Form{{Shape: "9### ### ###", Check: check.PHN, OneIn: 11}},
		Labels: []string{"ca_bc_phn", "ca_health"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "PHN 9736 704 213",
		Source:  "BC Ministry of Health, PHN check digit",
	},
	{
		Name: "CA_QC_RAMQ", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"CA"},
		Forms:  []Form{{Shape: "@@@@ #### ####", Check: check.RAMQ, OneIn: 14}},
		Labels: []string{"ca_qc_ramq", "ca_health"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "RAMQ TREM 8557 0411",
		Source:  "Régie de l'assurance maladie du Québec",
	},
	{
		Name: "CA_HEALTH", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms: []Form{
			{Shape: "####-###-###-@@"}, {Shape: "#### ### ### @@"}, {Shape: "####-###-###"},
			{Shape: "#####-####"}, {Shape: "#########"}, {Shape: "### ### ###"}, {Shape: "#### ### ###"}, {Shape: "############"},
		},
		Labels: []string{"ca_health"}, Weak: []string{"health"}, Needs: Label,
		Example: "my health card number is 41832-5970",
		Source:  "Canadian provinces; no check is public for AB, SK, MB, NB, NS, PE, NL",
	},
	{
		Name: "CA_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms: []Form{{Shape: "@@######"}, {Shape: "@######@@"}}, Labels: []string{"ca_passport", "passport"}, Needs: Label,
		Example: "Canadian passport GA302922",
		Source:  "Immigration, Refugees and Citizenship Canada",
	},
	{
		Name: "CA_ON_LICENCE", Type: Licence, Class: SelfEvident, Tier: 2, Countries: []string{"CA"},
		Forms:  []Form{{Shape: "@####-#####-#####", Check: check.OntarioLicence, OneIn: 14}},
		Labels: []string{"ca_licence", "licence"}, Needs: Prior,
		Example: "driver's licence A6102-41108-50611",
		Source:  "Ontario, Regulation 340/94; Driver and vehicle licence formats",
	},
	{
		Name: "CA_LICENCE", Type: Licence, Class: Labelled, Tier: 3, Countries: []string{"CA"},
		Forms: []Form{
			{Shape: "#######"}, {Shape: "######-###"}, {Shape: "@####-######-##"}, {Shape: "@@-@@-@@-@###@@"}, {Shape: "@@@@@-#########"},
			{Shape: "*{5,14}"},
		},
		Labels: []string{"ca_licence", "licence"}, Needs: Label,
		Example: "permis de conduire L5204-150385-07",
		Source:  "SAAQ and other provinces; no check is public",
	},
	{
		Name: "CA_UCI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms: []Form{{Shape: "####-####"}, {Shape: "##-####-####"}}, Labels: []string{"ca_uci"}, Weak: []string{"id"}, Needs: Label,
		Example: "UCI 11-2034-5872",
		Source:  "Immigration, Refugees and Citizenship Canada, help centre",
	},
	{
		Name: "CA_BANK_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms: []Form{
			{Shape: "#####-###-#######"}, {Shape: "#####-###-############"}, {Shape: "#####-###"}, {Shape: "0########"}, {Shape: "#{7,12}"},
		},
		Labels: []string{"ca_transit", "account"}, Needs: Label,
		Example: "transit number 04082-003-5108427",
		Source:  "Payments Canada, Rule A4 and Financial institutions file",
	},
	{
		Name: "CA_TRANSIT", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"CA"},
		Forms:  []Form{{Shape: "#####"}, {Shape: "###"}},
		Labels: []string{"ca_transit_no"}, Weak: []string{"ca_branch"}, Needs: Label,
		Example: "transit number 00482 institution number 004",
		Source:  "Payments Canada, Rule A4 and Financial institutions file",
	},
}

var mexico = []Row{
	{
		Name: "MX_CURP", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"MX"},
		Forms:  []Form{{Shape: "@@@@######@@@@@@*#", Check: check.CURP, OneIn: 80_000}},
		Labels: []string{"mx_curp"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "BOXW310820HNERXN09",
		Source:  "RENAPO, rules for assigning the CURP, DOF 18/10/2021",
	},
	{
		Name: "MX_RFC", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"MX"},
		Forms: []Form{
			{Shape: "@@@@######***", Check: check.RFC, OneIn: 1000},
			{Shape: "@@@@-######-***", Check: check.RFC, OneIn: 1000},
		},
		Labels: []string{"mx_rfc"}, Weak: []string{"tax", "id"}, Needs: Nothing,
		Example: "factura a GODE561231GR8",
		Source:  "SAT, Código Fiscal de la Federación art. 27",
	},
	{
		Name: "MX_RFC_UNCHECKED", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"MX"},
		Forms: []Form{
			{Shape: "@@@@######***", Check: check.RFCDate, OneIn: 90},
			{Shape: "@@@######***", Check: check.RFCDate, OneIn: 90}, {Shape: "@@@-######-***", Check: check.RFCDate, OneIn: 90},
		},
		Labels: []string{"mx_rfc"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RFC de la empresa: MAB930714813",
		Source:  "SAT; companies, and numbers whose check digit was assigned wrong",
	},
	{
		Name: "MX_NSS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"MX"},
		Forms:  []Form{{Shape: "##-##-##-####-#", Check: check.NSS, OneIn: 10}, {Shape: "## ## ## #### #", Check: check.NSS, OneIn: 10}},
		Labels: []string{"mx_nss"}, Weak: []string{"health", "id", "us_ssn", "es_nuss"}, Needs: Prior,
		Example: "mi NSS es 12-90-85-4321-3",
		Source:  "IMSS, Reglamento de afiliación",
	},
	{
		Name: "MX_CLAVE_ELECTOR", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"MX"},
		Forms:  []Form{{Shape: "@@@@@@########@###", Check: check.ClaveElector, OneIn: 1000}},
		Labels: []string{"mx_ine"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "clave de elector GMVLMR80070501M100",
		Source:  "INE, Credencial para votar",
	},
	{
		Name: "MX_INE", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"MX"},
		Forms: []Form{{Shape: "#########"}, {Shape: "##########"}, {Shape: "#############"}}, Labels: []string{"mx_ine"}, Weak: []string{"id"}, Needs: Label,
		Example: "INE CIC 182736450",
		Source:  "INE, Credencial para votar (CIC, OCR); no check is public",
	},
	{
		Name: "MX_CLABE", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"MX"},
		Forms:  []Form{{Shape: "### ### ########### #", Check: check.CLABE, OneIn: 27}, {Shape: "###-###-###########-#", Check: check.CLABE, OneIn: 27}},
		Labels: []string{"mx_clabe"}, Weak: []string{"account"}, Needs: Prior,
		Example: "CLABE 032180000118359719",
		Source:  "Banco de México, Circular 14/2017; Asociación de Bancos de México",
	},
	{
		Name: "MX_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"MX"},
		Forms: []Form{{Shape: "@########"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "pasaporte G39472810",
		Source:  "SRE, Reglamento de pasaportes",
	},
	{
		Name: "MX_LICENCE", Type: Licence, Class: Labelled, Tier: 3, Countries: []string{"MX"},
		Forms: []Form{{Shape: "*{7,13}"}}, Labels: []string{"licence"}, Needs: Label,
		Example: "licencia de conducir J20184736",
		Source:  "states of Mexico; no public rule",
	},
}
