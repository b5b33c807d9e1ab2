package boot

import (
	"fmt"
	"io/fs"
	"os"

	"postern/policies"
)

// PolicyLayers are the built-in policies and the folder that lies over them; an
// empty name has none.
func PolicyLayers(dir string) ([]fs.FS, error) {
	out := []fs.FS{policies.Files}
	if dir == "" {
		return out, nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("open policy folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open policy folder: %s is a file; name the folder that holds settings.yaml and *.rego", dir)
	}
	return append(out, os.DirFS(dir)), nil
}
