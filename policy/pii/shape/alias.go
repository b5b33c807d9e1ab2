package shape

const (
	leastAlias = 6
	mostAlias  = 20
)

// Alias reads the alias of an account in Argentina, three words with dots between them
// as banks hand them out: perro.luna.mate (Banco Central de la República Argentina,
// Comunicación A 6044: 6 to 20 letters, digits, dots and dashes).
func Alias(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	end, dots := i, 0
	for is(s, end, isAlnum) || (at(s, end) == '.' || at(s, end) == '-') && end > i && is(s, end+1, isAlnum) {
		if s[end] == '.' {
			dots++
		}
		end++
	}
	_, _, foreign := foreign(s, end)
	return Match{Row: "AR_ALIAS", Start: i, End: end, OneIn: 16}, dots == 2 && is(s, i, isLetter) && end-i >= leastAlias && end-i <= mostAlias && !foreign && at(s, end) != '@'
}
