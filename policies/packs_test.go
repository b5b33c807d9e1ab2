package policies_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"postern/policies"
	"postern/policy/pii/pack"
)

// TestPacks reads every pack and lexicon that is shipped and runs its examples.
func TestPacks(t *testing.T) {
	files, err := pack.Read(policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	use := pack.All(files)
	for _, name := range []string{"pci", "gdpr", "hipaa", "dpdp", "lgpd", "secrets"} {
		raw := string(files[pack.Packs+name+".yaml"])
		if !strings.HasPrefix(raw, "does_not_achieve: ") {
			t.Errorf("%s does not begin with what it does not achieve", name)
		}
	}
	for _, name := range use.Packs {
		if _, err := pack.Load(files, pack.Use{Packs: []string{name}}); err != nil {
			t.Error(err)
		}
	}
	if _, err := pack.Load(files, use); err != nil {
		t.Error(err)
	}
}

// languages every shipped lexicon speaks.
var languages = strings.Fields("ar de en es fr hi id it ja ko ms nl pl pt ru tr zh")

func TestLexiconsSpeakEveryLanguage(t *testing.T) {
	files, err := pack.Read(policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	topics := pack.All(files).Lexicons
	if len(topics) < 4 {
		t.Errorf("topics %v", topics)
	}
	for _, topic := range topics {
		for _, lang := range languages {
			if !strings.Contains(string(files[pack.Lexicons+topic+".yaml"]), "\n  "+lang+":") {
				t.Errorf("%s lacks %s", topic, lang)
			}
		}
	}
}

var block = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestExamplesOfTheDocuments loads the pack and the lexicon that the documents
// show.
func TestExamplesOfTheDocuments(t *testing.T) {
	files, err := pack.Read(policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	files["pii/projects.txt"] = []byte("project blue\n")
	for file, name := range map[string]string{"pii/README.md": "pii/acme.yaml", "lexicons/README.md": "lexicons/tone.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := block.FindAllStringSubmatch(string(raw), -1)
		if len(blocks) == 0 {
			t.Fatalf("%s shows none", file)
		}
		files[name] = []byte(blocks[len(blocks)-1][1])
	}
	if _, err := pack.Load(files, pack.Use{Packs: []string{"acme"}, Lexicons: []string{"tone"}}); err != nil {
		t.Error(err)
	}
}
