package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// walk shows every message below and including m with its path, the outer ones
// first, and what lies in typed objects as if it lay there openly. A visitor
// that answers false is not shown what lies inside.
func walk(path string, m proto.Message, visit func(path string, m proto.Message) bool) {
	if a, ok := m.(*anypb.Any); ok {
		m = opened(a)
	}
	if m == nil || !m.ProtoReflect().IsValid() || !visit(path, m) {
		return
	}
	r := m.ProtoReflect()
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); r.Has(f) && (f.Message() != nil) {
			walkField(joined(path, string(f.Name())), f, r.Get(f), visit)
		}
	}
}

func walkField(path string, f protoreflect.FieldDescriptor, v protoreflect.Value, visit func(string, proto.Message) bool) {
	switch {
	case f.IsList():
		for i := range v.List().Len() {
			walk(fmt.Sprintf("%s[%d]", path, i), v.List().Get(i).Message().Interface(), visit)
		}
	case f.IsMap():
		if f.MapValue().Message() == nil {
			return
		}
		values := map[string]proto.Message{}
		v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			values[k.String()] = v.Message().Interface()
			return true
		})
		for _, key := range sortedKeys(values) {
			walk(entry(path, key), values[key], visit)
		}
	default:
		walk(path, v.Message().Interface(), visit)
	}
}

// each shows the messages of one type below m.
func each[M proto.Message](path string, m proto.Message, see func(path string, m M)) {
	walk(path, m, func(path string, m proto.Message) bool {
		if found, ok := m.(M); ok {
			see(path, found)
		}
		return true
	})
}

// texts calls see with every text in m itself and below.
func texts(m proto.Message, see func(text string)) {
	walk("", m, func(_ string, m proto.Message) bool {
		m.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case f.Kind() == protoreflect.StringKind && f.IsList():
				for i := range v.List().Len() {
					see(v.List().Get(i).String())
				}
			case f.Kind() == protoreflect.StringKind && !f.IsMap():
				see(v.String())
			}
			return true
		})
		return true
	})
}

var digits = regexp.MustCompile(`\d+`)

// natural orders paths so that [10] comes after [9].
func natural(a, b string) int {
	pad := func(s string) string {
		return digits.ReplaceAllStringFunc(s, func(d string) string {
			if len(d) > 9 {
				return d
			}
			return strings.Repeat("0", 10-len(d)) + d
		})
	}
	return strings.Compare(pad(a), pad(b))
}

// printable is text of the input, short and on one line.
func printable(s string) string {
	s = strings.Map(func(c rune) rune {
		if !strconv.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, " "))
	if r := []rune(s); len(r) > 120 {
		return string(r[:120])
	}
	return s
}

// bare is a message without some of its fields; it shares the others.
func bare(m proto.Message, fields ...protoreflect.Name) proto.Message {
	r := m.ProtoReflect()
	if !r.IsValid() {
		return m
	}
	out := r.New()
	r.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if !slices.Contains(fields, f.Name()) {
			out.Set(f, v)
		}
		return true
	})
	return out.Interface()
}
