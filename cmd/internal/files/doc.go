// Package files tests what the gateway does with large and bad files: memory,
// room, restarts, foreign hosts. It holds nothing but tests.
package files
