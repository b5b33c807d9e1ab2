package shape

import (
	"crypto/sha256"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// encode58 writes base58check the slow way.
func encode58(alphabet string, payload []byte) string {
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	b := append(slices.Clone(payload), twice[:4]...)
	n, base, rest := new(big.Int).SetBytes(b), big.NewInt(58), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, rest)
		out = append(out, alphabet[rest.Int64()])
	}
	for _, c := range b {
		if c != 0 {
			break
		}
		out = append(out, alphabet[0])
	}
	slices.Reverse(out)
	return string(out)
}

func TestWalletsPublished(t *testing.T) {
	for v, row := range map[string]string{
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa":                                         rowBTC, // genesis block
		"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2":                                         rowBTC,
		"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4":                                 rowBTC, // BIP-173
		"tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7":             rowBTC,
		"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y": rowBTC, // BIP-350
		"BC1SW50QGDZ25J":                       rowBTC,
		"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs": rowBTC,
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": rowBTC,
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed":                     rowETH, // EIP-55
		"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359":                     rowETH,
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB":                     rowETH,
		"0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb":                     rowETH,
		"0x52908400098527886E0F7030069857D2E4169EE7":                     rowETH,
		"0xde709f2102306220921060314715629080e2fb77":                     rowETH,
		"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh":                             rowXRP, // genesis account
		"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t":                             rowTRX,
		"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ":            rowKey,
		"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi": rowKey, // BIP-32
	} {
		expect(t, "to "+v+" now", row, v)
		expect(t, "钱包"+v+"谢谢", row, v)
		expect(t, change(v), "", "")
	}
}

// change alters one character behind the prefix within its kind.
func change(v string) string {
	if strings.HasPrefix(v, "0x") {
		if strings.ToLower(v) == v || strings.ToUpper(v[2:]) == v[2:] {
			return v[:41] // no checksum: one shorter
		}
		return v + "0"
	}
	b := []byte(v)
	i := len(b) - 3
	for {
		c := b[i]
		switch {
		case c == '9' || c == 'z' || c == 'Z':
			i--
			continue
		case class[c+1]&isAlnum == 0 || strings.IndexByte("0OIl1bio", c+1) >= 0:
			i--
			continue
		}
		b[i]++
		return string(b)
	}
}

func TestWalletsRefused(t *testing.T) {
	for _, v := range []string{
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", // BIP-350: bech32 instead of bech32m
		"BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
		"tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", // both cases
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
	} {
		expect(t, v, "", "")
	}
	m, ok := Token("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", 0, 42, 0)
	if !ok || !m.Broken || m.Checked {
		t.Error("a wrong EIP-55 case is not told")
	}
}

func TestWalletVersions(t *testing.T) {
	hash := []byte("twenty bytes of hash")
	for version, row := range map[byte]string{0: rowBTC, 5: rowBTC, 0x30: rowLTC, 0x32: rowLTC, 0x1E: rowDOGE, 0x41: rowTRX} {
		v := encode58(bitcoin58, append([]byte{version}, hash...))
		expect(t, v, row, v)
	}
	v := encode58(ripple58, append([]byte{0}, hash...))
	expect(t, v, rowXRP, v)
	monero := "4" + strings.Repeat("A1bC2dE3fG", 9) + "wxyz"
	expect(t, monero, rowXMR, monero)
	solana := "7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK"
	expect(t, solana, rowSOL, solana)
}

func TestNoAllocations(t *testing.T) {
	texts := []string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "anna@example.org", "ravi@okaxis",
		"https://go.example.io?token=DExelcmoZObtZAR7SpbnLslabtwQ&code=1", "DE89 3704 0044 0532 0130 00", "2001:db8::1", "AKIA1234567890ABCDEF"}
	for _, s := range texts {
		if n := testing.AllocsPerRun(100, func() { pass(s, func(Match) {}) }); n != 0 {
			t.Errorf("%v allocations in a text of %d bytes", n, len(s))
		}
	}
}
