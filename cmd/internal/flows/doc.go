// Package flows holds tests of the flows' data endpoint with everything in
// place: the simulator as a person's client, the gateway behind its listener,
// and an app. They fail where anything is readable that should not be.
package flows
