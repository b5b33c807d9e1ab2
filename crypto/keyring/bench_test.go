package keyring_test

import (
	"testing"

	"postern/crypto/keyring"
)

func BenchmarkMAC(b *testing.B) {
	k, _ := create(b)
	kind, id := []byte("number"), []byte("15550100001")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := k.MAC(keyring.Index, kind, id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMACParallel(b *testing.B) {
	k, _ := create(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		kind, id := []byte("number"), []byte("15550100001")
		for pb.Next() {
			if _, _, err := k.MAC(keyring.Index, kind, id); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkMAC1K(b *testing.B) {
	k, _ := create(b)
	body := make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := k.MAC(keyring.Original, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewDataKey(b *testing.B) {
	k, _ := create(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.NewDataKey(scope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnwrap(b *testing.B) {
	k, _ := create(b)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.DataKey(wrapped, scope); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSealOpen1K seals and opens 1 KiB with the data key at hand.
func BenchmarkSealOpen1K(b *testing.B) {
	k, _ := create(b)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		b.Fatal(err)
	}
	s, err := k.DataKey(wrapped, scope)
	if err != nil {
		b.Fatal(err)
	}
	aad, plain := []byte("record 1"), make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		sealed, err := s.Seal(aad, plain)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Unseal(aad, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignCheckpoint(b *testing.B) {
	k, _ := create(b)
	msg := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := k.SignCheckpoint(msg); err != nil {
			b.Fatal(err)
		}
	}
}
