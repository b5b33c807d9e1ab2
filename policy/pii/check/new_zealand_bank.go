package check

// branches are the ranges of branches by bank, and the letter of the rule for
// their accounts.
var branches = [...]struct {
	bank, low, high int
	rule            byte
}{
	{1, 1, 999, 'A'}, {1, 1100, 1199, 'A'}, {1, 1800, 1899, 'A'}, {2, 1, 999, 'A'}, {2, 1200, 1299, 'A'},
	{3, 1, 999, 'A'}, {3, 1300, 1399, 'A'}, {3, 1500, 1599, 'A'}, {3, 1700, 1799, 'A'}, {3, 1900, 1999, 'A'},
	{4, 2020, 2024, 'A'}, {6, 1, 999, 'A'}, {6, 1400, 1499, 'A'}, {8, 6500, 6599, 'D'}, {9, 0, 0, 'E'},
	{10, 5165, 5169, 'A'}, {11, 5000, 6499, 'A'}, {11, 6600, 8999, 'A'}, {12, 3000, 3299, 'A'},
	{12, 3400, 3499, 'A'}, {12, 3600, 3699, 'A'}, {13, 4900, 4999, 'A'}, {14, 4700, 4799, 'A'},
	{15, 3900, 3999, 'A'}, {16, 4400, 4499, 'A'}, {17, 3300, 3399, 'A'}, {18, 3500, 3599, 'A'},
	{19, 4600, 4649, 'A'}, {20, 4100, 4199, 'A'}, {21, 4800, 4899, 'A'}, {22, 4000, 4049, 'A'},
	{23, 3700, 3799, 'A'}, {24, 4300, 4349, 'A'}, {25, 2500, 2599, 'F'}, {26, 2600, 2699, 'G'},
	{27, 3800, 3849, 'A'}, {28, 2100, 2149, 'G'}, {29, 2150, 2299, 'G'}, {30, 2900, 2949, 'A'},
	{31, 2800, 2849, 'X'}, {33, 6700, 6799, 'F'}, {35, 2400, 2499, 'A'}, {38, 9000, 9499, 'A'},
}

// KiwiAccount checks a New Zealand bank account: bank, branch, seven digits,
// a suffix of two or three, by the rule of the bank (Inland Revenue, RWT and
// NRWT specification, bank account number validation).
func KiwiAccount(v []byte) bool {
	if len(v) != 15 && len(v) != 16 || !digits(v) {
		return false
	}
	bank, branch := number(v[:2]), number(v[2:6])
	for _, b := range branches {
		if b.bank == bank && between(branch, b.low, b.high) {
			return kiwiSum(v, b.rule)
		}
	}
	return false
}

// kiwiSum applies a rule to branch, account and suffix. Rules E and G add the
// digits of each product.
func kiwiSum(v []byte, rule byte) bool {
	branch, account, suffix := v[2:6], v[6:13], v[13:]
	switch rule {
	case 'A':
		sum := weighted(account, 0, 10, 5, 8, 4, 2, 1)
		if number(account) < 990_000 {
			sum += weighted(branch, 6, 3, 7, 9)
		}
		return sum%11 == 0
	case 'D':
		return weighted(account, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	case 'E':
		return (nines(account, 0, 0, 0, 5, 4, 3, 2)+value(suffix[len(suffix)-1]))%11 == 0
	case 'F':
		return weighted(account, 1, 7, 3, 1, 7, 3, 1)%10 == 0
	case 'G':
		last := suffix[len(suffix)-2:]
		sum := nines(account, 1, 3, 7, 1, 3, 7, 1) + nines(last, 7, 1)
		if len(suffix) == 3 {
			sum += nines(suffix[:1], 3)
		}
		return sum%10 == 0
	}
	return true
}

// nines adds products of which each stands for the sum of its digits, taken
// until one is left.
func nines(v []byte, weights ...int) int {
	sum := 0
	for i, w := range weights {
		if p := value(v[i]) * w; p > 9 {
			sum += (p-1)%9 + 1
		} else {
			sum += p
		}
	}
	return sum
}
