package catalog

import "postern/policy/pii/check"

var southCone = []Row{
	{
		Name: "AR_CUIT", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"AR"},
		Forms:  []Form{{Shape: "##-########-#", Check: check.CUIT, OneIn: 83, Alone: true}, {Shape: "## ######## #", Check: check.CUIT, OneIn: 83}, {Shape: "##-##.###.###-#", Check: check.CUIT, OneIn: 83, Alone: true}},
		Labels: []string{"ar_cuit"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "mi CUIL es 20-26756539-3",
		Source:  "AFIP, Resolución General 3995/2017",
	},
	{
		Name: "AR_DNI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"AR"},
		Forms: []Form{{Shape: "##.###.###"}, {Shape: "########"}, {Shape: "#.###.###"}, {Shape: "#######"}}, Labels: []string{"ar_dni", "dni"}, Weak: []string{"id"}, Needs: Label,
		Example: "DNI 28.413.907",
		Source:  "Ley 17.671; RENAPER. No check digit",
	},
	{
		Name: "AR_CBU", Type: BankAccount, Class: SelfEvident, Tier: 1, Countries: []string{"AR"},
		Forms: []Form{
			{Shape: "########-##############", Check: check.CBU, OneIn: 100, Alone: true}, {Shape: "#######-# #############-#", Check: check.CBU, OneIn: 100},
			{Shape: "#######-#-#############-#", Check: check.CBU, OneIn: 100}, {Shape: "######################", Check: check.CBU, OneIn: 100, Alone: true},
		},
		Labels: []string{"ar_cbu"}, Weak: []string{"account"}, Needs: Nothing,
		Example: "te paso el CBU 2850590940090418135201",
		Source:  "Banco Central de la República Argentina, Comunicación A 2460",
	},
	{
		Name: "AR_ALIAS", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"AR"}, Needs: Label,
		Labels:  []string{"alias"},
		Example: "mi alias es perro.luna.mate",
		Source:  "Banco Central de la República Argentina, Comunicación A 6044",
	},
	{
		Name: "CL_RUT", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"CL"},
		Forms: []Form{
			{Shape: "##.###.###-*", Check: check.RUT, OneIn: 36, Alone: true}, {Shape: "#.###.###-*", Check: check.RUT, OneIn: 36, Alone: true},
			{Shape: "########-*", Check: check.RUT, OneIn: 36},
		},
		Labels: []string{"cl_rut"}, Weak: []string{"tax", "id"}, Needs: Prior,
		Example: "mi rut es 12.345.678-5",
		Source:  "Servicio de Registro Civil e Identificación; SII",
	},
	{
		Name: "UY_CI", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"UY"},
		Forms: []Form{
			{Shape: "#.###.###-#", Check: check.UruguayCI, OneIn: 10, Alone: true}, {Shape: "###.###-#", Check: check.UruguayCI, OneIn: 10},
		},
		Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Prior,
		Example: "cédula 1.234.567-2",
		Source:  "Dirección Nacional de Identificación Civil",
	},
	{
		Name: "UY_RUT", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"UY"},
		Forms:  []Form{{Shape: "##-######-###-#", Check: check.UruguayRUT, OneIn: 50_000}, {Shape: "############", Check: check.UruguayRUT, OneIn: 50_000}},
		Labels: []string{"uy_rut"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RUT 21-100342-001-7",
		Source:  "DGI, Uruguay",
	},
	{
		Name: "PY_RUC", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"PY"},
		Forms: []Form{
			{Shape: "########-#", Check: check.ParaguayRUC, OneIn: 10}, {Shape: "#######-#", Check: check.ParaguayRUC, OneIn: 10},
			{Shape: "######-#", Check: check.ParaguayRUC, OneIn: 10},
		},
		Labels: []string{"ruc"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RUC 80028061-0",
		Source:  "DNIT, Paraguay",
	},
	{
		Name: "PY_CI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"PY"},
		Forms: []Form{{Shape: "#.###.###"}, {Shape: "#######"}, {Shape: "###.###"}}, Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Label,
		Example: "cédula 3.418.205",
		Source:  "Policía Nacional del Paraguay. No check digit",
	},
}

