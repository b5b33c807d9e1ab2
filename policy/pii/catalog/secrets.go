package catalog

// secrets are keys, tokens and wallets.
var secrets = []Row{
	{
		Name: "META_TOKEN", Type: MetaToken, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "EAAGm0PX4ZCpsBAKZCq8y1ZBdZA3fkE",
		Source:  "Meta, access tokens of the Graph API",
	},
	{
		Name: "CLOUD_KEY", Type: Secret, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "AKIAIOSFODNN7EXAMPLE",
		Source:  "vendors' pages on the forms of their keys",
	},
	{
		Name: "SECRET_VALUE", Type: Secret, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "api_key = kJ83hfQ0pLs72ZtVbX91",
		Source:  "no public rule",
	},
	{
		Name: "JWT", Type: Secret, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
		Source:  "RFC 7515",
	},
	{
		Name: "PRIVATE_KEY", Type: Secret, Class: SelfEvident, Tier: 1, Needs: Nothing,
		Example: "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
		Source:  "RFC 7468",
	},
	{
		Name: "WALLET_KEY", Type: Secret, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
		Source:  "Bitcoin wallet import format; BIP-32",
	},
	{
		Name: "WALLET_BTC", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
		Source:  "base58check; BIP-173, BIP-350",
	},
	{
		Name: "WALLET_ETH", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
		Source:  "EIP-55",
	},
	{
		Name: "WALLET_TRX", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
		Source:  "TRON, account addresses",
	},
	{
		Name: "WALLET_LTC", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
		Source:  "Litecoin Core, versions of addresses",
	},
	{
		Name: "WALLET_DOGE", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "DFkuxJfQWRPXCkudkqyeFYhnT9LtLTumex",
		Source:  "Dogecoin Core, versions of addresses",
	},
	{
		Name: "WALLET_XRP", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
		Source:  "XRP Ledger, base58 encodings",
	},
	{
		Name: "WALLET_ADA", Type: Wallet, Class: SelfEvident, Tier: 2, Needs: Nothing,
		Example: "addr1v968wetww3uj6etfva58ggrz096x2ueqdanzqcfqdpshx6q98hsma",
		Source:  "CIP-19",
	},
	{
		Name: "WALLET_XMR", Type: Wallet, Class: Supported, Tier: 3, Needs: Nothing,
		Example: "4A1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGA1bC2dE3fGwxyz",
		Source:  "Monero, standard addresses",
	},
	{
		Name: "WALLET_SOL", Type: Wallet, Class: Labelled, Tier: 3, Needs: Label,
		Labels:  []string{"wallet"},
		Example: "wallet 7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK",
		Source:  "Solana, addresses of accounts",
	},
}
