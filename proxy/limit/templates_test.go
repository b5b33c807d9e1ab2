package limit_test

import (
	"testing"
	"time"

	"postern/proxy/limit"
)

// TestTemplates: an hour holds a hundred new templates of an account, whenever
// in it they came.
func TestTemplates(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := limit.New(limit.Config{Now: func() time.Time { return now }})
	for i := range 100 {
		if wait := l.Template("bank/77"); wait != 0 {
			t.Fatalf("template %d has to wait %v", i, wait)
		}
		now = now.Add(time.Second)
	}
	if wait := l.Template("bank/77"); wait != time.Hour-100*time.Second {
		t.Errorf("the 101st has to wait %v", wait)
	}
	l.TemplateBack("bank/77")
	if wait := l.Template("bank/77"); wait != 0 {
		t.Errorf("one was given back, and the next has to wait %v", wait)
	}
	if wait := l.Template("bank/78"); wait != 0 {
		t.Errorf("another account's has to wait %v", wait)
	}
	now = now.Add(time.Hour - 100*time.Second)
	if wait := l.Template("bank/77"); wait != 0 {
		t.Errorf("an hour after the first: %v", wait)
	}
	if wait := l.Template("bank/77"); wait != time.Second {
		t.Errorf("the one behind it has to wait %v", wait)
	}
	l.TemplateBack("bank/79") // has none
}
