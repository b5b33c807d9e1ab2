package catalog

import "postern/policy/pii/check"

var brazil = []Row{
	{
		Name: "BR_CPF", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "###.###.###-##", Check: check.CPF, OneIn: 100, Alone: true}, {Shape: "#########-##", Check: check.CPF, OneIn: 100}},
		Labels: []string{"br_cpf"}, Weak: []string{"id", "tax", "pix"}, Needs: Prior,
		Example: "meu CPF é 529.982.247-25",
		Source:  "Receita Federal, Instrução Normativa RFB 2.172/2024",
	},
	{
		Name: "BR_CNPJ", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "##.###.###/####-##", Check: check.CNPJ, OneIn: 100, Alone: true}, {Shape: "**.***.***/****-##", Check: check.CNPJ, OneIn: 100, Alone: true}},
		Labels: []string{"br_cnpj"}, Weak: []string{"tax", "pix"}, Needs: Prior,
		Example: "CNPJ 12.ABC.345/01DE-35",
		Source:  "Receita Federal, Instrução Normativa RFB 2.229/2024",
	},
	{
		Name: "BR_RG", Type: NationalID, Class: Labelled, Tier: 1, Countries: []string{"BR"},
		Forms: []Form{
			{Shape: "##.###.###-*", Check: check.SaoPauloRG, OneIn: 36}, {Shape: "##.###.###-*"}, {Shape: "#.###.###-*"}, {Shape: "#.###.###"},
			{Shape: "##.###.###"}, {Shape: "@@-##.###.###"}, {Shape: "@@-#.###.###"}, {Shape: "#{6,13}"},
		},
		Labels: []string{"br_rg"}, Weak: []string{"id"}, Needs: Label,
		Example: "RG 24.678.131-2 SSP/SP",
		Source:  "Lei 7.116/1983; check digit of São Paulo alone",
	},
	{
		Name: "BR_CNS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "### #### #### ####", Check: check.CNS, OneIn: 36}, {Shape: "###.####.####.####", Check: check.CNS, OneIn: 36}},
		Labels: []string{"br_cns"}, Weak: []string{"health"}, Needs: Prior,
		Example: "cartão SUS 700 5084 4281 0153",
		Source:  "Ministério da Saúde, CADSUS",
	},
	{
		Name: "BR_PIS", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "###.#####.##-#", Check: check.PIS, OneIn: 10}},
		Labels: []string{"br_pis"}, Weak: []string{"id"}, Needs: Prior,
		Example: "PIS 120.56412.54-5",
		Source:  "Caixa, Manual do NIS",
	},
	{
		Name: "BR_CNH", Type: Licence, Class: Supported, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "### ### ### ##", Check: check.CNH, OneIn: 100}, {Shape: "###########", Check: check.CNH, OneIn: 107}},
		Labels: []string{"br_cnh", "licence"}, Needs: Prior,
		Example: "minha CNH 02102234251",
		Source:  "Denatran, Base de índice nacional de condutores",
	},
	{
		Name: "BR_TITULO_ELEITOR", Type: NationalID, Class: Supported, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "#### #### ####", Check: check.VoterTitle, OneIn: 350}},
		Labels: []string{"br_titulo"}, Weak: []string{"id"}, Needs: Prior,
		Example: "título de eleitor 1023 8501 0671",
		Source:  "TSE, Resolução 23.659/2021",
	},
	{
		Name: "BR_RENAVAM", Type: Vehicle, Class: Supported, Tier: 3, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "##########-#", Check: check.PIS, OneIn: 10}},
		Labels: []string{"br_renavam"}, Weak: []string{"vehicle"}, Needs: Label,
		Example: "renavam 00639884962",
		Source:  "Denatran, Portaria 27/2013",
	},
	{
		Name: "BR_PIX_KEY", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "********-****-4***-****-************", Check: check.UUID, OneIn: 1_000_000_000}},
		Labels: []string{"pix", "br_chave"}, Needs: Label,
		Example: "chave pix 123e4567-e89b-42d3-a456-426614174000",
		Source:  "Banco Central do Brasil, Regulamento do Pix; RFC 9562",
	},
	{
		Name: "BR_BANK_ACCOUNT", Type: BankAccount, Class: Labelled, Tier: 1, Countries: []string{"BR"},
		Forms: []Form{
			{Shape: "####-*"}, {Shape: "#####-*"}, {Shape: "######-*"}, {Shape: "########-*"}, {Shape: "#########-*"}, {Shape: "##.###-*"}, {Shape: "##.###.###-*"},
			{Shape: "####/#####-*"}, {Shape: "#### #####-*"}, {Shape: "#{4,13}"},
		},
		Labels: []string{"br_account", "account"}, Weak: []string{"br_branch"}, Needs: Label,
		Example: "ag 0435 conta corrente 48213-7",
		Source:  "Febraban, layout CNAB 240; check digits differ by bank",
	},
	{
		Name: "BR_AGENCIA", Type: BankAccount, Class: Labelled, Tier: 2, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "####"}, {Shape: "####-*"}},
		Labels: []string{"br_agency"}, Weak: []string{"br_branch"}, Needs: Label,
		Example: "agência 0435",
		Source:  "Febraban, layout CNAB 240",
	},
	{
		Name: "BR_RNM", Type: NationalID, Class: Labelled, Tier: 2, Countries: []string{"BR"},
		Forms: []Form{{Shape: "@######-*"}, {Shape: "@@######-*"}}, Labels: []string{"br_rnm"}, Weak: []string{"id"}, Needs: Label,
		Example: "RNE V381204-K",
		Source:  "Polícia Federal, Lei 13.445/2017",
	},
	{
		Name: "BR_PASSPORT", Type: Passport, Class: Labelled, Tier: 2, Countries: []string{"BR"},
		Forms: []Form{{Shape: "@@######"}, {Shape: "@@ ### ###"}}, Labels: []string{"passport"}, Needs: Label,
		Example: "passaporte FZ482913",
		Source:  "Polícia Federal, Decreto 5.978/2006",
	},
}
