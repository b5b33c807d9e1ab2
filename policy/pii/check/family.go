package check

import (
	"maps"
	"slices"
)

// families are systems that businesses use for numbers of their own.
var families = map[string]func([]byte) bool{
	"luhn":     Luhn,
	"mod97":    func(v []byte) bool { return len(v) > 2 && alnum(v) && mod97(v) == 1 }, // MOD 97-10
	"mod11_2":  iso11x2,
	"mod11_10": iso11x10,
	"mod37_2":  iso37x2,
	"mod37_36": iso37x36,
}

// Family gives the check of a published system by name, nil if there is none.
func Family(name string) func([]byte) bool { return families[name] }

// Families lists the names that Family knows.
func Families() []string { return slices.Sorted(maps.Keys(families)) }
