package boot

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"postern/policy"
	"postern/retention"
)

// Names of the files of a policy folder that this file reads.
const (
	settingsFile  = "settings.yaml"
	retentionFile = "retention.yaml"
	retentionJSON = "retention.json" // of the older form, as a rule
)

// Retention is the retention policy of the layers (see PolicyLayers), held
// against their settings: each class that those give to messages is described,
// and originals are kept where a law asks for them.
func Retention(layers []fs.FS) (retention.Policy, error) { return RetentionWith(layers, nil) }

// RetentionWith is Retention with a file in place of those that lie over the
// built-in one. Nil takes those.
func RetentionWith(layers []fs.FS, instead *retention.File) (retention.Policy, error) {
	var files []retention.File
	var settings []policy.SettingsFile
	for i, layer := range layers {
		own, err := layerFiles(layer, i == 0, settingsFile)
		if err != nil {
			return retention.Policy{}, err
		}
		for _, f := range own {
			settings = append(settings, policy.SettingsFile(f))
		}
		if i > 0 && instead != nil {
			continue
		}
		own, err = layerFiles(layer, i == 0, retentionFile, retentionJSON)
		if err != nil {
			return retention.Policy{}, err
		}
		if len(own) > 1 {
			return retention.Policy{}, fmt.Errorf("%s and %s lie in one folder; keep one", retentionFile, retentionJSON)
		}
		files = append(files, own...)
	}
	if instead != nil {
		files = append(files, *instead)
	}
	s, err := policy.DecodeSettings(settings...)
	if err != nil {
		return retention.Policy{}, err
	}
	p, err := retention.Decode(givenClasses(s), files...)
	if err != nil {
		return retention.Policy{}, err
	}
	return p, originals(p, s)
}

// layerFiles are those of the names that the layer has. The built-in layer's say so.
func layerFiles(layer fs.FS, builtIn bool, names ...string) ([]retention.File, error) {
	var out []retention.File
	for _, name := range names {
		raw, err := fs.ReadFile(layer, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("read policy file: %w", err)
		}
		if builtIn {
			name = "default " + name
		}
		out = append(out, retention.File{Name: name, Raw: raw})
	}
	return out, nil
}

// givenClasses are the classes that settings put messages into, by key.
func givenClasses(s *policy.Settings) map[string]string {
	given := map[string]string{"settings.yaml: retention.class": s.Retention.Class}
	for category, class := range s.Retention.Categories {
		given["settings.yaml: retention.categories."+category] = class
	}
	return given
}

// originals refuses settings that drop what a law asks to be kept.
func originals(p retention.Policy, s *policy.Settings) error {
	if s.Retention.KeepOriginal {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(p.Classes)) {
		if c := p.Classes[name]; c.KeepBy != "" {
			return fmt.Errorf("settings.yaml: retention.keep_original is false, and %s asks for originals of class %s: write keep_original: true, or drop the preset", c.KeepBy, name)
		}
	}
	return nil
}
