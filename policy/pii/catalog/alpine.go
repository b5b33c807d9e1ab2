package catalog

import "postern/policy/pii/check"

// alpine are rows of Austria, Switzerland and Liechtenstein.
var alpine = []Row{
	{
		Name: "AT_SVNR", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "#### ######", Check: check.Sozialversicherung, OneIn: 261},
			{Shape: "####-######", Check: check.Sozialversicherung, OneIn: 261},
			{Shape: "#### ## ## ##", Check: check.Sozialversicherung, OneIn: 261},
		},
		Labels: []string{"at_svnr"}, Weak: []string{"id", "health", "us_ssn", "ca_sin", "gb_nino"}, Needs: Prior,
		Example: "Meine SV-Nummer: 1364 271252",
		Source:  "§ 31 ASVG; Dachverband der Sozialversicherungsträger",
	},
	{
		Name: "AT_STEUERNUMMER", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "##-###/####", Check: check.Abgabenkonto, OneIn: 10},
			{Shape: "## ###/####", Check: check.Abgabenkonto, OneIn: 10},
			{Shape: "##/###/####", Check: check.Abgabenkonto, OneIn: 10},
		},
		Labels: []string{"at_steuernummer"}, Weak: []string{"tax"},
		Example: "Steuernummer 17-778/6811",
		Source:  "BMF, Abgabenkontonummer",
	},
	{
		Name: "AT_UID", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "ATU########", Check: check.AustrianVAT, OneIn: 10},
			{Shape: "ATU ### ### ##", Check: check.AustrianVAT, OneIn: 10},
		},
		Labels: []string{"at_uid"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "UID-Nr. ATU28179191",
		Source:  "BMF, UID-Nummer",
	},
	{
		Name: "AT_REISEPASS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "@ #######"},
			{Shape: "@@#######"},
		},
		Labels: []string{"german_passport"}, Weak: []string{"passport"},
		Example: "Reisepass Nr. U1234567",
		Source:  "BMI; ICAO Doc 9303",
	},
	{
		Name: "AT_AUSWEIS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "########"},
			{Shape: "#########"},
			{Shape: "@@#######"},
		},
		Labels: []string{"de_ausweis"}, Weak: []string{"id"},
		Example: "Personalausweis 12345678",
		Source:  "BMI",
	},
	{
		Name: "AT_FUEHRERSCHEIN", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"german_licence"}, Weak: []string{"licence"},
		Example: "Führerschein Nr. 12345678",
		Source:  "FSG-DV",
	},
	{
		Name: "AT_EHIC", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"AT"},
		Forms: []Form{
			{Shape: "80040###############"},
		},
		Labels: []string{"german_ehic"}, Weak: []string{"health", "card"}, Needs: Prior,
		Example: "e-card Kennnummer 80040000001234567890",
		Source:  "EU-Kommission, Beschluss S2",
	},
	{
		Name: "CH_AHV", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"CH", "LI"},
		Forms: []Form{
			{Shape: "756.####.####.##", Check: check.AHV, OneIn: 10},
			{Shape: "756 #### #### ##", Check: check.AHV, OneIn: 10},
		},
		Labels: []string{"ch_ahv"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "AHV-Nummer 756.5747.4615.12",
		Source:  "Art. 50c AHVG; ZAS",
	},
	{
		Name: "CH_UID", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"CH", "LI"},
		Forms: []Form{
			{Shape: "CHE-###.###.###", Check: check.SwissUID, OneIn: 11},
			{Shape: "CHE ### ### ###", Check: check.SwissUID, OneIn: 11},
		},
		Labels: []string{"ch_uid"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "UID CHE-469.130.548 MWST",
		Source:  "UIDV; Bundesamt für Statistik",
	},
	{
		Name: "CH_PASS", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"CH", "LI"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "@##@##@##"},
			{Shape: "@*******"},
		},
		Labels: []string{"german_passport", "ch_pass"}, Weak: []string{"passport"},
		Example: "Passnummer X1234567",
		Source:  "fedpol; ICAO Doc 9303",
	},
	{
		Name: "CH_AUSWEIS", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"CH", "LI"},
		Forms: []Form{
			{Shape: "@#######"},
			{Shape: "@*******"},
		},
		Labels: []string{"ch_ausweis"}, Weak: []string{"id"},
		Example: "ID-Nummer C1234567",
		Source:  "fedpol",
	},
	{
		Name: "CH_AUSLAENDERAUSWEIS", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"CH"},
		Forms: []Form{
			{Shape: "#########"},
			{Shape: "###.###.###"},
			{Shape: "########"},
			{Shape: "###.###.##"},
		},
		Labels:  []string{"ch_auslaenderausweis"},
		Example: "ZEMIS-Nummer 012345678",
		Source:  "SEM, ZEMIS",
	},
	{
		Name: "CH_FAHRAUSWEIS", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"CH"},
		Forms: []Form{
			{Shape: "############"},
			{Shape: "### ### ### ###"},
		},
		Labels: []string{"ch_fahrausweis", "german_licence"}, Weak: []string{"licence"},
		Example: "Führerausweis-Nr. 001234567001",
		Source:  "ASTRA; VZV",
	},
	{
		Name: "CH_POSTKONTO", Type: BankAccount, Class: Supported, Tier: 2, Countries: []string{"CH"},
		Forms: []Form{
			{Shape: "##-######-#", Check: check.Postkonto, OneIn: 10},
			{Shape: "##-#####-#", Check: check.Postkonto, OneIn: 10},
			{Shape: "##-####-#", Check: check.Postkonto, OneIn: 10},
			{Shape: "##-###-#", Check: check.Postkonto, OneIn: 10},
		},
		Labels: []string{"ch_postkonto"}, Weak: []string{"account"},
		Example: "PC-Konto 12-258513-8",
		Source:  "PostFinance, Handbuch ESR",
	},
	{
		Name: "CH_EHIC", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"CH"},
		Forms: []Form{
			{Shape: "80756###############"},
			{Shape: "80756 ##### ##########"},
		},
		Labels: []string{"ch_ehic", "german_ehic"}, Weak: []string{"health", "card"}, Needs: Prior,
		Example: "Versichertenkarte 80756015080002345678",
		Source:  "VVK-EDI",
	},
}
