package check

// sum731 adds the values of v times 7, 3, 1, 7 ..., the weights of ICAO Doc
// 9303 part 3, which many countries took for numbers of their own.
func sum731(v []byte) int { return cyclic(v, 7, 3, 1) }

// cyclic adds the values of v times weights that begin again at their end.
func cyclic(v []byte, weights ...int) int {
	sum := 0
	for i, c := range v {
		sum += value(c) * weights[i%len(weights)]
	}
	return sum
}

// closes731 reports that the last digit of v is sum731 of those before it,
// modulo 10.
func closes731(v []byte) bool {
	last := len(v) - 1
	return last > 0 && digits(v[last:]) && sum731(v[:last])%10 == value(v[last])
}

// digit reports that c is the digit of n; no digit is above 9.
func digit(c byte, n int) bool { return n <= 9 && c == byte('0'+n) }

// ddmmyy reports a day by two digits each of day, month and year, in any
// century.
func ddmmyy(v []byte) bool {
	return len(v) == 6 && digits(v) && date(2000+number(v[4:]), number(v[2:4]), number(v[:2]))
}

// ean checks the last digit by the weights 1 and 3 of the GS1 numbers.
func ean(v []byte) bool {
	sum := 0
	for i := range v {
		sum += value(v[len(v)-1-i]) * (1 + i%2*2)
	}
	return len(v) > 1 && digits(v) && sum%10 == 0
}
