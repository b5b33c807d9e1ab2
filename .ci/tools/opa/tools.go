//go:build tools

// Package opa pins the policy checker.
package opa

import _ "github.com/open-policy-agent/opa"
