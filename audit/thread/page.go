package thread

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
)

var (
	//go:embed page.html
	page string
	//go:embed page.css
	style string
)

// marks are what redaction leaves: masked values and tokens in brackets.
var marks = regexp.MustCompile(`\[[A-Z][A-Z0-9_]*(?::[^\]\s]*)?\]|[^\s*]*\*{3,}\S*`)

// span is a piece of text; a redaction mark is shown as one.
type span struct {
	Text string
	Mark bool
}

func spans(text string) (out []span) {
	from := 0
	for _, m := range marks.FindAllStringIndex(text, -1) {
		if m[0] > from {
			out = append(out, span{Text: text[from:m[0]]})
		}
		out = append(out, span{text[m[0]:m[1]], true})
		from = m[1]
	}
	if from < len(text) {
		out = append(out, span{Text: text[from:]})
	}
	return out
}

// Shown is what the page shows as said: the text, and of a message without words
// or files, such as a position, the object as it is kept.
func (m Message) Shown() string {
	if bare := string(m.Content); m.Text == "" && len(m.Files) == 0 && bare != "null" && bare != "{}" {
		return bare
	}
	return m.Text
}

// HTML writes the conversation as one page that stands alone: no scripts, no
// outside references, nothing that a record holds can become markup. Its
// content security policy allows its own style and nothing else.
func (t Thread) HTML(w io.Writer) error {
	sum := sha256.Sum256([]byte(style))
	made, err := template.New("page").Funcs(template.FuncMap{"spans": spans}).Parse(page)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	err = made.Execute(w, map[string]any{
		"Thread": t, "Style": template.CSS(style), //nolint:gosec // our own file
		"Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
	})
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}
