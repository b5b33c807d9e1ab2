package boot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Residency says where stores of ours may be.
type Residency struct {
	Stores []string `json:"stores"` // labels; empty: anywhere
}

// Placed is one store of ours with the label of where it is, "" for none.
type Placed struct {
	Name   string // of the store
	At     string // where the label is written in the configuration
	Region string
}

// Stores are all that the configuration names, each with its label.
func (c *Config) Stores() []Placed {
	out := []Placed{
		{"data", "region", c.Region}, // journal, keystore, and media without media.s3
		{"checkpoints", "checkpoints.region", c.Checkpoints.Region},
	}
	if c.Checkpoints.S3.Bucket != "" {
		out = append(out, Placed{"checkpoints at S3", "checkpoints.s3_region", c.Checkpoints.S3Region})
	}
	if c.Media.S3.Bucket != "" {
		out = append(out, Placed{"media at S3", "media.region", c.Media.Region})
	}
	if c.Backup.IsSet() {
		out = append(out, Placed{"backup", "backup.region", c.Backup.Region})
	}
	for i, e := range c.Exports {
		out = append(out, Placed{"export " + e.Name, fmt.Sprintf("exports[%d].region", i), e.Region})
	}
	if c.ClickHouse.Enabled() {
		out = append(out, Placed{"clickhouse", "clickhouse.region", c.ClickHouse.Region})
	}
	if c.Retention.HasCold() {
		out = append(out, Placed{"cold storage", "retention.region", c.Retention.Region})
	}
	return out
}

const writeRegion = "write a label of where its disk is, such as DE or eu-central-1"

var regionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)

func (r *reader) residency(s *section) Residency {
	defer s.done()
	return Residency{Stores: s.texts("stores", "write a list of labels, such as [DE]")}
}

// checkStores holds every store against the labels that stores may have.
func (r *reader) checkStores(c *Config) {
	for i, label := range c.Residency.Stores {
		r.expect(regionPattern.MatchString(label), fmt.Sprintf("residency.stores[%d]", i), "is no label", "use letters, digits, points, - and _, at most 32")
	}
	for _, s := range c.Stores() {
		if problem := c.Residency.problem(s.Region); problem != "" {
			r.reportAt(s.At, s.At+" "+problem, writeRegion)
		}
	}
}

// problem is why a store with this label may not be, "" where it may.
func (r Residency) problem(label string) string {
	switch {
	case label != "" && !regionPattern.MatchString(label):
		return "is no label"
	case len(r.Stores) == 0 || slices.Contains(r.Stores, label):
		return ""
	case label == "":
		return "is missing, and residency.stores says where stores may be (" + strings.Join(r.Stores, ", ") + ")"
	}
	return "is " + label + ", which is not among residency.stores (" + strings.Join(r.Stores, ", ") + ")"
}

// CheckCopy says whether a copy of a store may go to a place with this label.
func (r Residency) CheckCopy(label string) error {
	if problem := r.problem(label); problem != "" {
		return fmt.Errorf("--region %s; name the region of the place that the copy goes to, or take another place", problem)
	}
	return nil
}
