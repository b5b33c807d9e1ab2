// Package retention says how long each record is kept, what must stay longer,
// and what is due to go: classes, presets of laws, legal holds, and the plan.
//
// It decides and holds no store: the journal erases, the commands wire. It
// fails closed: a policy with an error is refused whole and the running one
// stays; what the policy does not name, what a clock that jumped would take,
// and what cannot be judged is kept.
package retention
