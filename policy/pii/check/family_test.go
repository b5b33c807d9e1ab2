package check

import "testing"

// The examples are those of the standards and of the registers that use them.
func TestFamilies(t *testing.T) {
	tests := []struct {
		name   string
		check  func([]byte) bool
		value  string
		broken string
	}{
		{"Luhn", Luhn, "79927398713", "79927398731"},
		{"Verhoeff", verhoeff, "2363", "3263"},
		{"MOD 97-10", func(v []byte) bool { return mod97(v) == 1 }, "79444", "79454"},
		{"MOD 97-10 with letters", func(v []byte) bool { return mod97(v) == 1 }, "WEST12345698765432GB82", "WEST12345698765423GB82"},
		{"MOD 11-2", iso11x2, "07940", "07490"},
		{"MOD 11-2 with X", iso11x2, "079X", "0791"},
		{"MOD 11-2 of ISNI", iso11x2, "0000000109302468", "0000000109302486"},
		{"MOD 37-2", iso37x2, "G123489654321Y", "G123498654321Y"},
		{"MOD 11,10", iso11x10, "07945", "07954"},
		{"MOD 37,36", iso37x36, "A12425GABC1234002M", "A12425GABC1243002M"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.check([]byte(tt.value)) {
				t.Error("refuses a published value")
			}
			if tt.check([]byte(tt.broken)) {
				t.Error("accepts a value with an error")
			}
		})
	}
}

func TestDates(t *testing.T) {
	for v, want := range map[string]bool{
		"000229": true, "040229": true, "010229": false, "991231": true, "990431": false, "991301": false,
		"990001": false, "990100": false, "9901": false, "99010A": false,
	} {
		if yymmdd([]byte(v)) != want {
			t.Errorf("yymmdd(%s) is not %v", v, want)
		}
	}
	for year, want := range map[int]bool{1900: false, 2000: true, 2023: false, 2024: true} {
		if date(year, 2, 29) != want {
			t.Errorf("29 February %d is not %v", year, want)
		}
	}
}

func TestWeighted(t *testing.T) {
	for v, want := range map[string]int{"": 0, "111": 11, "AZ9": 284, "1119": 11, "1": 3} {
		if got := weighted([]byte(v), 3, 7, 1); got != want {
			t.Errorf("weighted(%q) is %d, want %d", v, got, want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for v, want := range map[string][3]bool{ // digits, letters, both
		"019": {true, false, true}, "AZ": {false, true, true}, "A1": {false, false, true}, "a": {}, "1-": {}, "\x00": {},
	} {
		if got := [3]bool{digits([]byte(v)), letters([]byte(v)), alnum([]byte(v))}; got != want {
			t.Errorf("%q: digits, letters, both are %v", v, got)
		}
	}
}
