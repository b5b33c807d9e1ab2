// Package compliance holds tests of the whole gateway as somebody uses it who
// answers for compliance: with a policy folder, facts, a calendar, and sends
// that must be refused or pass.
package compliance
