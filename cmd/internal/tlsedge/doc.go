// Package tlsedge holds the tests of the whole gateway's TLS: who is let in by
// which certificate, what happens when certificates change under load, and
// what is told before they expire. It has no code of its own.
package tlsedge
