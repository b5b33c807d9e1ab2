package pii

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// inRecord says in words what the record shows of a member of each kind.
var inRecord = map[Field]string{
	FieldText: "scanned", FieldNumber: "masked", FieldID: "keyed hash", FieldName: "`[NAME]`", FieldEmail: "`[EMAIL]`", FieldAddress: "`[ADDRESS]`",
	FieldBirthday: "`[DATE_OF_BIRTH]`", FieldLocation: "`[LOCATION]`", FieldCard: "`[VCARD]`", FieldNotice: "`[NOTICE]`", FieldURL: "scheme and host",
	FieldSecret: "`[SECRET]`", FieldOpaque: "keyed hash", FieldJSON: "its members, three levels deep", FieldWord: "kept if a keyword, else scanned",
	FieldTime: "kept if seconds, else scanned", FieldAsset: "kept if digits, else scanned",
}

// TestFieldsPage writes FIELDS.md from the table that the code uses.
func TestFieldsPage(t *testing.T) {
	type row struct{ record, names string }
	byField := map[Field][]string{}
	for name, f := range fieldNames {
		byField[f] = append(byField[f], name)
	}
	for p, f := range fieldPairs {
		byField[f] = append(byField[f], p.parent+"."+p.name)
	}
	var rows []row
	for f, names := range byField {
		if inRecord[f] == "" {
			t.Fatalf("field kind %d has no words", f)
		}
		slices.Sort(names)
		rows = append(rows, row{record: inRecord[f], names: "`" + strings.Join(names, "` `") + "`"})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.record, b.record), strings.Compare(a.names, b.names))
	})
	var b strings.Builder
	b.WriteString(fieldsHead)
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", r.record, r.names)
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile("FIELDS.md", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile("FIELDS.md")
	if err != nil || string(page) != b.String() {
		t.Errorf("FIELDS.md differs from field.go (%v): go test ./policy/pii -run TestFieldsPage -update", err)
	}
}

const fieldsHead = `# Members of WhatsApp JSON

Written by ` + "`go test ./policy/pii -run TestFieldsPage -update`" + ` from the table in field.go. "parent.name" counts before the name alone; elements of a
list count as the member that holds it. **A member that is not here is scanned**, its name as label, and so are names of members and numbers.

What goes on, to the person or to the app, is changed in texts only, by the operators that policy names: every member that is not in
` + "`../../proxy/testdata/passes-send.txt` and `passes-webhook.txt`" + ` is read for it. Those lists are checked by a test that puts a value into every string of
every example.

| in the record | members |
|---|---|
`
