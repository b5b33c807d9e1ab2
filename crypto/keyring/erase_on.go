//go:build goexperiment.runtimesecret

package keyring

import "runtime/secret"

// erasing runs f, overwrites the stack and the registers it used, and has what
// it allocated overwritten as soon as the garbage collector finds that nothing
// refers to it.
func erasing(f func()) { secret.Do(f) }
