package sim

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
	"postern/cmd/metasim/internal/template"
)

// maxTemplates is what an unverified account may hold.
const maxTemplates = 250

const defaultPage = 25

// defaultTemplates gives every account the set to start with. Their ids depend
// on place only, so that they are the same after a restart and a reset.
func (s *Server) defaultTemplates() {
	for account := range s.accounts {
		for _, t := range s.catalog.List(account) {
			s.catalog.Remove(account, "", t.ID)
		}
		for i, t := range template.Defaults() {
			low, _ := strconv.ParseUint(account, 10, 64) // digits; a long one only repeats ids of another account
			t.ID = nodeID(low, int64(i))
			if err := t.Compile(); err == nil { // a test compiles them all
				s.catalog.Put(account, t)
			}
		}
	}
}

type page struct {
	Data    []map[string]jsontext.Value `json:"data"`
	Paging  *paging                     `json:"paging,omitempty"`
	Summary *summary                    `json:"summary,omitempty"`
}

type paging struct {
	Cursors struct {
		Before string `json:"before"`
		After  string `json:"after"`
	} `json:"cursors"`
	Next     string `json:"next,omitempty"`
	Previous string `json:"previous,omitempty"`
}

type summary struct {
	Total    int  `json:"total_count"`
	Count    int  `json:"message_template_count"`
	Limit    int  `json:"message_template_limit"`
	Complete bool `json:"are_translations_complete"`
}

func (s *Server) listTemplates(r *request) answer {
	list := filterTemplates(s.catalog.List(r.node), r)
	limit, err := strconv.Atoi(r.query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = defaultPage
	}
	from := pageStart(r, limit)
	from = min(max(from, 0), len(list))
	to := min(from+limit, len(list))
	out := page{Data: []map[string]jsontext.Value{}}
	for _, t := range list[from:to] {
		node, refusal := pickFields(t, r.query.Get("fields"), "name,status,category,language,components,parameter_format")
		if refusal != nil {
			return s.refuse(refusal)
		}
		out.Data = append(out.Data, node)
	}
	if len(out.Data) > 0 {
		out.Paging = s.paging(r, from, to, len(list))
	}
	if r.query.Has("summary") {
		total := len(s.catalog.List(r.node))
		out.Summary = &summary{Total: len(list), Count: total, Limit: maxTemplates, Complete: true}
	}
	return success(out)
}

func filterTemplates(list []*template.Template, r *request) []*template.Template {
	q := r.query
	return slices.DeleteFunc(slices.Clone(list), func(t *template.Template) bool {
		return (q.Has("name") && t.Name != q.Get("name")) ||
			(q.Has("status") && !strings.EqualFold(t.Status, q.Get("status"))) ||
			(q.Has("category") && !strings.EqualFold(t.Category, q.Get("category"))) ||
			(q.Has("language") && t.Language != q.Get("language"))
	})
}

// cursor hides a place in the list.
func cursor(place int) string {
	return base64.StdEncoding.EncodeToString([]byte("place " + strconv.Itoa(place)))
}

func placeOf(cursor string) (int, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(string(raw), "place "))
	return n, err == nil
}

// pageStart reads after (the last entry seen) or before (the first one).
func pageStart(r *request, limit int) int {
	if n, ok := placeOf(r.query.Get("after")); ok {
		return n + 1
	}
	if n, ok := placeOf(r.query.Get("before")); ok {
		return n - limit
	}
	return 0
}

func (s *Server) paging(r *request, from, to, total int) *paging {
	p := &paging{}
	p.Cursors.Before, p.Cursors.After = cursor(from), cursor(to-1)
	turn := func(name, value string) string {
		q := r.URL.Query()
		for _, other := range []string{"after", "before", "access_token", "appsecret_proof", "appsecret_time"} {
			q.Del(other)
		}
		q.Set(name, value)
		return s.base(r.Request) + r.URL.Path + "?" + q.Encode()
	}
	if to < total {
		p.Next = turn("after", p.Cursors.After)
	}
	if from > 0 {
		p.Previous = turn("before", p.Cursors.Before)
	}
	return p
}

