package facts

// TemplateWatch notes which templates change from when it begins until it is
// closed. Whoever reads a list of them meanwhile can not tell whether the list
// is of before or after such a change, and takes nothing of it for those.
type TemplateWatch struct {
	state   *State
	changed map[templateKey]bool // guarded by the state's mu
}

// WatchTemplates begins a watch. It is closed by who began it.
func (s *State) WatchTemplates() *TemplateWatch {
	w := &TemplateWatch{state: s, changed: map[templateKey]bool{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches[w] = true
	return w
}

// Close ends the watch.
func (w *TemplateWatch) Close() {
	w.state.mu.Lock()
	defer w.state.mu.Unlock()
	delete(w.state.watches, w)
}

// Changed reports whether the row's template came, changed or went meanwhile.
func (w *TemplateWatch) Changed(row Row) bool {
	key, ok := parseTemplateKey(row)
	w.state.mu.RLock()
	defer w.state.mu.RUnlock()
	return ok && w.changed[key]
}

// noted tells the open watches of a change. The caller holds mu.
func (s *State) noted(key templateKey) {
	delete(s.sorted, templateKey{tenant: key.tenant, waba: key.waba})
	for w := range s.watches {
		w.changed[key] = true
	}
}
