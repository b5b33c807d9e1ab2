package dialect

import (
	"strconv"
	"strings"
)

// find is the node of a path such as "template.components[1].parameters[0].text".
// The path's first name must be root and stands for node 0.
func (t *tree) find(path, root string) int32 {
	rest, ok := strings.CutPrefix(path, root)
	if !ok {
		return none
	}
	return t.follow(0, rest)
}

// Names in paths: the characters that separate steps are written with a tilde.
var (
	escaper   = strings.NewReplacer("~", "~0", ".", "~1", "[", "~2", "]", "~3")
	unescaper = strings.NewReplacer("~0", "~", "~1", ".", "~2", "[", "~3", "]")
)

func escapeStep(name string) string {
	if !strings.ContainsAny(name, "~.[]") {
		return name
	}
	return escaper.Replace(name)
}

// follow goes down ".name" and "[i]" steps from n.
func (t *tree) follow(n int32, rest string) int32 {
	for rest != "" && n != none {
		sep := rest[0]
		rest = rest[1:]
		end := strings.IndexAny(rest, ".[]")
		if end < 0 {
			end = len(rest)
		}
		step := rest[:end]
		rest = rest[end:]
		switch sep {
		case '.':
			n = t.child(n, unescaper.Replace(step))
		case '[':
			i, err := strconv.ParseUint(step, 10, 31)
			if err != nil || rest == "" || rest[0] != ']' {
				return none
			}
			n, rest = t.elem(n, int(i)), rest[1:]
		default:
			return none
		}
	}
	return n
}
