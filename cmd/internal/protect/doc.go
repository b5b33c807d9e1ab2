// Package protect holds tests of what other processes can learn from the
// gateway's memory: the built program is started as an unprivileged user and
// looked at by a thread of the same user, and by root where the tests run as
// root. There is no code here that a program uses.
package protect
