// Package vaulted holds the gateway and its client of Vault against a real
// Vault: crypto/vault/vaulttest, built here and run as a program of its own.
// Faults are Vault's own: it is sealed, stopped, killed, or told to forbid.
package vaulted
