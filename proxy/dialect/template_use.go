package dialect

import (
	"strconv"

	"postern/proxy/message"
)

// templateUse says what a template is given: kinds and names of parameters,
// never their values. It reads the canonical content, so that it describes
// what leaves and not what was dropped on the way.
func templateUse(content []byte) (*message.TemplateUse, *Problem) {
	t, err := parse(content, false)
	if err != nil {
		return nil, malformed(err)
	}
	u := &message.TemplateUse{Name: t.str(0, "name"), Language: t.str(0, "language", "code")}
	u.Components = useOf(t, nil, t.child(0, "components"), "")
	return u, nil
}

// useOf adds the components of a list. Those of carousel cards follow their
// carousel and carry their place in Type: "carousel[1].body".
func useOf(t *tree, dst []message.Component, list int32, prefix string) []message.Component {
	if list == none {
		return dst
	}
	for n := t.nodes[list].first; n != none; n = t.nodes[n].next {
		c := message.Component{Type: prefix + t.str(n, "type"), SubType: t.str(n, "sub_type"), Index: t.str(n, "index")}
		if params := t.child(n, "parameters"); params != none {
			for p := t.nodes[params].first; p != none; p = t.nodes[p].next {
				c.Parameters++
				c.Kinds = append(c.Kinds, t.str(p, "type"))
				if name := t.str(p, "parameter_name"); name != "" {
					c.Named = append(c.Named, name)
				}
			}
		}
		dst = append(dst, c)
		if cards := t.child(n, "cards"); cards != none {
			for card, i := t.nodes[cards].first, 0; card != none; card, i = t.nodes[card].next, i+1 {
				dst = useOf(t, dst, t.child(card, "components"), "carousel["+strconv.Itoa(i)+"].")
			}
		}
	}
	return dst
}
