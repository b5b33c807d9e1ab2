package boot_test

import (
	"testing"

	"postern/cmd/internal/boot"
)

func TestAllStacks(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "none": false, "single": false, "0": false, "1": false,
		"all": true, "system": true, "crash": true, "wer": true, "2": true, "7": true,
	} {
		if got := boot.AllStacks(value); got != want {
			t.Errorf("GOTRACEBACK=%s: %v, want %v", value, got, want)
		}
	}
}
