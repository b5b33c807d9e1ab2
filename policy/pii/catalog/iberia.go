package catalog

import "postern/policy/pii/check"

var spain = []Row{
	{
		Name: "ES_DNI", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "########@", Check: check.DNI, OneIn: 26, Alone: true}, {Shape: "########-@", Check: check.DNI, OneIn: 26, Alone: true},
			{Shape: "##.###.###-@", Check: check.DNI, OneIn: 26, Alone: true}, {Shape: "##.###.### @", Check: check.DNI, OneIn: 26}, {Shape: "######## @", Check: check.DNI, OneIn: 26},
		},
		Labels: []string{"es_dni"}, Weak: []string{"id", "tax"}, Needs: Nothing,
		Example: "mi DNI es 12345678Z",
		Source:  "Real Decreto 1553/2005",
	},
	{
		Name: "ES_NIE", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "X#######@", Check: check.NIE, OneIn: 26}, {Shape: "Y#######@", Check: check.NIE, OneIn: 26}, {Shape: "Z#######@", Check: check.NIE, OneIn: 26},
			{Shape: "X-#######-@", Check: check.NIE, OneIn: 26}, {Shape: "Y-#######-@", Check: check.NIE, OneIn: 26}, {Shape: "Z-#######-@", Check: check.NIE, OneIn: 26},
		},
		Labels: []string{"es_nie", "es_dni"}, Weak: []string{"id", "tax"}, Needs: Nothing,
		Example: "NIE X-2482300-W",
		Source:  "Real Decreto 557/2011; Orden INT/2058/2008",
	},
	{
		Name: "ES_NIF_KLM", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "K#######@", Check: check.SpainNIF, OneIn: 26}, {Shape: "L#######@", Check: check.SpainNIF, OneIn: 26}, {Shape: "M#######@", Check: check.SpainNIF, OneIn: 26},
		},
		Labels: []string{"es_dni"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "NIF M1234567L",
		Source:  "Real Decreto 1065/2007 art. 20",
	},
	{
		Name: "ES_CIF", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "@########", Check: check.CIF, OneIn: 15}, {Shape: "@-########", Check: check.CIF, OneIn: 15}, {Shape: "@#######@", Check: check.CIF, OneIn: 40},
			{Shape: "@-#######-@", Check: check.CIF, OneIn: 40},
		},
		Labels: []string{"es_cif"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "CIF de la empresa: B-58378431",
		Source:  "Orden EHA/451/2008",
	},
	{
		Name: "ES_NUSS", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "##/########/##", Check: check.NUSS, OneIn: 186}, {Shape: "## ######## ##", Check: check.NUSS, OneIn: 186},
			{Shape: "##-########-##", Check: check.NUSS, OneIn: 186}, {Shape: "##/##########", Check: check.NUSS, OneIn: 186},
		},
		Labels: []string{"es_nuss"}, Weak: []string{"health", "id", "us_ssn", "ca_sin", "mx_nss"}, Needs: Prior,
		Example: "número de la seguridad social 28/12345678/40",
		Source:  "Tesorería General de la Seguridad Social",
	},
	{
		Name: "ES_HEALTH_CARD", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "@@@@##########"}, {Shape: "@@@@ # ###### ## #"}, {Shape: "@@@@############"}, {Shape: "BBBBBBBB@@######"}, {Shape: "*{8,16}"},
		},
		Labels: []string{"es_salud"}, Weak: []string{"health"}, Needs: Label,
		Example: "CIP GARO1840312008",
		Source:  "Real Decreto 183/2004; no check is public for all communities",
	},
	{
		Name: "ES_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"ES"},
		Forms: []Form{{Shape: "@@@######"}, {Shape: "@@######"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "pasaporte PAB482013",
		Source:  "Real Decreto 896/2003",
	},
	{
		Name: "ES_DOCUMENT_SUPPORT", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"ES"},
		Forms: []Form{{Shape: "@@@######"}, {Shape: "E########"}}, Labels: []string{"es_soporte"}, Weak: []string{"id"}, Needs: Label,
		Example: "número de soporte BAA482017",
		Source:  "Dirección General de la Policía, IDESP and IXESP",
	},
	{
		Name: "ES_CCC", Type: BankAccount, Class: SelfEvident, Tier: 2, Countries: []string{"ES"},
		Forms: []Form{
			{Shape: "#### #### ## ##########", Check: check.CCC, OneIn: 100}, {Shape: "####-####-##-##########", Check: check.CCC, OneIn: 100},
			{Shape: "#### #### #### #### ####", Check: check.CCC, OneIn: 100},
		},
		Labels: []string{"es_ccc"}, Weak: []string{"account"}, Needs: Prior,
		Example: "cuenta 1234-1234-16-1234567890",
		Source:  "Consejo Superior Bancario, código cuenta cliente",
	},
}

