package catalog

import "postern/policy/pii/check"

// devices are numbers of devices, vehicles, documents and files, by label.
var devices = []Row{
	{
		Name: "IMEI", Type: Device, Class: Supported, Tier: 2, Needs: Label,
		Forms:  []Form{{Shape: "##-######-######-#", Check: check.IMEI, OneIn: 10}, {Shape: "## ###### ###### #", Check: check.IMEI, OneIn: 10}},
		Labels: []string{"imei"}, Weak: []string{"phone", "record"},
		Example: "IMEI 490154203237518",
		Source:  "3GPP TS 23.003, 6.2",
	},
	{
		Name: "ICCID", Type: Device, Class: Supported, Tier: 2, Needs: Label,
		Forms:   []Form{{Shape: "89## #### #### #### ###", Check: check.ICCID, OneIn: 10}, {Shape: "89## #### #### #### ####", Check: check.ICCID, OneIn: 10}},
		Labels:  []string{"iccid"},
		Example: "sim number 8949 2000 0012 3456 780",
		Source:  "ITU-T E.118",
	},
	{
		Name: "IMSI", Type: Device, Class: Labelled, Tier: 3, Needs: Label,
		Forms:   []Form{{Shape: "### ## ##########", Check: check.IMSI, OneIn: 2}},
		Labels:  []string{"imsi"},
		Example: "IMSI 262011234567890",
		Source:  "ITU-T E.212",
	},
	{
		Name: "VIN", Type: Vehicle, Class: Supported, Tier: 3, Needs: Label,
		Forms:   []Form{{Shape: "*************####", Check: check.VIN, OneIn: 4}},
		Labels:  []string{"vehicle"},
		Example: "VIN 1M8GDM9AXKP042788",
		Source:  "ISO 3779; 49 CFR 565.15",
	},
	{
		Name: "PLATE", Type: Plate, Class: Labelled, Tier: 3, Needs: Label,
		Labels:  []string{"plate"},
		Example: "plate AB12 CDE",
		Source:  "national registers' forms of plates",
	},
	{
		Name: "RECORD_ID", Type: RecordID, Class: Labelled, Tier: 1, Needs: Label,
		Labels:  []string{"record"},
		Example: "case no. 2024/00817",
		Source:  "no public rule",
	},
	{
		Name: "PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Needs: Label,
		Forms:   []Form{{Shape: "@########"}, {Shape: "@@#######"}, {Shape: "*{6,10}"}},
		Labels:  []string{"passport"},
		Example: "passport X4821903",
		Source:  "ICAO Doc 9303, part 4; forms by country where a row has them",
	},
	{
		Name: "ID_NUMBER", Type: NationalID, Class: Labelled, Tier: 1, Needs: Label,
		Forms:   []Form{{Shape: "*{6,18}"}, {Shape: "@########"}, {Shape: "@@#######"}},
		Labels:  []string{"idnumber"},
		Example: "my ID number is 27629936",
		Source:  "no public rule: what people call the number of their identity card where nothing tells the country",
	},
	{
		Name: "DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 1, Needs: Label,
		Forms:   []Form{{Shape: "*{6,18}"}},
		Labels:  []string{"licence"},
		Example: "driving licence B8219034",
		Source:  "no public rule common to countries",
	},
	{
		Name: "BIC", Type: BIC, Class: Labelled, Tier: 2, Needs: Label,
		Forms:  []Form{{Shape: "@@@@@@**", Check: check.BIC, OneIn: 3}, {Shape: "@@@@@@*****", Check: check.BIC, OneIn: 3}},
		Labels: []string{"bic"}, Weak: []string{"account"},
		Example: "BIC DEUTDEFF500",
		Source:  "ISO 9362",
	},
}
