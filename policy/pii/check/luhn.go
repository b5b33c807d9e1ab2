package check

import "encoding/binary"

// Luhn checks the last digit by modulus 10 with every second digit doubled
// (ISO/IEC 7812-1, annex B). It says nothing about the length.
func Luhn(v []byte) bool {
	return len(v) > 1 && digits(v) && luhnSum(v)%10 == 0
}

// LuhnValues is Luhn for values of digits.
func LuhnValues(v []byte) bool { return luhnSum(v)%10 == 0 }

// luhnSum adds the digits of v, which are digits or values of them, doubling from
// the second last to the left.
func luhnSum(v []byte) int {
	sum := 0
	for ; len(v) >= 8; v = v[:len(v)-8] {
		sum += luhnEight(binary.LittleEndian.Uint64(v[len(v)-8:]))
	}
	for i := range v {
		d := int(v[len(v)-1-i] & 0x0F)
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// luhnEight is luhnSum of eight digits, the first one lowest: they are added in pairs,
// each in 16 bits, of which the first one is doubled.
func luhnEight(x uint64) int {
	const pair = 0x0001000100010001
	twice := x & (pair * 0x0F) << 1
	over := (twice + pair*(0x80-10)) >> 7 & pair                 // of those that have two digits then
	return int((twice - 9*over + x>>8&(pair*0x0F)) * pair >> 48) //nolint:gosec // 72 at most
}
