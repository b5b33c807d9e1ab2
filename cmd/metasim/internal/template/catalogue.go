package template

import (
	"slices"
	"sync"
)

// Catalogue holds the templates of all accounts. A template put into it is
// never changed in place: a change is a new value under the same id.
type Catalogue struct {
	mu       sync.RWMutex
	accounts map[string][]*Template // by account id, in order of creation
}

// NewCatalogue returns an empty catalogue.
func NewCatalogue() *Catalogue {
	return &Catalogue{accounts: make(map[string][]*Template)}
}

// Put adds the template, or replaces the one with its id.
func (c *Catalogue) Put(account string, t *Template) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.accounts[account]
	i := slices.IndexFunc(list, func(old *Template) bool { return old.ID == t.ID })
	if i < 0 {
		c.accounts[account] = append(list, t)
		return
	}
	list = slices.Clone(list)
	list[i] = t
	c.accounts[account] = list
}

// Find returns the template of that name and language, and whether the name
// exists in any language.
func (c *Catalogue) Find(account, name, language string) (found *Template, known bool) {
	for _, t := range c.List(account) {
		if t.Name != name {
			continue
		}
		known = true
		if t.Language == language {
			return t, true
		}
	}
	return nil, known
}

// ByID returns a template and its account.
func (c *Catalogue) ByID(id string) (account string, found *Template) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for account, list := range c.accounts {
		for _, t := range list {
			if t.ID == id {
				return account, t
			}
		}
	}
	return "", nil
}

// List returns the templates of an account in order of creation.
func (c *Catalogue) List(account string) []*Template {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.accounts[account]
}

// Remove deletes by name, and by id too when one is given; it returns the ids
// of what it deleted.
func (c *Catalogue) Remove(account, name, id string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var kept []*Template
	var gone []string
	for _, t := range c.accounts[account] {
		if (name == "" || t.Name == name) && (id == "" || t.ID == id) {
			gone = append(gone, t.ID)
			continue
		}
		kept = append(kept, t)
	}
	c.accounts[account] = kept
	return gone
}
