package flows_test

import (
	"testing"

	"postern/crypto/flows"
)

// BenchmarkOpen opens a request and seals its answer.
func BenchmarkOpen(b *testing.B) {
	v, k := readVectors(b)
	for b.Loop() {
		_, ex, err := flows.Open(v.RequestBody, k)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ex.Seal([]byte(v.AnswerPlain)); err != nil {
			b.Fatal(err)
		}
	}
}
