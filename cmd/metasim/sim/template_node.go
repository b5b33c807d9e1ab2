package sim

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/template"
)

// templateEdges are the edges of a template's node.
var templateEdges = map[string]bool{"unpause": true, "compare": true}

// templateNode serves what is known by a template's id: its node and edges.
func (s *Server) templateNode(r *request) (answer, bool) {
	account, t := s.catalog.ByID(r.node)
	if t == nil {
		return answer{}, false
	}
	switch r.Method + " " + r.edge() {
	case "GET ":
		return s.nodeAnswer(t, r.query.Get("fields"), "name,status,category,language,components,parameter_format"), true
	case "POST ":
		return s.editTemplate(r, account, t), true
	case "POST unpause":
		if t.Status != template.Paused {
			return s.refuse(graph.New(100, "Only a paused template can be unpaused.")), true
		}
		return s.reviewed(r, TemplateChange{Account: account, ID: t.ID, Status: template.Approved}), true
	case "GET compare":
		return s.compareTemplates(r, account, t), true
	}
	return answer{}, false
}

// templateEdit is the body of an edit; a name and a language stay as they are.
type templateEdit struct {
	Category   string         `json:"category"`
	Format     string         `json:"parameter_format"`
	Components jsontext.Value `json:"components"`
	TTL        int            `json:"message_send_ttl_seconds"`
}

// editTemplate changes a template, which is then reviewed again. One that is
// in review can not be edited, and an approved one keeps its category.
func (s *Server) editTemplate(r *request, account string, t *template.Template) answer {
	var in templateEdit
	if err := json.Unmarshal(r.body, &in, json.RejectUnknownMembers(true)); err != nil {
		return s.refuse(graph.New(100, "The request body is not an edit of a template."))
	}
	in.Category = strings.ToUpper(in.Category)
	switch {
	case t.Status != template.Approved && t.Status != template.Rejected && t.Status != template.Paused:
		return s.refuse(graph.New(100, "Only an approved, rejected or paused template can be edited."))
	case t.Status == template.Approved && in.Category != "" && in.Category != t.Category:
		return s.refuse(graph.New(100, "The category of an approved template can not be changed."))
	}
	edited := *t
	edited.Status = template.Pending
	if in.Category != "" {
		edited.Category = in.Category
	}
	if in.Components != nil {
		edited.Components = in.Components
	}
	if err := edited.Validate(); err != nil {
		return s.refuse(err)
	}
	if err := s.putTemplate(account, &edited); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	if s.settings.Load().Approval != Auto {
		return success(map[string]bool{"success": true})
	}
	return s.reviewed(r, TemplateChange{Account: account, ID: t.ID, Status: template.Approved})
}

// reviewed is the end of a review, which a webhook tells.
func (s *Server) reviewed(r *request, c TemplateChange) answer {
	if _, err := s.ChangeTemplate(r.Context(), c); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	return success(map[string]bool{"success": true})
}

// metric is one line of a comparison.
type metric struct {
	Name   string      `json:"metric"`
	Type   string      `json:"type"`
	Order  []string    `json:"order_by_relative_metric,omitempty"`
	Values []metricOne `json:"number_values,omitempty"`
}

type metricOne struct {
	Key   string `json:"key"`
	Value int    `json:"value"`
}

// compareTemplates answers that nobody blocked anything: sends are not counted
// by template.
func (s *Server) compareTemplates(r *request, account string, t *template.Template) answer {
	ids := strings.FieldsFunc(r.query.Get("template_ids"), func(c rune) bool { return strings.ContainsRune(`[]", `, c) })
	if len(ids) == 0 || r.query.Get("start") == "" || r.query.Get("end") == "" {
		return s.refuse(graph.New(100, "The parameters template_ids, start and end are required."))
	}
	all := append([]string{t.ID}, ids...)
	sent := metric{Name: "MESSAGE_SENDS", Type: "NUMBER_VALUES"}
	for _, id := range all {
		if of, other := s.catalog.ByID(id); other == nil || of != account {
			return s.refuse(graph.New(100, "A template of the comparison does not exist."))
		}
		sent.Values = append(sent.Values, metricOne{Key: id})
	}
	return success(map[string]any{"data": []metric{{Name: "BLOCK_RATE", Type: "RELATIVE", Order: all}, sent}})
}
