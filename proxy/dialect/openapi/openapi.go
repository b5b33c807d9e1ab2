// Package openapi holds an OpenAPI description of each dialect as this gateway
// offers it: every row of the routing table, the messages of all types, answers
// and errors. The descriptions are made of the routing table, the shapes of
// messages and what source adds by hand (go test ./proxy/dialect -run
// TestOpenAPI -update); cmd/internal/openapi holds the gateway's answers
// against them.
package openapi

import "embed"

//go:embed *.yaml
var pages embed.FS

// Page is the description of a dialect in YAML; false where there is none.
func Page(dialect string) ([]byte, bool) {
	page, err := pages.ReadFile(dialect + ".yaml")
	return page, err == nil
}
