package catalog

import "postern/policy/pii/check"

var southEastAsia = []Row{
	{
		Name: "TH_ID", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"TH"},
		Forms: []Form{
			{Shape: "#-####-#####-##-#", Check: check.ThaiID, OneIn: 11},
			{Shape: "# #### ##### ## #", Check: check.ThaiID, OneIn: 11},
		},
		Labels: []string{"th_id"}, Weak: []string{"id", "tax"}, Needs: Prior,
		Example: "เลขบัตรประชาชน 1-2345-67890-12-1",
		Source:  "Department of Provincial Administration",
	},
	{
		Name: "TH_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"TH"},
		Forms:  []Form{{Shape: "@@#######"}, {Shape: "@######"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "พาสปอร์ต AA1234567",
		Source:  "Department of Consular Affairs; no check digit",
	},
	{
		Name: "TH_DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 3, Countries: []string{"TH"},
		Forms:  []Form{{Shape: "########"}, {Shape: "##-######"}, {Shape: "########/##"}},
		Labels: []string{"th_licence"}, Weak: []string{"licence"}, Needs: Label,
		Example: "ใบขับขี่เลขที่ 61001234",
		Source:  "Department of Land Transport; no public check",
	},
	{
		Name: "TH_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"TH"},
		Forms: []Form{
			{Shape: "###-#-#####-#"}, {Shape: "###-#-######"}, {Shape: "### # ##### #"}, {Shape: "###-######-#"},
			{Shape: "###-###-####"},
		},
		Labels: []string{"th_account", "th_bank"}, Weak: []string{"account"}, Needs: Label,
		Example: "โอนเข้าบัญชีกสิกร 123-4-56789-0",
		Source:  "Bank of Thailand, BAHTNET; no public check",
	},
	{
		Name: "TH_ACCOUNT_BARE", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"TH"},
		Forms:  []Form{{Shape: "##########"}, {Shape: "############"}},
		Labels: []string{"th_account"}, Weak: []string{"account", "th_bank"}, Needs: Label,
		Example: "เลขบัญชี 1234567890",
		Source:  "Bank of Thailand, BAHTNET; no public check",
	},
	{
		Name: "VN_CCCD", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"VN"},
		Forms: []Form{
			{Shape: "############", Check: check.VietnameseID, OneIn: 57},
			{Shape: "### ### ### ###", Check: check.VietnameseID, OneIn: 57},
			{Shape: "#### #### ####", Check: check.VietnameseID, OneIn: 57},
		},
		Labels: []string{"vn_cccd"}, Weak: []string{"id"}, Needs: Prior,
		Example: "số CCCD 001090123456",
		Source:  "Decree 137/2015/ND-CP, article 13",
	},
	{
		Name: "VN_CMND", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"VN"},
		Forms:  []Form{{Shape: "#########"}, {Shape: "### ### ###"}},
		Labels: []string{"vn_cmnd"}, Weak: []string{"id", "vn_cccd"}, Needs: Label,
		Example: "cmnd số 012345678",
		Source:  "Decree 05/1999/ND-CP; no check digit",
	},
	{
		Name: "VN_MST", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"VN"},
		Forms: []Form{
			{Shape: "##########", Check: check.VietnameseTax, OneIn: 11},
			{Shape: "##########-###", Check: check.VietnameseTax, OneIn: 11},
		},
		Labels: []string{"vn_mst"}, Weak: []string{"tax"}, Needs: Label,
		Example: "mã số thuế 0100233488",
		Source:  "Circular 105/2020/TT-BTC",
	},
	{
		Name: "VN_BHXH", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"VN"},
		Forms:  []Form{{Shape: "##########"}},
		Labels: []string{"vn_bhxh"}, Weak: []string{"health"}, Needs: Label,
		Example: "mã số bảo hiểm xã hội 0123456789",
		Source:  "Decision 595/QD-BHXH; no public check",
	},
	{
		Name: "VN_BHYT", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"VN"},
		Forms:  []Form{{Shape: "@@#############"}, {Shape: "@@ # ## ## ##### #####"}, {Shape: "@@-#-##-##########"}},
		Labels: []string{"vn_bhyt"}, Weak: []string{"health"}, Needs: Label,
		Example: "thẻ BHYT DN4791234567890",
		Source:  "Decision 1351/QD-BHXH; no check digit",
	},
	{
		Name: "VN_PASSPORT", Type: Passport, Class: Labelled, Tier: 1, Countries: []string{"VN"},
		Forms:  []Form{{Shape: "@#######"}, {Shape: "@########"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "số hộ chiếu C1234567",
		Source:  "Immigration Department; no check digit",
	},
	{
		Name: "VN_DRIVING_LICENCE", Type: Licence, Class: Labelled, Tier: 2, Countries: []string{"VN"},
		Forms:  []Form{{Shape: "############"}},
		Labels: []string{"vn_licence"}, Weak: []string{"licence"}, Needs: Label,
		Example: "bằng lái số 790123456789",
		Source:  "Circular 12/2017/TT-BGTVT; no public check",
	},
	{
		Name: "VN_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"VN"},
		Forms: []Form{
			{Shape: "#{6,19}"}, {Shape: "#### #### ####"}, {Shape: "#### ### ###"}, {Shape: "#### #### ##"},
			{Shape: "### ### ### ### #"},
		},
		Labels: []string{"vn_account"}, Weak: []string{"account", "vn_bank"}, Needs: Label,
		Example: "stk 1903 2345 678 Techcombank, so tai khoan 19032345678",
		Source:  "State Bank of Vietnam; no public check",
	},
	{
		Name: "KH_ID", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"KH"},
		Forms:  []Form{{Shape: "#########"}, {Shape: "### ### ###"}},
		Labels: []string{"kh_id"}, Weak: []string{"id"}, Needs: Label,
		Example: "អត្តសញ្ញាណប័ណ្ណ 012345678",
		Source:  "General Department of Identification; no check digit",
	},
	{
		Name: "KH_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"KH"},
		Forms:  []Form{{Shape: "N#######"}, {Shape: "N########"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "passport N1234567",
		Source:  "General Department of Identification; no check digit",
	},
	{
		Name: "MM_NRC", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"MM"},
		Forms: []Form{
			{Shape: "#/@@@@@@@######"}, {Shape: "##/@@@@@@@######"}, {Shape: "#/@@@@@@######"}, {Shape: "##/@@@@@@######"},
			{Shape: "#/@@@@@@@@######"}, {Shape: "##/@@@@@@@@######"}, {Shape: "#/@@@@@@@@@######"},
			{Shape: "##/@@@@@@@@@######"}, {Shape: "#/@@@@@@@@@@######"}, {Shape: "##/@@@@@@@@@@######"},
		},
		Labels: []string{"mm_nrc"}, Weak: []string{"id"}, Needs: Label,
		Example: "NRC 12/OUKAMAN123456",
		Source:  "Union Citizenship (Scrutiny) Law 1982; no check digit",
	},
	{
		Name: "MM_PASSPORT", Type: Passport, Class: Labelled, Tier: 3, Countries: []string{"MM"},
		Forms:  []Form{{Shape: "M@######"}},
		Labels: []string{"passport"}, Needs: Label,
		Example: "passport MB123456",
		Source:  "Ministry of Home Affairs; no check digit",
	},
	{
		Name: "LA_ID", Type: NationalID, Class: Labelled, Tier: 3, Countries: []string{"LA"},
		Forms:  []Form{{Shape: "##-##########"}, {Shape: "###########"}},
		Labels: []string{"la_id"}, Weak: []string{"id"}, Needs: Label,
		Example: "ເລກບັດປະຈຳຕົວ 01-1234567890",
		Source:  "Ministry of Public Security; no check digit",
	},
}
