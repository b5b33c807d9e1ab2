// Package openapi holds the gateway against the descriptions that it ships in
// proxy/dialect/openapi: its test has schemathesis make requests of each
// description, good and bad, and look at every answer. An answer with a
// status, type or shape that is not described fails it, as does any server
// error and any call that an undocumented method or a wrong credential is let
// into.
//
// The requests are the same each time: nothing in them is random or comes from
// an answer. EXAMPLES=40 SEED=7 in the environment tries more and others.
//
// Schemathesis comes from PyPI at the versions of requirements.txt, into
// .cache/schemathesis; make test installs it. It is no part of the program.
package openapi
