// Package reveal lets operators of a whole gateway open what is kept sealed of
// its records: who may, what has to be recorded before, what a second person
// and a failing journal change, and where what was opened must never be. It
// holds tests only.
package reveal
