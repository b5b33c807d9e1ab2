package catalog

import "postern/policy/pii/check"

var italy = []Row{
	{
		Name: "IT_CODICE_FISCALE", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"IT", "SM", "VA"},
		Forms: []Form{
			{Shape: "@@@@@@##@##@###@", Check: check.CodiceFiscale, OneIn: 92}, {Shape: "@@@ @@@ ##@## @###@", Check: check.CodiceFiscale, OneIn: 92},
			{Shape: "@@@@@@**@**@***@", Check: check.CodiceFiscale, OneIn: 5700},
		},
		Labels: []string{"it_cf"}, Weak: []string{"tax", "id", "health"}, Needs: Nothing,
		Example: "codice fiscale RCCMNL83S18D969H",
		Source:  "Decreto del Ministero delle Finanze 23/12/1976",
	},
	{
		Name: "IT_PARTITA_IVA", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"IT"},
		Forms:  []Form{{Shape: "###########", Check: check.PartitaIVA, OneIn: 96}, {Shape: "IT###########", Check: check.PartitaIVA, OneIn: 96}},
		Labels: []string{"it_piva"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "P.IVA 00743110157",
		Source:  "DPR 633/1972 art. 35; Agenzia delle Entrate",
	},
	{
		Name: "IT_CIE", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"IT"},
		Forms: []Form{{Shape: "@@#####@@"}, {Shape: "@@#######"}, {Shape: "@@ #######"}}, Labels: []string{"it_cie"}, Weak: []string{"id"}, Needs: Label,
		Example: "carta d'identità CA48201BX",
		Source:  "Decreto del Ministero dell'Interno 23/12/2015. No check digit outside the MRZ",
	},
	{
		Name: "IT_HEALTH_CARD", Type: NationalID, Class: SelfEvident, Tier: 2, Countries: []string{"IT"},
		Forms:  []Form{{Shape: "80380###############"}},
		Labels: []string{"it_tessera"}, Weak: []string{"health"}, Needs: Prior,
		Example: "tessera sanitaria 80380800301234567890",
		Source:  "Decreto 11/3/2004; EHIC, number of the issuer 80380",
	},
	{
		Name: "IT_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"IT"},
		Forms: []Form{{Shape: "@@#######"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "passaporto YB4820173",
		Source:  "Legge 1185/1967; Ministero degli Affari Esteri",
	},
	{
		Name: "IT_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"IT"},
		Forms: []Form{{Shape: "@@#######@"}, {Shape: "U1*#######"}, {Shape: "U1********"}}, Labels: []string{"it_patente", "licence"}, Needs: Label,
		Example: "patente MI4820173K",
		Source:  "Motorizzazione civile; no check is public",
	},
}