// newTemplate is the body of a creation.
type newTemplate struct {
	Name       string         `json:"name"`
	Language   string         `json:"language"`
	Category   string         `json:"category"`
	Format     string         `json:"parameter_format"`
	Components jsontext.Value `json:"components"`
	TTL        int            `json:"message_send_ttl_seconds"`
	Recategory bool           `json:"allow_category_change"`
}

func (s *Server) createTemplate(r *request) answer {
	var in newTemplate
	if err := json.Unmarshal(r.body, &in, json.RejectUnknownMembers(true)); err != nil {
		return s.refuse(graph.New(100, "The request body is not a template."))
	}
	t := &template.Template{
		Name: in.Name, Language: in.Language, Category: strings.ToUpper(in.Category), Format: strings.ToUpper(in.Format),
		Components: in.Components, TTL: in.TTL, Status: template.Pending,
	}
	if err := t.Validate(); err != nil {
		return s.refuse(err)
	}
	if exists, _ := s.catalog.Find(r.node, t.Name, t.Language); exists != nil {
		return s.refuse(graph.New(100, "Content in this language already exists."))
	}
	if len(s.catalog.List(r.node)) >= maxTemplates {
		return s.refuse(graph.New(2388019, ""))
	}
	if err := s.putTemplate(r.node, t); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	if s.settings.Load().Approval == Auto {
		if _, err := s.ChangeTemplate(r.Context(), TemplateChange{Account: r.node, ID: t.ID, Status: template.Approved}); err != nil {
			return s.refuse(graph.New(131000, "The simulator cannot write its state."))
		}
	}
	return success(map[string]string{"id": t.ID, "status": t.Status, "category": t.Category})
}

// putTemplate keeps a template, giving a new one its id.
func (s *Server) putTemplate(account string, t *template.Template) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == "" {
		s.counter++
		t.ID = nodeID(s.cfg.Seed, s.counter)
	}
	entry := state.Entry{Kind: kindTemplate, Value: templateState{Account: account, Counter: s.counter, Value: t}}
	if err := s.log.Append(entry); err != nil {
		return err
	}
	s.catalog.Put(account, t)
	return nil
}

// deleteTemplates removes all languages of a name, or one template by id.
func (s *Server) deleteTemplates(r *request) answer {
	name, id := r.parameter("name"), r.parameter("hsm_id")
	if name == "" {
		return s.refuse(graph.New(100, "The parameter name is required."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := s.catalog.Remove(r.node, name, id)
	if len(gone) == 0 {
		return s.refuse(graph.New(100, "Message template not found."))
	}
	for _, id := range gone {
		if err := s.log.Append(state.Entry{Kind: kindTemplateRemoved, Value: templateState{Account: r.node, ID: id}}); err != nil {
			return s.refuse(graph.New(131000, "The simulator cannot write its state."))
		}
	}
	return success(map[string]bool{"success": true})
}

// TemplateChange adds a template or changes one: by id, or by name and
// language. What is empty stays as it is.
type TemplateChange struct {
	Account    string         `json:"account,omitempty"` // that of the first number when empty
	ID         string         `json:"id,omitempty"`
	Name       string         `json:"name,omitempty"`
	Language   string         `json:"language,omitempty"` // en_US when empty
	Category   string         `json:"category,omitempty"` // of a new one: UTILITY when empty
	Status     string         `json:"status,omitempty"`   // of a new one: APPROVED when empty
	Format     string         `json:"parameter_format,omitempty"`
	Components jsontext.Value `json:"components,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Wait       bool           `json:"wait,omitzero"`
}

// ChangeTemplate changes the catalogue and posts message_template_status_update.
func (s *Server) ChangeTemplate(ctx context.Context, c TemplateChange) (Told, error) {
	t, err := s.changed(&c)
	if err != nil {
		return Told{}, err
	}
	if err := s.putTemplate(c.Account, t); err != nil {
		return Told{}, err
	}
	reason := c.Reason
	if reason == "" {
		reason = "NONE"
	}
	number, err := strconv.ParseInt(t.ID, 10, 64)
	if err != nil {
		return Told{}, err
	}
	value := encode(map[string]any{
		"event": t.Status, "message_template_id": number, "message_template_name": t.Name,
		"message_template_language": t.Language, "message_template_category": t.Category, "reason": reason,
	})
	told, err := s.change(ctx, c.Account, "message_template_status_update", value, c.Wait)
	told.ID = t.ID
	return told, err
}
