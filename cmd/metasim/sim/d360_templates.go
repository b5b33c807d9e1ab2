package sim

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/template"
)

// d360Template is a template in 360dialog's list; external_id is Meta's id.
type d360Template struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"`
	Namespace  string         `json:"namespace"`
	Name       string         `json:"name"`
	Language   string         `json:"language"`
	Status     string         `json:"status"`
	Category   string         `json:"category"`
	Format     string         `json:"parameter_format,omitempty"`
	Components jsontext.Value `json:"components"`
	Reason     string         `json:"rejected_reason"`
}

func d360Listed(account string, t *template.Template) d360Template {
	status := strings.ToLower(t.Status)
	if t.Status == template.Pending {
		status = "submitted"
	}
	reason := t.Reason
	if reason == "" {
		reason = "NONE"
	}
	return d360Template{
		ID: "WT" + t.ID, ExternalID: t.ID, Namespace: namespaceOf(account), Name: t.Name, Language: t.Language, Status: status,
		Category: t.Category, Format: t.Format, Components: t.Components, Reason: reason,
	}
}

// d360Templates is a page of the account's templates.
func (s *Server) d360Templates(r *http.Request, account string) answer {
	q := r.URL.Query()
	list := s.catalog.List(account)
	limit, offset := d360Number(q.Get("limit"), 1000), min(d360Number(q.Get("offset"), 0), len(list))
	out := []d360Template{}
	for _, t := range list[offset:min(offset+limit, len(list))] {
		out = append(out, d360Listed(account, t))
	}
	sort := q.Get("sort")
	if sort == "" {
		sort = "id"
	}
	return success(map[string]any{
		"count": len(out), "filters": map[string]string{}, "limit": limit, "offset": offset, "sort": []string{sort}, "total": len(list), "waba_templates": out,
	})
}

func d360Number(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1000 && otherwise > 0 {
		return otherwise
	}
	return n
}

// d360Create hands a template in.
func (s *Server) d360Create(w http.ResponseWriter, r *http.Request, account string) answer {
	req := &request{Request: r, node: account, rest: []string{"message_templates"}, query: r.URL.Query()}
	if err := req.readBody(w); err != nil {
		return d360Refusal(err)
	}
	var in struct {
		Name     string `json:"name"`
		Language string `json:"language"`
	}
	if a := s.createTemplate(req); a.status != http.StatusOK || !decoded(req.body, &in) {
		return d360FromGraph(a)
	}
	t, _ := s.catalog.Find(account, in.Name, in.Language)
	a := success(d360Listed(account, t))
	a.status = http.StatusCreated
	return a
}

// d360Delete ends a template in all its languages.
func (s *Server) d360Delete(r *http.Request, account, name string) answer {
	req := &request{Request: r, node: account, rest: []string{"message_templates"}, query: map[string][]string{"name": {name}}}
	if a := s.deleteTemplates(req); a.status != http.StatusOK {
		return d360FromGraph(a)
	}
	return success(map[string]any{"meta": map[string]any{"success": true}})
}

func d360Refusal(err *graph.Error) answer {
	return d360Error(err.Status, err.Status, err.Title+" "+err.Details)
}

// d360FromGraph is Meta's refusal in 360dialog's shape.
func d360FromGraph(a answer) answer {
	var said struct {
		Error struct {
			Message string `json:"message"`
			Data    struct {
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
	if !decoded(a.body, &said) {
		return d360Malformed()
	}
	return d360Error(a.status, a.status, strings.TrimSpace(said.Error.Message+" "+said.Error.Data.Details))
}