var andes = []Row{
	{
		Name: "CO_NIT", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"CO"},
		Forms: []Form{
			{Shape: "###.###.###-#", Check: check.ColombiaNIT, OneIn: 10, Alone: true}, {Shape: "#########-#", Check: check.ColombiaNIT, OneIn: 10},
			{Shape: "#.###.###.###-#", Check: check.ColombiaNIT, OneIn: 10},
		},
		Labels: []string{"nit"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "NIT 899.999.068-1",
		Source:  "DIAN, Orden Administrativa 4/1989",
	},
	{
		Name: "CO_CEDULA", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"CO"},
		Forms: []Form{
			{Shape: "#.###.###.###"}, {Shape: "##.###.###"}, {Shape: "#.###.###"}, {Shape: "###.###.###"}, {Shape: "#{6,10}"},
		},
		Labels: []string{"co_cedula", "cedula"}, Weak: []string{"id"}, Needs: Label,
		Example: "CC 1.018.442.907 de Bogotá",
		Source:  "Registraduría Nacional del Estado Civil; Migración Colombia. No check digit",
	},
	{
		Name: "PE_DNI", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"PE"},
		Forms:  []Form{{Shape: "########-*", Check: check.PeruDNI, OneIn: 18}, {Shape: "########"}},
		Labels: []string{"dni"}, Weak: []string{"id"}, Needs: Label,
		Example: "mi DNI 10117410",
		Source:  "RENIEC, Código Único de Identificación",
	},
	{
		Name: "PE_CE", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"PE"},
		Forms: []Form{{Shape: "#########"}, {Shape: "############"}}, Labels: []string{"pe_ce"}, Weak: []string{"id"}, Needs: Label,
		Example: "carné de extranjería 003847215",
		Source:  "Superintendencia Nacional de Migraciones. No check digit",
	},
	{
		Name: "PE_RUC", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"PE"},
		Forms:  []Form{{Shape: "###########", Check: check.PeruRUC, OneIn: 200}, {Shape: "##-########-#", Check: check.PeruRUC, OneIn: 200}},
		Labels: []string{"ruc"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RUC 20512333797",
		Source:  "SUNAT",
	},
	{
		Name: "PE_CCI", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"PE"},
		Forms: []Form{
			{Shape: "###-###-############-##"}, {Shape: "####################"}, {Shape: "###-########-#-##"}, {Shape: "###-#######-#-##"},
			{Shape: "###-##########"},
		},
		Labels: []string{"pe_cci", "account"}, Needs: Label,
		Example: "CCI 002-193-001234567890-13",
		Source:  "Cámara de Compensación Electrónica; no check is public",
	},
	{
		Name: "EC_CI", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"EC"},
		Forms:  []Form{{Shape: "#########-#", Check: check.EcuadorCI, OneIn: 55}},
		Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Prior,
		Example: "cédula 171430710-3",
		Source:  "Registro Civil del Ecuador",
	},
	{
		Name: "EC_RUC", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"EC"},
		Forms:  []Form{{Shape: "#############", Check: check.EcuadorRUC, OneIn: 40}, {Shape: "##########-###", Check: check.EcuadorRUC, OneIn: 40}},
		Labels: []string{"ruc"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RUC 1792060346001",
		Source:  "SRI, Ley del Registro Único de Contribuyentes",
	},
	{
		Name: "BO_CI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BO"},
		Forms: []Form{{Shape: "####### @@"}, {Shape: "#######-#@"}, {Shape: "#######"}, {Shape: "########"}, {Shape: "######"}}, Labels: []string{"bo_ci", "cedula"}, Weak: []string{"id"}, Needs: Label,
		Example: "carnet 4837215 LP",
		Source:  "SEGIP. No check digit",
	},
	{
		Name: "BO_NIT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BO"},
		Forms: []Form{{Shape: "#{7,13}"}}, Labels: []string{"nit"}, Weak: []string{"tax"}, Needs: Label,
		Example: "NIT 1020341023",
		Source:  "Servicio de Impuestos Nacionales; no check is public",
	},
	{
		Name: "VE_RIF", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"VE"},
		Forms: []Form{
			{Shape: "@-########-#", Check: check.RIF, OneIn: 45, Alone: true}, {Shape: "@-#########", Check: check.RIF, OneIn: 45}, {Shape: "@-##.###.###-#", Check: check.RIF, OneIn: 45, Alone: true},
		},
		Labels: []string{"ve_rif"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "RIF J-07013380-5",
		Source:  "SENIAT",
	},
	{
		Name: "VE_CI", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"VE"},
		Forms: []Form{
			{Shape: "V-##.###.###"}, {Shape: "E-##.###.###"}, {Shape: "V-#.###.###"}, {Shape: "V-########"}, {Shape: "V########"},
		},
		Labels: []string{"cedula"}, Weak: []string{"id"}, Needs: Prior,
		Example: "cédula V-14.839.207",
		Source:  "SAIME. No check digit",
	},
	{
		Name: "VE_BANK_ACCOUNT", Type: BankAccount, Class: Supported, Tier: 1, Countries: []string{"VE"},
		Forms: []Form{
			{Shape: "####-####-##-##########", Check: check.VenezuelaAccount, OneIn: 110}, {Shape: "####-####-####-####-####", Check: check.VenezuelaAccount, OneIn: 110},
			{Shape: "#### #### #### #### ####", Check: check.VenezuelaAccount, OneIn: 110},
		},
		Labels: []string{"latam_account", "account"}, Needs: Prior,
		Example: "cuenta corriente 0134-0225-91-2253018471",
		Source:  "SUDEBAN, Resolución 001.06; check digits are not public",
	},
}
