package keyring

import (
	"runtime"
	"time"
)

// forget has the garbage collector find what a destroyed key leaves behind. The
// standard library keeps expanded keys as long as what they were made of: only
// once that is found gone, and a cleanup has run, can they be found gone, too.
// It waits until that memory is swept, which is when what was allocated under
// erasing is overwritten.
func forget() {
	for range 3 {
		ran := watch()
		runtime.GC()
		select {
		case <-ran:
		case <-time.After(time.Second): // cleanups are held up: the next round finds the rest
		}
	}
	runtime.GC()
}

// watch tells when the cleanups of what the next collection finds are running.
//
//go:noinline
func watch() <-chan struct{} {
	ran := make(chan struct{})
	runtime.AddCleanup(new([64]byte), func(c chan struct{}) { close(c) }, ran)
	return ran
}