var portugal = []Row{
	{
		Name: "PT_NIF", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PT"},
		Forms:  []Form{{Shape: "### ### ###", Check: check.PortugalNIF, OneIn: 12}, {Shape: "###.###.###", Check: check.PortugalNIF, OneIn: 12}},
		Labels: []string{"pt_nif"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "NIF 501 964 843",
		Source:  "Decreto-Lei 14/2013; Autoridade Tributária",
	},
	{
		Name: "PT_CC", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"PT"},
		Forms: []Form{
			{Shape: "######## # @@#", Check: check.CartaoCidadao, OneIn: 10}, {Shape: "######## # @##", Check: check.CartaoCidadao, OneIn: 10},
			{Shape: "######## #@@#", Check: check.CartaoCidadao, OneIn: 10}, {Shape: "########-#-@@#", Check: check.CartaoCidadao, OneIn: 10},
		},
		Labels: []string{"pt_cc"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "cartão de cidadão 00000000 0 ZZ4",
		Source:  "AMA, Número de documento do Cartão de Cidadão",
	},
	{
		Name: "PT_BI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"PT"},
		Forms: []Form{{Shape: "########"}, {Shape: "######## #"}, {Shape: "#######"}}, Labels: []string{"pt_cc", "pt_bi"}, Weak: []string{"id"}, Needs: Label,
		Example: "o meu BI é 12483917",
		Source:  "Lei 33/99, bilhete de identidade",
	},
	{
		Name: "PT_NISS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PT"},
		Forms:  []Form{{Shape: "###########", Check: check.NISS, OneIn: 50}, {Shape: "### ### ### ##", Check: check.NISS, OneIn: 50}},
		Labels: []string{"pt_niss"}, Weak: []string{"health", "id", "us_ssn", "ca_sin"}, Needs: Prior,
		Example: "NISS 11302058473",
		Source:  "Segurança Social",
	},
	{
		Name: "PT_SNS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"PT"},
		Forms: []Form{{Shape: "#########"}, {Shape: "### ### ###"}}, Labels: []string{"pt_utente"}, Weak: []string{"health"}, Needs: Label,
		Example: "número de utente 284 917 305",
		Source:  "SPMS, registo nacional de utentes; no check is public",
	},
	{
		Name: "PT_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"PT"},
		Forms: []Form{{Shape: "@@######"}, {Shape: "@######"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "passaporte CA482917",
		Source:  "Decreto-Lei 83/2000",
	},
	{
		Name: "PT_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"PT"},
		Forms: []Form{{Shape: "@@-###### #"}, {Shape: "@-####### #"}, {Shape: "@-#######"}}, Labels: []string{"pt_carta", "licence"}, Needs: Label,
		Example: "carta de condução L-2847361 0",
		Source:  "IMT, Regulamento da habilitação legal para conduzir",
	},
	{
		Name: "PT_NIB", Type: BankAccount, Class: SelfEvident, Tier: 2, Countries: []string{"PT"},
		Forms: []Form{
			{Shape: "#### #### ########### ##", Check: check.NIB, OneIn: 97}, {Shape: "####.####.###########.##", Check: check.NIB, OneIn: 97},
			{Shape: "#### #### #### #### #### #", Check: check.NIB, OneIn: 97},
		},
		Labels: []string{"pt_nib"}, Weak: []string{"account"}, Needs: Prior,
		Example: "NIB 0002 0123 12345678901 54",
		Source:  "Banco de Portugal, número de identificação bancária",
	},
}
