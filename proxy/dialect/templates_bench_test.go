package dialect

import (
	"fmt"
	"testing"
)

// BenchmarkTemplates10k writes a list of 10,000 templates, as one answer.
func BenchmarkTemplates10k(b *testing.B) {
	list := make([]Template, 10_000)
	for i := range list {
		list[i] = Template{
			ID: fmt.Sprint(1_000_000 + i), Name: fmt.Sprintf("notice_%05d", i), Language: "en_US", Status: "APPROVED", Category: "UTILITY",
			Components: []byte(`[{"type":"BODY","text":"Your order {{1}} has left our house today."}]`),
		}
	}
	for b.Loop() {
		if status, body := EncodeTemplates(list, TemplatePage{Total: len(list)}); status != 200 || len(body) < 1<<20 {
			b.Fatal("no list")
		}
	}
}
