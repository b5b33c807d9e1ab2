//go:build tools

// Package toxiproxy pins the proxy that puts faults between the gateway and Vault.
package toxiproxy

import _ "github.com/Shopify/toxiproxy/v2/cmd/server"
