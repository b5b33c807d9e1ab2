// Package policies holds the policy that Postern ships: Rego rules, their
// tests, and settings.yaml for the people who answer for compliance. It is
// data only; package policy compiles it and refuses what does not compile.
package policies

import "embed"

// Files are the rules, tests, default settings, the default retention policy,
// and packs and lexicons.
//
//go:embed *.rego settings.yaml retention.yaml pii/*.yaml lexicons/*.yaml
var Files embed.FS
