package checktest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Merge puts a change into the object at a path of a configuration, as fixes
// are meant: its keys are set, null takes a key out, items of a list go in
// front of those that are there. A change that is null takes the object itself
// out. What is missing on the way is made.
func Merge(config []byte, path, change string) ([]byte, error) {
	var tree, what any
	if err := yaml.Unmarshal(config, &tree); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if err := yaml.Unmarshal([]byte(change), &what); err != nil {
		return nil, fmt.Errorf("read change: %w", err)
	}
	tree, err := at(tree, steps(path), what)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return yaml.Marshal(tree)
}

var step = regexp.MustCompile(`\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)`)

// steps are the keys and numbers of a path.
func steps(path string) []any {
	var out []any
	for _, m := range step.FindAllStringSubmatch(path, -1) {
		switch {
		case m[2] != "":
			n, _ := strconv.Atoi(m[2]) // digits
			out = append(out, n)
		case m[1] != "" || strings.HasPrefix(m[0], "["):
			out = append(out, m[1])
		default:
			out = append(out, m[3])
		}
	}
	return out
}

func at(tree any, way []any, what any) (any, error) {
	if len(way) == 0 {
		return merged(tree, what)
	}
	switch key := way[0].(type) {
	case int:
		return inList(tree, key, way[1:], what)
	case string:
		object, ok := tree.(map[string]any)
		if tree != nil && !ok {
			return nil, fmt.Errorf("%q is asked of what is no mapping", key)
		}
		if object == nil {
			object = map[string]any{}
		}
		if len(way) == 1 && what == nil {
			delete(object, key)
			return object, nil
		}
		inner, err := at(object[key], way[1:], what)
		object[key] = inner
		return object, err
	}
	return nil, fmt.Errorf("no step: %v", way[0])
}

func inList(tree any, n int, way []any, what any) (any, error) {
	list, ok := tree.([]any)
	if !ok || n >= len(list) {
		return nil, fmt.Errorf("no item %d", n)
	}
	if len(way) == 0 && what == nil {
		return append(list[:n:n], list[n+1:]...), nil
	}
	inner, err := at(list[n], way, what)
	list[n] = inner
	return list, err
}

func merged(tree, what any) (any, error) {
	change, ok := what.(map[string]any)
	if !ok {
		list, ok := what.([]any)
		before, _ := tree.([]any)
		if !ok {
			return nil, fmt.Errorf("a change is a mapping, a list or null")
		}
		return append(list, before...), nil
	}
	object, ok := tree.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for key, value := range change {
		list, isList := value.([]any)
		before, wasList := object[key].([]any)
		switch {
		case value == nil:
			delete(object, key)
		case isList && wasList:
			object[key] = append(list, before...)
		default:
			object[key] = value
		}
	}
	return object, nil
}
