//go:build !goexperiment.runtimesecret

package keyring

// erasing runs f. In a program built without GOEXPERIMENT=runtimesecret only
// the buffers that this package itself overwrites are gone afterwards.
func erasing(f func()) { f() }
