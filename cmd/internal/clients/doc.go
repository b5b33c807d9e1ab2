// Package clients holds the tests with published client libraries: each runs
// unchanged, configured by base URL and key only, against the gateway and the
// simulator as programs. It is a module of its own, so that the gateway's
// module never depends on a client.
//
// Every case looks at three things: what the client returned, what the
// simulator accepted, and what the trail recorded. A case fails if any of them
// is not what an app, Meta or an auditor would expect.
package clients
