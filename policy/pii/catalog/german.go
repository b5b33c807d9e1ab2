package catalog

import "postern/policy/pii/check"

// german are rows of Germany.
var german = []Row{
	{
		Name: "DE_STEUER_ID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "## ### ### ###", Check: check.SteuerID, OneIn: 302},
		},
		Labels: []string{"de_steuer_id"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "Meine Steuer-ID ist 20 685 931 789",
		Source:  "BZSt; § 139b AO",
	},
	{
		Name: "DE_STEUERNUMMER", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "##/###/#####"},
			{Shape: "###/###/#####"},
			{Shape: "###/####/####"},
			{Shape: "#####/#####"},
			{Shape: "### ### #####"},
			{Shape: "####0########", Check: check.SteuernummerELSTER, OneIn: 3},
		},
		Labels: []string{"de_steuernummer"}, Weak: []string{"tax"},
		Example: "Steuernummer 21/815/08150",
		Source:  "ELSTER, Prüfung der Steuernummer",
	},
	{
		Name: "DE_ARZTNUMMER", Type: RecordID, Class: Labelled, Tier: 3, Countries: []string{"DE"},
		Forms:   []Form{{Shape: "#########"}},
		Labels:  []string{"de_arztnummer"},
		Example: "LANR 123456601",
		Source:  "KBV, Richtlinie nach § 75 Absatz 7 SGB V: lebenslange Arztnummer und Betriebsstättennummer; the check of the former is not held by all of them",
	},
	{
		Name: "DE_RVNR", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "## ###### @ ###", Check: check.Rentenversicherung, OneIn: 332},
			{Shape: "########@###", Check: check.Rentenversicherung, OneIn: 332},
		},
		Labels: []string{"de_rvnr"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "RV-Nummer 86 200948 S 489",
		Source:  "§ 2 VKVV; DRV",
	},
	{
		Name: "DE_KVNR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "@#########", Check: check.Krankenversicherung, OneIn: 10},
			{Shape: "@### ### ###", Check: check.Krankenversicherung, OneIn: 10},
			{Shape: "@### #### ##", Check: check.Krankenversicherung, OneIn: 10},
		},
		Labels: []string{"de_kvnr"}, Weak: []string{"health", "id"}, Needs: Prior,
		Example: "Versichertennummer P377528795 bei der AOK",
		Source:  "§ 290 SGB V; GKV-Spitzenverband",
	},
	{
		Name: "DE_AUSWEIS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "@********", Check: check.GermanDocument, OneIn: 15},
			{Shape: "@********#", Check: check.GermanDocument, OneIn: 152},
		},
		Labels: []string{"de_ausweis"}, Weak: []string{"id"},
		Example: "Ausweisnummer: L01X00T47",
		Source:  "§ 5 PAuswG",
	},
	{
		Name: "DE_REISEPASS", Type: Passport, Class: Supported, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "@********", Check: check.GermanDocument, OneIn: 15},
			{Shape: "@********#", Check: check.GermanDocument, OneIn: 150},
		},
		Labels: []string{"german_passport"}, Weak: []string{"passport"},
		Example: "mein Reisepass hat die Nr. LYJY4532Z",
		Source:  "§ 4 PassG; ICAO Doc 9303",
	},
	{
		Name: "DE_FUEHRERSCHEIN", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "@##*******#"},
			{Shape: "@##********"},
		},
		Labels: []string{"german_licence"}, Weak: []string{"licence"},
		Example: "Führerscheinnummer B072RRE2I55",
		Source:  "FeV Anlage 8",
	},
	{
		Name: "DE_UST_ID", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "DE#########", Check: check.GermanVAT, OneIn: 11},
			{Shape: "DE ### ### ###", Check: check.GermanVAT, OneIn: 11},
			{Shape: "DE ## ### ####", Check: check.GermanVAT, OneIn: 11},
		},
		Labels: []string{"de_ust_id"}, Weak: []string{"tax"}, Needs: Nothing,
		Example: "USt-IdNr. DE548270890",
		Source:  "§ 27a UStG; BZSt",
	},
	{
		Name: "DE_BLZ", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "### ### ##"},
		},
		Labels: []string{"de_blz"}, Weak: []string{"account"},
		Example: "BLZ 370 400 44",
		Source:  "Deutsche Bundesbank, Bankleitzahlen",
	},
	{
		Name: "DE_KONTO", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"DE", "AT", "CH"},
		Forms: []Form{
			{Shape: "#{6,10}"},
		},
		Labels: []string{"german_account"}, Weak: []string{"account"},
		Example: "Kontonummer 532013000",
		Source:  "Deutsche Bundesbank, Kontonummern",
	},
	{
		Name: "DE_EHIC", Type: NationalID, Class: Supported, Tier: 3, Countries: []string{"DE"},
		Forms: []Form{
			{Shape: "80276###############"},
			{Shape: "80276 ##########@#########"},
		},
		Labels: []string{"german_ehic"}, Weak: []string{"health", "card"}, Needs: Prior,
		Example: "eGK-Kennnummer 80276001234567890123",
		Source:  "EU-Kommission, Beschluss S2",
	},
}
