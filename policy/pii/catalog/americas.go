package catalog

import "postern/policy/pii/check"

var americas = []Row{
	{
		Name: "BR_CPF", Type: NationalID, Class: SelfEvident, Tier: 1, Countries: []string{"BR"},
		Forms:  []Form{{Shape: "###.###.###-##", Check: check.CPF, OneIn: 100}},
		Labels: []string{"br_cpf"}, Weak: []string{"id", "tax", "pix"}, Needs: Prior,
		Example: "meu CPF é 529.982.247-25",
		Source:  "Receita Federal, Instrução Normativa RFB 2.172/2024",
	},
}
