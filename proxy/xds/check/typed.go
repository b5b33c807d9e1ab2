package check

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
)

const structType = "type.googleapis.com/google.protobuf.Struct"

// settle makes every typed object one that can be read: a TypedStruct becomes
// the type it stands for, as Envoy does it, and a type that this program does
// not have becomes a Struct that still says so.
func settle(tree any, depth, typed int) (any, error) {
	if depth > maxDepth || typed > maxTyped {
		return nil, errors.New("read Envoy configuration: nested too deeply")
	}
	switch v := tree.(type) {
	case map[string]any:
		return settleObject(v, depth, typed)
	case map[any]any:
		return nil, errors.New("read Envoy configuration: a key that is no text; quote it")
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			var err error
			if out[i], err = settle(item, depth+1, typed); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return tree, nil
}

func settleObject(v map[string]any, depth, typed int) (any, error) {
	url, _ := v["@type"].(string)
	if strings.HasSuffix(url, ".type.v3.TypedStruct") || strings.HasSuffix(url, ".type.v1.TypedStruct") {
		v = unfolded(v)
		url, _ = v["@type"].(string)
	}
	if url != "" {
		typed++
		if newMessage(url) == nil {
			v = map[string]any{"@type": structType, "value": v}
			return v, tooDeep(v, depth)
		}
	}
	out := make(map[string]any, len(v))
	for key, value := range v {
		var err error
		if out[key], err = settle(value, depth+1, typed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unfolded is the object that a TypedStruct stands for.
func unfolded(v map[string]any) map[string]any {
	out := map[string]any{}
	if value, ok := v["value"].(map[string]any); ok {
		out = maps.Clone(value)
	}
	out["@type"] = v["type_url"]
	if url, ok := v["typeUrl"]; ok {
		out["@type"] = url
	}
	return out
}

func tooDeep(tree any, depth int) error {
	if depth > maxDepth {
		return errors.New("read Envoy configuration: nested too deeply")
	}
	switch v := tree.(type) {
	case map[string]any:
		for _, value := range v {
			if err := tooDeep(value, depth+1); err != nil {
				return err
			}
		}
	case map[any]any:
		return errors.New("read Envoy configuration: a key that is no text; quote it")
	case []any:
		for _, item := range v {
			if err := tooDeep(item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// newMessage is an empty message of the type, nil if this program has none.
func newMessage(url string) proto.Message {
	t, err := protoregistry.GlobalTypes.FindMessageByURL(url)
	if err != nil {
		return nil
	}
	return t.New().Interface()
}

// wellKnown reports whether the type has a JSON form of its own.
func wellKnown(m proto.Message) bool {
	return strings.HasPrefix(string(m.ProtoReflect().Descriptor().FullName()), "google.protobuf.")
}

// opened is the message in a typed object; nil where there is none.
func opened(a *anypb.Any) proto.Message {
	if a == nil {
		return nil
	}
	m, err := a.UnmarshalNew()
	if err != nil {
		return nil
	}
	return m
}

// foreign is the type's name of a message that this program does not have.
func foreign(m proto.Message) (string, bool) {
	s, ok := m.(*structpb.Struct)
	if !ok || s.GetFields()["@type"] == nil {
		return "", false
	}
	url := s.GetFields()["@type"].GetStringValue()
	return url[strings.LastIndex(url, "/")+1:], true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func without(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

func joined(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// entry is the path of a map's value.
func entry(path, key string) string { return fmt.Sprintf("%s[%q]", path, key) }
