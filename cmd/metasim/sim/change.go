package sim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/template"
)

// changed returns the template as the change leaves it; the change gets the
// account it had left open.
func (s *Server) changed(c *TemplateChange) (*template.Template, error) {
	if c.Account == "" {
		c.Account = s.numbers.of(s.cfg.Numbers[0].ID).Account
	}
	if !s.accounts[c.Account] {
		return nil, errors.New("account: is not an account of this simulator")
	}
	t, err := s.templateToChange(*c)
	if err != nil {
		return nil, err
	}
	for _, field := range []struct{ to, from *string }{
		{&t.Category, &c.Category}, {&t.Status, &c.Status}, {&t.Format, &c.Format}, {&t.Reason, &c.Reason},
	} {
		if *field.from != "" {
			*field.to = *field.from
		}
	}
	if c.Components != nil {
		t.Components = c.Components
	}
	if refusal := t.Compile(); refusal != nil {
		return nil, fmt.Errorf("components: %s", refusal.Details)
	}
	return t, nil
}

// templateToChange returns a copy of the one that is meant, or a new one.
func (s *Server) templateToChange(c TemplateChange) (*template.Template, error) {
	if c.ID != "" {
		account, t := s.catalog.ByID(c.ID)
		if t == nil || account != c.Account {
			return nil, errors.New("id: is not a template of the account")
		}
		copied := *t
		return &copied, nil
	}
	if c.Name == "" {
		return nil, errors.New("name: a template needs one")
	}
	if c.Language == "" {
		c.Language = "en_US"
	}
	if t, _ := s.catalog.Find(c.Account, c.Name, c.Language); t != nil {
		copied := *t
		return &copied, nil
	}
	return &template.Template{
		Name: c.Name, Language: c.Language, Status: template.Approved, Category: template.Utility,
		Components: jsontext.Value(`[{"type":"BODY","text":"A notice from us."}]`),
	}, nil
}
