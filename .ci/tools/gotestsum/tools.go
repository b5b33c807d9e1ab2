//go:build tools

// Package gotestsum pins the program that runs the tests and names those that were run again.
package gotestsum

import _ "gotest.tools/gotestsum"
