package keyring

import "runtime"

// forget has the garbage collector find what a destroyed key leaves behind:
// once for what nothing refers to any more, and once more for what pools kept
// until then. It waits until that memory is swept, which is when what was
// allocated under erasing is overwritten.
func forget() {
	runtime.GC()
	runtime.GC()
}
