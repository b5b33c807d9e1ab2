package conformance

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"postern/cmd/internal/rig"
)

// sameJSON compares two JSON texts by value.
func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var g, w any
	for raw, into := range map[*[]byte]*any{&got: &g, &want: &w} {
		d := json.NewDecoder(bytes.NewReader(*raw))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s is no JSON: %v: %s", what, err, *raw)
		}
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// at follows names and places in decoded JSON; nil where there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

// refusal is what a dialect says when it refuses: the code, and the sentence.
func refusal(t *testing.T, c *caller, a rig.Reply) (code int, details string) {
	t.Helper()
	v := a.JSON(t)
	if v["messages"] != nil {
		t.Errorf("a refusal holds messages: %s", a.Body)
	}
	if !c.flat {
		e := v["error"]
		for _, name := range []string{"message", "type", "fbtrace_id"} {
			if word, _ := at(e, name).(string); word == "" {
				t.Errorf("a refusal lacks %s: %s", name, a.Body)
			}
		}
		n, _ := at(e, "code").(float64)
		d, _ := at(e, "error_data", "details").(string)
		return int(n), d
	}
	if title, _ := at(v, "errors", 0, "title").(string); title == "" || at(v, "errors", 1) != nil {
		t.Errorf("a refusal needs one error with a title: %s", a.Body)
	}
	n, _ := at(v, "errors", 0, "code").(float64)
	d, _ := at(v, "errors", 0, "details").(string)
	return int(n), d
}

// refused checks status and code of a refusal and returns its sentence.
func refused(t *testing.T, c *caller, a rig.Reply, status, code int) string {
	t.Helper()
	got, details := refusal(t, c, a)
	if a.Status != status || got != code {
		t.Errorf("%s: refused with %d and code %d, want %d and %d: %s", c.name, a.Status, got, status, code, a.Body)
	}
	return details
}
