package retention

import (
	"strings"
	"testing"
)

// TestPresetsThatContradict: the shipped ones name no ceiling, so two made here
// stand for laws that do.
func TestPresetsThatContradict(t *testing.T) {
	keeps := Preset{Name: "keeps", Entries: []Entry{{Clause: "§ 1", Classes: []string{"messages"}, Floor: 400}, {Clause: "§ 2", Classes: []string{"messages"}, Floor: 300}}}
	drops := Preset{Name: "drops", Entries: []Entry{{Clause: "Art. 9", Classes: []string{"messages"}, Ceiling: 90}, {Clause: "Art. 8", Classes: []string{"messages"}, Ceiling: 100}}}
	r := &reader{places: map[string]place{"": {"f", 1, 1}}}
	c := Class{Days: 95}
	r.bounds("messages", &c, []Preset{keeps, drops})
	if len(r.errs) != 1 || !strings.Contains(r.errs[0].Error(), "can not be met: keeps (§ 1) keeps 400 days at least, drops (Art. 9) 90 days at most") {
		t.Errorf("%v", r.errs)
	}
	r = &reader{places: map[string]place{"": {"f", 1, 1}}}
	c = Class{Days: 80}
	if r.bounds("messages", &c, []Preset{drops}); len(r.errs) != 0 || c.Ceiling != 90 || c.CeilingBy != "drops (Art. 9)" {
		t.Errorf("the shortest ceiling: %+v %v", c, r.errs)
	}
}
