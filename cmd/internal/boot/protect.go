package boot

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Protect keeps what this process holds in memory from core files and from
// other processes of its user: nobody but root may trace it or read its memory
// from here on (prctl(2), proc(5)). It is called before the first key is read,
// and a process for which it fails must not go on.
//
// The limit of core files alone would not do: a core_pattern that names a
// program is not bound by it, and it forbids no tracing. Not being dumpable
// forbids both; the limit is what children inherit.
func Protect() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("withhold memory from other processes: %w", err)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("withhold memory from other processes: %w", err)
	}
	if dumpable != 0 {
		return errors.New("withhold memory from other processes: the kernel did not take it")
	}
	return nil
}

// lockMemory reads whether keys may lie in memory that is not locked.
func (s *section) lockMemory() bool {
	const write = "write required, or preferred: then a refusal to lock is a warning"
	v := s.text("lock_memory", "preferred", write)
	s.r.expect(v == "required" || v == "preferred", s.at("lock_memory"), "is neither required nor preferred", write)
	return v == "required"
}

// AllStacks reports whether the value of GOTRACEBACK makes a crash print the
// stacks of all goroutines. Go prints names of functions and machine words,
// never what a pointer leads to, but a word can be a piece of a message. The
// default, one stack, is what is needed to mend a crash. A program can not
// lower what its environment asks for.
func AllStacks(gotraceback string) bool {
	switch gotraceback {
	case "", "none", "single", "0", "1":
		return false
	}
	return true
}
