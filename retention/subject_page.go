package retention

import _ "embed"

//go:embed subject_page.html
var exportPage string
