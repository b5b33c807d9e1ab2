// Package envoy tests the gateway behind a real Envoy: what it is configured
// with, how it answers, and what happens when a part fails.
package envoy
