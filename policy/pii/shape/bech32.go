package shape

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

var bech32Digits = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range []byte(bech32Letters) {
		t[c] = int8(i)
		if c >= 'a' {
			t[c&^0x20] = int8(i)
		}
	}
	return t
}()

// Final values of the checksum.
const (
	bech32Const  = 1
	bech32mConst = 0x2bc830a3 // BIP-350
)

// bech32 checks a string of a readable part, the separator 1 at sep and data
// (BIP-173, BIP-350). It gives the constant that the checksum leaves and the
// first value of the data.
func bech32(v string, sep int) (left uint32, first int8, ok bool) {
	if sep < 1 || len(v)-sep < 8 {
		return 0, 0, false
	}
	small, capital := false, false
	sum := uint32(1)
	for i := range sep {
		sum = bech32Step(sum) ^ uint32(fold(v[i])>>5)
	}
	sum = bech32Step(sum)
	for i := range sep {
		sum = bech32Step(sum) ^ uint32(fold(v[i])&31)
	}
	for i := range len(v) {
		small = small || class[v[i]]&isLower != 0
		capital = capital || class[v[i]]&isUpper != 0
		if i <= sep {
			continue
		}
		d := bech32Digits[v[i]]
		if d < 0 {
			return 0, 0, false
		}
		sum = bech32Step(sum) ^ uint32(d)
	}
	return sum, bech32Digits[v[sep+1]], !small || !capital
}

func bech32Step(sum uint32) uint32 {
	top := sum >> 25
	sum = sum & 0x1ffffff << 5
	for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		sum ^= g & -(top >> i & 1)
	}
	return sum
}
