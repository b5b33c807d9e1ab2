package shape

const (
	rowBTC  = "WALLET_BTC"
	rowETH  = "WALLET_ETH"
	rowTRX  = "WALLET_TRX"
	rowLTC  = "WALLET_LTC"
	rowDOGE = "WALLET_DOGE"
	rowXRP  = "WALLET_XRP"
	rowADA  = "WALLET_ADA"
	rowXMR  = "WALLET_XMR"
	rowSOL  = "WALLET_SOL"
	rowKey  = "WALLET_KEY" // who has it has the money
)

// wallet reads the address of a wallet that is the token s[i:to].
func wallet(s string, i, to int) (Match, bool) {
	v := s[i:to]
	m := Match{Start: i, End: to, Checked: true, OneIn: 1 << 16}
	switch n := len(v); {
	case n == 42 && v[0] == '0' && v[1]|0x20 == 'x':
		return ether(v, m)
	case n >= 14 && n <= 120:
		if m.Row = segwit(v); m.Row != "" {
			return m, true
		}
	}
	switch n := len(v); {
	case n >= 26 && n <= 35:
		m.Row = pay58(v)
	case n == 51 || n == 52:
		m.Row = wif(v)
	case n == 95 && (v[0] == '4' || v[0] == '8') && only58(v):
		m.Row, m.Checked, m.OneIn = rowXMR, false, 1<<10
	case n == 111:
		if _, ok := checked58(v, &digits58, 82); ok && v[1:4] == "prv" {
			m.Row = rowKey
		} else if ok && v[1:4] == "pub" {
			m.Row = rowBTC // shows all payments of a wallet
		}
	}
	if m.Row == "" && len(v) >= 43 && len(v) <= 44 && random(v) {
		if _, ok := decode58(v, &digits58, 32); ok {
			m.Row, m.Checked, m.OneIn = rowSOL, false, 2
		}
	}
	return m, m.Row != ""
}

func only58(v string) bool {
	for i := range len(v) {
		if digits58[v[i]] < 0 {
			return false
		}
	}
	return true
}

// ether reads 0x and 40 hexadecimal digits.
func ether(v string, m Match) (Match, bool) {
	for i := 2; i < len(v); i++ {
		if class[v[i]]&isHex == 0 {
			return m, false
		}
	}
	m.Row = rowETH
	m.Checked, m.Broken = eip55(v[2:])
	if !m.Checked {
		m.OneIn = 1 << 10
	}
	return m, true
}

// pay58 reads the addresses with a version byte before 20 bytes of hash.
func pay58(v string) string {
	first := byte(0)
	ok := false
	switch v[0] {
	case '1', '3', 'L', 'M', 'D', 'A', '9', 'T', 'm', 'n', '2':
		first, ok = checked58(v, &digits58, 25)
	case 'r':
		first, ok = checked58(v, &rippleDigits58, 25)
		if ok && first == 0 {
			return rowXRP
		}
		return ""
	}
	if !ok {
		return ""
	}
	switch first {
	case 0x00, 0x05, 0x6F, 0xC4: // main and test network
		return rowBTC
	case 0x30, 0x32:
		return rowLTC
	case 0x1E, 0x16:
		return rowDOGE
	case 0x41:
		return rowTRX
	}
	return ""
}

// wif reads a private key in the wallet import format.
func wif(v string) string {
	size := 37
	switch v[0] {
	case 'K', 'L', 'c':
		size = 38
	case '5', '9':
	default:
		return ""
	}
	if first, ok := checked58(v, &digits58, size); ok && (first == 0x80 || first == 0xEF) {
		return rowKey
	}
	return ""
}

// readable are the readable parts of bech32 addresses.
var readable = [...]struct {
	part, row string
	segwit    bool
}{
	{"bc", rowBTC, true}, {"tb", rowBTC, true}, {"bcrt", rowBTC, true}, {"ltc", rowLTC, true},
	{"addr", rowADA, false}, {"stake", rowADA, false},
}

// segwit reads bech32 addresses. In those of segregated witness the version
// says which of the two checksums holds (BIP-350).
func segwit(v string) string {
	if c := v[0] | 0x20; c != 'b' && c != 't' && c != 'l' && c != 'a' && c != 's' {
		return ""
	}
	for _, r := range readable {
		if !hasFold(v, 0, r.part) || at(v, len(r.part)) != '1' {
			continue
		}
		left, version, ok := bech32(v, len(r.part))
		want := uint32(bech32Const)
		if r.segwit && version > 0 {
			want = bech32mConst
		}
		if ok && left == want && (!r.segwit || version <= 16 && len(v) <= 90) {
			return r.row
		}
	}
	return ""
}
