package check

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	admin "github.com/envoyproxy/go-control-plane/envoy/admin/v3"
	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/go-json-experiment/json"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	maxBytes = 32 << 20 // of the input
	maxDepth = 100      // of its nesting
	maxTyped = 16       // of typed objects in each other, each of which is encoded once more
)

// read turns the input into Envoy's own types, strictly: what they do not know
// is an error, but for extensions that this program does not have.
func read(raw []byte) ([]placed[proto.Message], error) {
	if len(raw) > maxBytes {
		return nil, fmt.Errorf("read Envoy configuration: larger than %d MiB; ask /config_dump for what matters with ?resource=", maxBytes>>20)
	}
	tree, err := parse(raw)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, errors.New("read Envoy configuration: no mapping at the top; give a bootstrap or a /config_dump")
	}
	if object["apiVersion"] != nil && object["kind"] != nil {
		return nil, errors.New("read Envoy configuration: this is an object of Kubernetes, of which others make what Envoy runs by; give the answer of that Envoy's admin address to /config_dump?include_eds")
	}
	if object["tenants"] != nil || object["listeners"] != nil && object["upstream"] != nil {
		return nil, errors.New("read Envoy configuration: this is the gateway's own; give the file that Envoy starts with, or what postern envoy config prints")
	}
	settled, err := settle(object, 0, 0)
	if err != nil {
		return nil, err
	}
	object = settled.(map[string]any) //nolint:errcheck // settle keeps mappings
	if byKind(object) {
		return readKinds(object)
	}
	var root proto.Message = &bootstrap.Bootstrap{}
	if _, dump := object["configs"]; dump {
		root = &admin.ConfigDump{}
	}
	return []placed[proto.Message]{{"", root}}, readAs(object, root, "")
}

// readAs reads a tree as a message and says where it does not fit.
func readAs(tree any, into proto.Message, path string) error {
	if err := decode(tree, into); err != nil {
		return fmt.Errorf("read Envoy configuration as %s: %s%w", into.ProtoReflect().Descriptor().Name(), printable(cmp.Or(misfit(tree, path), heading(path))), err)
	}
	return nil
}

func heading(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// kinds are what "postern envoy config" prints: lists of resources.
var kinds = map[string]func() proto.Message{
	"listeners":     func() proto.Message { return &listener.Listener{} },
	"clusters":      func() proto.Message { return &cluster.Cluster{} },
	"route_configs": func() proto.Message { return &route.RouteConfiguration{} },
}

func byKind(object map[string]any) bool {
	for key := range object {
		if kinds[key] == nil {
			return false
		}
	}
	return true
}

func readKinds(object map[string]any) ([]placed[proto.Message], error) {
	var out []placed[proto.Message]
	for _, kind := range sortedKeys(object) {
		list, ok := object[kind].([]any)
		if !ok {
			return nil, fmt.Errorf("read Envoy configuration: %s is no list", kind)
		}
		for i, tree := range list {
			one := placed[proto.Message]{fmt.Sprintf("%s[%d]", kind, i), kinds[kind]()}
			if err := readAs(tree, one.msg, one.path); err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// parse reads JSON where it begins like it, else YAML.
func parse(raw []byte) (tree any, err error) {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '{' {
		if err := json.Unmarshal(trimmed, &tree); err == nil {
			return tree, nil
		}
		tree = nil // "{a: b}" is YAML
	}
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return nil, errors.New("read Envoy configuration: neither JSON nor YAML" + yamlLine(err))
	}
	return tree, nil
}

var lineOf = regexp.MustCompile(`line \d+`)

// yamlLine is the place that the parser names. Its sentence may quote values.
func yamlLine(err error) string {
	if at := lineOf.FindString(err.Error()); at != "" {
		return ", see " + at
	}
	return ""
}

// decode reads a tree as a message.
func decode(tree any, into proto.Message) error {
	raw, err := json.Marshal(tree)
	if err != nil {
		return errors.New("a value that JSON does not have")
	}
	if err := protojson.Unmarshal(raw, into); err != nil {
		return errors.New(withoutValues(err.Error()))
	}
	return nil
}

var place = regexp.MustCompile(`\(line \d+:\d+\):.`)

// withoutValues keeps of protojson's error which field or kind of value was
// wrong, and no value: that could be a key.
func withoutValues(text string) string {
	text = strings.TrimPrefix(text, "proto:")
	text = strings.TrimSpace(place.ReplaceAllString(text, ""))
	if kind, _, ok := strings.Cut(text, ": "); ok && !strings.HasPrefix(kind, "unknown field") {
		text = kind
	}
	return printable(text)
}

// misfit finds the innermost typed object that does not read as its type.
func misfit(tree any, path string) string {
	switch v := tree.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if at := misfit(v[key], joined(path, key)); at != "" {
				return at
			}
		}
		if url, ok := v["@type"].(string); ok && path != "" {
			if m := newMessage(url); m != nil && !wellKnown(m) && decode(without(v, "@type"), m) != nil {
				return path + ": "
			}
		}
	case []any:
		for i, item := range v {
			if at := misfit(item, fmt.Sprintf("%s[%d]", path, i)); at != "" {
				return at
			}
		}
	}
	return ""
}
