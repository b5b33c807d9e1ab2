package keyring

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
)

// Peek lists the versions in a keystore file whose keys are wrapped, without
// its wrapper. Nothing vouches for what it says: only an opened keystore was
// held against its keys.
func Peek(path string) ([]Version, error) {
	path = filepath.Clean(path)
	data, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("look into keystore: %w", err)
	}
	list, err := peek(data)
	if err != nil {
		return nil, fmt.Errorf("look into keystore: %s: %w", path, err)
	}
	return list, nil
}

func peek(data []byte) ([]Version, error) {
	p, kept, err := decodeFile(data)
	if err != nil {
		return nil, err
	}
	defer wipe(kept)
	if p.Kind != protectionTransit {
		return nil, errors.New("its keys are not wrapped one by one")
	}
	b := &body{}
	if err := json.Unmarshal(kept, b); err != nil {
		return nil, errDamaged
	}
	if err := b.check(kept, true); err != nil {
		return nil, err
	}
	var list []Version
	for i := range b.Keys {
		list = append(list, b.Keys[i].describe())
	}
	return list, nil
}
