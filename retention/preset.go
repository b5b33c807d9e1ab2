package retention

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/audit"
)

// Preset is what one law or standard says about keeping, and no more.
type Preset struct {
	Name    string `yaml:"name" json:"name"`
	Title   string `yaml:"title" json:"title"`
	Checked string `yaml:"checked" json:"checked"` // day on which the text was looked up
	// NotAchieved is what naming the preset does not bring about. It is said first.
	NotAchieved []string `yaml:"not_achieved" json:"not_achieved"`
	Entries     []Entry  `yaml:"entries" json:"entries"`
}

// Entry is one clause and what follows from it for classes of records. An entry
// without classes only informs.
type Entry struct {
	Clause  string   `yaml:"clause" json:"clause"`
	Says    string   `yaml:"says" json:"says"`         // in our words
	RestsOn string   `yaml:"rests_on" json:"rests_on"` // "law", or "practice": the clause leaves it open, or is of a standard agreed by contract
	Classes []string `yaml:"classes" json:"classes"`
	Floor   int      `yaml:"floor" json:"floor,omitempty"`     // days at least
	Ceiling int      `yaml:"ceiling" json:"ceiling,omitempty"` // days at most
	Keep    Keep     `yaml:"keep" json:"keep,omitempty"`
	// NoticeHours: the person is told at least so long before.
	NoticeHours int `yaml:"notice_hours" json:"notice_hours,omitempty"`
	// Number: the clause asks for a limit and names none, so the file must.
	Number bool `yaml:"number" json:"number,omitempty"`
}

//go:embed presets/*.yaml
var presetFiles embed.FS

// Presets returns the presets by name.
func Presets() ([]Preset, error) {
	names, err := fs.Glob(presetFiles, "presets/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list presets: %w", err)
	}
	out := make([]Preset, 0, len(names))
	for _, name := range names {
		raw, err := presetFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read preset: %w", err)
		}
		var p Preset
		in := yaml.NewDecoder(strings.NewReader(string(raw)))
		in.KnownFields(true)
		if err := in.Decode(&p); err != nil {
			return nil, fmt.Errorf("read preset %s: %w", path.Base(name), err)
		}
		out = append(out, p)
	}
	return out, nil
}

// of returns the entries that bear on a class. What holds for messages holds
// for every class that policy names for some of them.
func (p Preset) of(class string) []Entry {
	own := []string{audit.ClassMessages, audit.ClassMedia, audit.ClassConsent, audit.ClassDeliveries, audit.ClassAudit}
	if !slices.Contains(own, class) {
		class = audit.ClassMessages
	}
	var out []Entry
	for _, e := range p.Entries {
		if slices.Contains(e.Classes, class) {
			out = append(out, e)
		}
	}
	return out
}

func (e Entry) cite(p Preset) string { return p.Name + " (" + e.Clause + ")" }

// presets are those that the file names; of each it notes first what it does
// not achieve.
func (r *reader) presets(p *Policy) []Preset {
	all, err := Presets()
	if err != nil {
		r.errs = append(r.errs, err)
		return nil
	}
	var out []Preset
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.Name
	}
	for _, name := range p.Presets {
		i := slices.Index(names, name)
		if i < 0 {
			r.bad("presets", "%q is not known; write some of %s", name, strings.Join(names, ", "))
			continue
		}
		out = append(out, all[i])
		for _, text := range all[i].NotAchieved {
			p.Notes = append(p.Notes, Note{Field: "presets." + name, Text: "not achieved: " + text})
		}
	}
	return out
}
