package catalog

import "postern/policy/pii/check"

var korea = []Row{
	{
		Name: "KR_RRN", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "######-#######", Check: check.KoreanResident, OneIn: 97, Alone: true},
			{Shape: "###### #######", Check: check.KoreanResident, OneIn: 97},
		},
		Labels: []string{"kr_rrn"}, Weak: []string{"id"}, Needs: Prior,
		Example: "주민등록번호는 900101-1234567 입니다",
		Source:  "Resident Registration Act, Enforcement Rule, article 2",
	},
	{
		Name: "KR_FRN", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "######-#######", Check: check.KoreanForeigner, OneIn: 97},
			{Shape: "###### #######", Check: check.KoreanForeigner, OneIn: 97},
		},
		Labels: []string{"kr_frn"}, Weak: []string{"id", "kr_rrn"}, Needs: Prior,
		Example: "외국인등록번호 900101-5234567",
		Source:  "Immigration Act, article 31-5",
	},
	{
		Name: "KR_BRN", Type: NationalID, Class: Supported, Tier: 2, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "###-##-#####", Check: check.KoreanBusiness, OneIn: 11},
			{Shape: "### ## #####", Check: check.KoreanBusiness, OneIn: 11},
		},
		Labels: []string{"kr_brn"}, Weak: []string{"tax"}, Needs: Prior,
		Example: "사업자등록번호 124-81-00998",
		Source:  "National Tax Service",
	},
	{
		Name: "KR_CORPORATE", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"KR"},
		Forms:  []Form{{Shape: "######-#######", Check: check.KoreanCompany, OneIn: 10}},
		Labels: []string{"kr_crn"}, Weak: []string{"tax"}, Needs: Label,
		Example: "법인등록번호 130111-0006246",
		Source:  "Supreme Court of Korea, register of corporations",
	},
	{
		Name: "KR_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "M########"}, {Shape: "S########"}, {Shape: "R########"}, {Shape: "G########"}, {Shape: "D########"},
			{Shape: "M###@####"}, {Shape: "@########"},
		},
		Labels: []string{"passport"}, Needs: Label,
		Example: "여권번호 M12345678",
		Source:  "Ministry of Foreign Affairs; no check digit",
	},
	{
		Name: "KR_DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 1, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "##-##-######-##", Check: check.KoreanLicence, OneIn: 6},
			{Shape: "## ## ###### ##", Check: check.KoreanLicence, OneIn: 6}, {Shape: "##-######-##"},
		},
		Labels: []string{"kr_licence", "licence"}, Needs: Label,
		Example: "운전면허번호 11-18-123456-12",
		Source:  "Road Traffic Act, Enforcement Rule",
	},
	{
		Name: "KR_HEALTH_INSURANCE", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"KR"},
		Forms:  []Form{{Shape: "###########"}, {Shape: "#-##########"}, {Shape: "#{8,11}"}},
		Labels: []string{"kr_health"}, Weak: []string{"health"}, Needs: Label,
		Example: "건강보험증번호 7-1234567890",
		Source:  "National Health Insurance Service; no public check",
	},
	{
		Name: "KR_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"KR"},
		Forms: []Form{
			{Shape: "###-######-#####"}, {Shape: "######-##-######"}, {Shape: "####-###-######"}, {Shape: "###-######-###"},
			{Shape: "###-######-##-###"}, {Shape: "###-####-####-##"}, {Shape: "####-##-#######"}, {Shape: "####-####-####"},
			{Shape: "###-###-######"}, {Shape: "####-####-####-#"}, {Shape: "###-##-######"}, {Shape: "###-##-######-#"},
			{Shape: "###-####-####-#"}, {Shape: "######-##-#####"},
		},
		Labels: []string{"kr_account", "kr_bank"}, Weak: []string{"account"}, Needs: Label,
		Example: "국민은행 계좌번호 123456-12-123456",
		Source:  "Korea Financial Telecommunications and Clearings Institute; no common check",
	},
	{
		Name: "KR_ACCOUNT_BARE", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"KR"},
		Forms:  []Form{{Shape: "#{10,14}"}},
		Labels: []string{"kr_account"}, Weak: []string{"account", "kr_bank"}, Needs: Label,
		Example: "신한 계좌 110123456789",
		Source:  "Korea Financial Telecommunications and Clearings Institute; no common check",
	},
}
