package boot_test

import (
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// TestStoresStayInRegion: a store without a label, or with one that the rule
// does not list, keeps the configuration from being used.
func TestStoresStayInRegion(t *testing.T) {
	for name, c := range map[string]struct {
		data, checkpoints, rule string // labels and list, "" leaves the key out
		want                    []string
	}{
		"no rule":              {"", "", "", nil},
		"labels alone":         {"DE", "eu-central-1", "", nil},
		"all within":           {"DE", "CH", "[CH, DE]", nil},
		"one elsewhere":        {"DE", "US", "[DE]", []string{"checkpoints.region is US, which is not among residency.stores (DE)"}},
		"one without a label":  {"DE", "", "[DE]", []string{"checkpoints.region is missing, and residency.stores says where stores may be (DE)"}},
		"both":                 {"", "US", "[DE, CH]", []string{"region is missing", "checkpoints.region is US"}},
		"other letters":        {"de", "DE", "[DE]", []string{"region is de, which is not"}},
		"no label":             {"a b", "DE", "", []string{"region is no label"}},
		"no label in the rule": {"DE", "DE", "[DE, '']", []string{"residency.stores[1] is no label"}},
		"no list":              {"DE", "DE", "DE", []string{"residency.stores"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := ""
			if c.data != "" {
				text += "region: " + c.data + "\n"
			}
			if c.rule != "" {
				text += "residency: {stores: " + c.rule + "}\n"
			}
			_, err := boot.Load(folder(t, func(s string) string {
				if c.checkpoints != "" {
					s = strings.Replace(s, "  # region: DE", "  region: "+c.checkpoints, 1)
				}
				return s + text
			}))
			if (err != nil) != (len(c.want) > 0) {
				t.Fatalf("error %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) || !strings.Contains(err.Error(), "postern.yaml:") {
					t.Errorf("no %q in %v", w, err)
				}
			}
		})
	}
}

// TestCheckpointsAtS3 reads the section and holds its label against the rule.
func TestCheckpointsAtS3(t *testing.T) {
	const section = `  s3: {endpoint: "https://s3.example.org", bucket: proofs, prefix: gw1/, access_key: file:secrets/short, secret_key: file:secrets/short, lock: compliance, lock_days: 365}
`
	load := func(more string) (*boot.Config, error) {
		return boot.Load(folder(t, func(s string) string {
			return strings.Replace(s, "  # region: DE", "  region: DE\n"+section+more, 1) + "region: DE\nresidency: {stores: [DE]}\n"
		}))
	}
	c, err := load("  s3_region: DE\n")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Checkpoints.S3; s.Bucket != "proofs" || s.Lock != "compliance" || s.LockDays != 365 || len(c.Stores()) != 3 {
		t.Errorf("read as %+v", c.Checkpoints)
	}
	for more, want := range map[string]string{"": "checkpoints.s3_region is missing", "  s3_region: US\n": "checkpoints.s3_region is US"} {
		if _, err := load(more); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", more, err)
		}
	}
}

func TestStoresAreNamed(t *testing.T) {
	c, err := boot.Load(folder(t, func(s string) string {
		return strings.Replace(s, "  # region: DE", "  region: CH", 1) + "region: DE\nresidency: {stores: [DE, CH]}\n"
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, s := range c.Stores() {
		got += s.Name + "=" + s.Region + " "
	}
	if got != "data=DE checkpoints=CH " {
		t.Errorf("stores: %s", got)
	}
	for label, fine := range map[string]bool{"DE": true, "CH": true, "US": false, "": false, "a b": false} {
		if err := c.Residency.CheckCopy(label); (err == nil) != fine {
			t.Errorf("a copy to %q: %v", label, err)
		}
	}
	if err := (boot.Residency{}).CheckCopy(""); err != nil {
		t.Errorf("a copy without a rule: %v", err)
	}
}
