// Package proofs holds tests of what a gateway hands out as proof: receipts to
// apps, and checkpoint keys that lead from one to the next.
package proofs
