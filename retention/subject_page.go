package retention

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed subject_page.html
var exportPage string

// page is the export for people: it stands alone, runs nothing and loads
// nothing, and nothing that somebody wrote becomes markup.
func (e Disclosure) page() ([]byte, error) {
	made, err := template.New("export").Parse(exportPage)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	var out bytes.Buffer
	if err := made.Execute(&out, e); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return out.Bytes(), nil
}
