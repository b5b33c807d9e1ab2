package pii

import "testing"

// TestNoAllocationWhenClean looks at a pass alone: the pool of passes gives them
// back at random under the race detector.
func TestNoAllocationWhenClean(t *testing.T) {
	s, err := New(Config{Countries: []string{"DE"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Hi, is the shop open on Sunday?", "मेरा ऑर्डर 55123 अभी तक नहीं आया", "order 4500123987 paid 1.250,00 €", "Hello Wembleyx, are you open?", "Dr. Pepper is out of stock, Mr. President"} {
		var p pass
		n := testing.AllocsPerRun(100, func() { p.scan(s, text, &Hint{PeerCountry: "BR"}) })
		if n != 0 || len(p.found) != 0 {
			t.Errorf("%q: %v allocations, %d findings", text, n, len(p.found))
		}
	}
}
