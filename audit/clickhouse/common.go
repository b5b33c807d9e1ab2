package clickhouse

import (
	"fmt"
	"regexp"
	"strings"

	"postern/audit/journal"
)

// foreign is what the common subset of SQL does not have and ClickHouse would
// obey or read otherwise: other limits, another form or place of the answer, and
// the signs by which its lexer and the embedded store's part ways.
var foreign = regexp.MustCompile(`(?i)\b(settings|outfile)\b|\bformat\s+\w+\s*$|[#$]`)

// common writes a question so that ClickHouse reads it as the embedded store
// does: a backslash in quotes is a backslash, comments are left out.
func common(question string) (string, error) {
	var out, bare strings.Builder
	for piece, quoted := range journal.Pieces(question) {
		switch {
		case strings.HasPrefix(piece, "--") || strings.HasPrefix(piece, "/*"):
			piece = " "
			bare.WriteString(piece)
		case quoted:
			piece = strings.ReplaceAll(piece, `\`, `\\`)
			bare.WriteString(" '' ")
		default:
			bare.WriteString(piece)
		}
		out.WriteString(piece)
	}
	if foreign.MatchString(bare.String()) {
		return "", fmt.Errorf("%w: SETTINGS, FORMAT, OUTFILE, # and $ are not of the SQL that both stores read; --limit, --timeout, --csv and --json do their work", journal.ErrQuery)
	}
	return out.String(), nil
}
