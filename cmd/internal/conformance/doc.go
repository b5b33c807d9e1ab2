// Package conformance holds no code: its tests speak each of the four API
// dialects to a whole gateway with the simulator behind it, and compare what
// apps are told, what left, and what is on record with the published facts.
// Cases that stand for a need of published clients are named "need NN ...".
package conformance
