package policy_test

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/policies"
	"postern/policy"
)

func BenchmarkDecide(b *testing.B) {
	e, err := policy.Load(b.Context(), policies.Files)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		in   *policy.Input
	}{
		{"free text allowed", reply()},
		{"marketing allowed", marketing()},
		{"free text refused", change(reply(), func(in *policy.Input) { in.Facts.Window.Open = false })},
		{"marketing refused three ways", change(marketing(), func(in *policy.Input) {
			in.Facts.OptOut = policy.OptOut{Marketing: true, All: true}
			in.Time.Now = nightTime
		})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Decide(b.Context(), c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInput compares making the rules' document directly with the way
// through JSON that the library takes for Go values.
func BenchmarkInput(b *testing.B) {
	in := marketing()
	b.Run("through JSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ast.InterfaceToValue(in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoad is compiling and testing the shipped policy.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := policy.Load(b.Context(), policies.Files); err != nil {
			b.Fatal(err)
		}
	}
}
