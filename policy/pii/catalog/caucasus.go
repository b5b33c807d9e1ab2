package catalog

import "postern/policy/pii/check"

// caucasus are rows of Kazakhstan, Belarus, the Caucasus, Uzbekistan and Kyrgyzstan.
var caucasus = []Row{
	{
		Name: "KZ_IIN", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"KZ"},
		Forms: []Form{
			{Shape: "############", Check: check.IIN, OneIn: 465},
		},
		Labels: []string{"kz_iin"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "ЖСН 970714466864",
		Source:  "Закон РК 223-III; НУЦ",
	},
	{
		Name: "KZ_BIN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"KZ"},
		Forms: []Form{
			{Shape: "############", Check: check.BIN, OneIn: 551},
		},
		Labels: []string{"kz_bin"}, Weak: []string{"tax"},
		Example: "БИН 620253945231",
		Source:  "Закон РК 223-III",
	},
	{
		Name: "KZ_UDOSTOVERENIE", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"KZ"},
		Forms: []Form{
			{Shape: "#########"},
		},
		Labels: []string{"kz_udostoverenie"}, Weak: []string{"id"},
		Example: "удостоверение личности 012345678",
		Source:  "Закон РК 73-V",
	},
	{
		Name: "KZ_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"KZ"},
		Forms: []Form{
			{Shape: "@########"},
		},
		Labels: []string{"ru_passport"}, Weak: []string{"passport"},
		Example: "паспорт РК N12345678",
		Source:  "Закон РК 73-V",
	},
	{
		Name: "BY_PERSONAL", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"BY"},
		Forms: []Form{
			{Shape: "#######@###@@#", Check: check.BelarusID, OneIn: 37360},
			{Shape: "#######-@###@@#", Check: check.BelarusID, OneIn: 37360},
		},
		Labels: []string{"by_personal"}, Weak: []string{"id"}, Needs: Nothing,
		Example: "идентификационный номер 5310830A583BA7",
		Source:  "Закон 418-З",
	},
	{
		Name: "BY_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"BY"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@@ #######"},
			{Shape: "#######"},
		},
		Labels: []string{"ru_passport"}, Weak: []string{"passport", "id"},
		Example: "паспорт MP 1234567",
		Source:  "МВД РБ",
	},
	{
		Name: "BY_UNP", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"BY"},
		Forms: []Form{
			{Shape: "#########", Check: check.UNP, OneIn: 16},
			{Shape: "@@#######", Check: check.UNP, OneIn: 104},
		},
		Labels: []string{"by_unp"}, Weak: []string{"tax"},
		Example: "УНП 717339353",
		Source:  "МНС, постановление 96/2010",
	},
	{
		Name: "GE_PIRADI", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"GE"},
		Forms: []Form{
			{Shape: "###########"},
		},
		Labels: []string{"ge_piradi"}, Weak: []string{"id"},
		Example: "პირადი ნომერი 01234567890",
		Source:  "საქართველოს სახელმწიფო სერვისების განვითარების სააგენტო",
	},
	{
		Name: "GE_PASPORTI", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"GE"},
		Forms: []Form{
			{Shape: "##@@#####"},
			{Shape: "#########"},
		},
		Labels: []string{"ge_pasporti"}, Weak: []string{"passport"},
		Example: "პასპორტი 15AB12345",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "AM_HVHH", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"AM"},
		Forms: []Form{
			{Shape: "########"},
		},
		Labels: []string{"am_hvhh"}, Weak: []string{"tax"},
		Example: "ՀՎՀՀ 01234567",
		Source:  "ՊԵԿ",
	},
	{
		Name: "AM_PSN", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AM"},
		Forms: []Form{
			{Shape: "##########"},
		},
		Labels: []string{"am_psn"}, Weak: []string{"id"},
		Example: "ՀԾՀ 1234567890",
		Source:  "Հանրային ծառայությունների համարանիշ",
	},
	{
		Name: "AM_ANDZNAGIR", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"AM"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "#########"},
		},
		Labels: []string{"am_andznagir"}, Weak: []string{"passport"},
		Example: "անձնագիր AN1234567",
		Source:  "ՀՀ ոստիկանություն",
	},
	{
		Name: "AZ_FIN", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"AZ"},
		Forms: []Form{
			{Shape: "*******"},
		},
		Labels: []string{"az_fin"}, Weak: []string{"id", "az_fin_short"},
		Example: "FİN kod 5ABC12D",
		Source:  "Daxili İşlər Nazirliyi",
	},
	{
		Name: "AZ_SERIA", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"AZ"},
		Forms: []Form{
			{Shape: "AZE########"},
			{Shape: "AZE ########"},
			{Shape: "AA#######"},
			{Shape: "AA #######"},
		},
		Labels: []string{"az_seria"}, Weak: []string{"id"},
		Example: "şəxsiyyət vəsiqəsi AA1234567",
		Source:  "Daxili İşlər Nazirliyi",
	},
	{
		Name: "AZ_PASPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"AZ"},
		Forms: []Form{
			{Shape: "@########"},
		},
		Labels: []string{"az_pasport"}, Weak: []string{"passport"},
		Example: "pasport nömrəsi C01234567",
		Source:  "Daxili İşlər Nazirliyi",
	},
	{
		Name: "AZ_VOEN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"AZ"},
		Forms: []Form{
			{Shape: "##########", Check: check.VOEN, OneIn: 55},
		},
		Labels: []string{"az_voen"}, Weak: []string{"tax"},
		Example: "VÖEN 8797040871",
		Source:  "Dövlət Vergi Xidməti",
	},
	{
		Name: "UZ_PINFL", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"UZ"},
		Forms: []Form{
			{Shape: "##############", Check: check.PINFL, OneIn: 689},
		},
		Labels: []string{"uz_pinfl"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ЖШШИР 51006176099655",
		Source:  "Vazirlar Mahkamasi qarori 285/2011",
	},
	{
		Name: "UZ_PASPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"UZ"},
		Forms: []Form{
			{Shape: "@@#######"},
			{Shape: "@@ #######"},
		},
		Labels: []string{"uz_pasport"}, Weak: []string{"passport", "id"},
		Example: "pasport AA1234567",
		Source:  "ICAO Doc 9303",
	},
	{
		Name: "KG_PIN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"KG"},
		Forms: []Form{
			{Shape: "##############", Check: check.KyrgyzPIN, OneIn: 8344},
		},
		Labels: []string{"kg_pin"}, Weak: []string{"id"}, Needs: Prior,
		Example: "ПИН 11311193276239",
		Source:  "Государственная регистрационная служба КР",
	},
}
