// Package inbound holds the tests of everything that comes back to an app: what
// people write, the states of what was sent, and what concerns the account, on
// its whole way from Meta's signed webhook through the journal to the app's own
// webhook, in each dialect. It has no code of its own.
package inbound
