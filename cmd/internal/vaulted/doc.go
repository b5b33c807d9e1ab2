// Package vaulted holds the gateway and its client of Vault against a real
// Vault: crypto/vault/vaulttest, built here and run as a program of its own.
// Faults are Vault's own (it is sealed, stopped, killed, or told to forbid), or
// lie between: toxiproxy, pinned in .ci/tools, makes the way slow, cuts it, or
// swallows what Vault says.
package vaulted
