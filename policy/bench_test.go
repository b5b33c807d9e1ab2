package policy_test

import (
	"testing"

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
