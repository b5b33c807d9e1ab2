package dialect

// hsm turns the legacy object {element_name, language, localizable_params} into
// a template node. What it cannot read it leaves for the template's shape to
// refuse.
func (s *send) hsm() int32 {
	t, old := s.t, s.t.child(0, "hsm")
	if !t.is(old, '{') {
		return none
	}
	t.drop(old)
	tpl := t.add(0, "template", '{', "")
	s.copyText(old, "element_name", tpl, "name")
	s.copyText(old, "namespace", tpl, "namespace")
	if code := t.str(old, "language", "code"); code != "" {
		t.add(t.add(tpl, "language", '{', ""), "code", '"', code)
	}
	for c := t.nodes[old].first; c != none; c = t.nodes[c].next {
		switch name := t.nodes[c].name; name {
		case "element_name", "namespace", "language", "localizable_params", "fallback", "fallback_lg", "fallback_lc":
		default:
			s.dropped("hsm." + safeName(name))
		}
	}
	s.params(t.child(old, "localizable_params"), tpl)
	return tpl
}

func (s *send) copyText(from int32, name string, to int32, as string) {
	if v := s.t.str(from, name); v != "" {
		s.t.add(to, as, '"', v)
	}
}

// params makes each localizable parameter a positional body parameter.
func (s *send) params(list, tpl int32) {
	t := s.t
	if t.count(list) == 0 {
		return
	}
	body := t.add(t.add(tpl, "components", '[', ""), "", '{', "")
	t.add(body, "type", '"', "body")
	params := t.add(body, "parameters", '[', "")
	for c := t.nodes[list].first; c != none; c = t.nodes[c].next {
		s.param(c, t.add(params, "", '{', ""))
	}
}

func (s *send) param(old, to int32) {
	t := s.t
	fallback := t.str(old, "default")
	switch cur := t.child(old, "currency"); {
	case t.is(cur, '{'):
		t.add(to, "type", '"', "currency")
		v := t.add(to, "currency", '{', "")
		t.add(v, "fallback_value", '"', fallback)
		t.add(v, "code", '"', t.str(cur, "currency_code"))
		if n := t.child(cur, "amount_1000"); n != none {
			t.add(v, "amount_1000", t.nodes[n].kind, t.nodes[n].text)
		}
	case t.is(t.child(old, "date_time"), '{'):
		t.add(to, "type", '"', "date_time")
		t.add(t.add(to, "date_time", '{', ""), "fallback_value", '"', fallback)
	default:
		t.add(to, "type", '"', "text")
		if fallback != "" {
			t.add(to, "text", '"', fallback)
		}
	}
}
