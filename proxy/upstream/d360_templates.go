package upstream

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// templatesPath is 360dialog's list of the account's templates.
const templatesPath = "/v1/configs/templates"

// templates are the account's: a list with offsets in place of cursors, which
// are offsets as text here; ends by name alone.
func (d d360) templates(method string, query url.Values) (call, error) {
	number := d.any()
	switch {
	case method == http.MethodGet:
		asked := url.Values{"limit": {or(query.Get("limit"), "100")}, "offset": {or(query.Get("after"), "0")}}
		return d.call(number, method, templatesPath, asked.Encode(), templateList), nil
	case method == http.MethodPost:
		return d.call(number, method, templatesPath, "", templateMade), nil
	case method == http.MethodDelete && query.Has("hsm_id"):
		return call{}, &Blocked{"360dialog ends a template in all its languages; leave out hsm_id."}
	case method == http.MethodDelete && query.Get("name") != "":
		return d.call(number, method, templatesPath+"/"+url.PathEscape(query.Get("name")), "", done), nil
	}
	return call{}, blocked(method, "message_templates")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// d360Template is a template in 360dialog's list. Meta's id is external_id there.
type d360Template struct {
	ID         string          `json:"id"`
	External   string          `json:"external_id"`
	Namespace  string          `json:"namespace"`
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Status     string          `json:"status"`
	Category   string          `json:"category"`
	Format     string          `json:"parameter_format"`
	Components json.RawMessage `json:"components"`
	Quality    json.RawMessage `json:"quality_score"`
	Reason     string          `json:"rejected_reason"`
}

// graphTemplate is a template as Meta lists it.
type graphTemplate struct {
	ID         string          `json:"id,omitempty"`
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Status     string          `json:"status"`
	Category   string          `json:"category"`
	Format     string          `json:"parameter_format,omitempty"`
	Components json.RawMessage `json:"components,omitempty"`
	Quality    json.RawMessage `json:"quality_score,omitempty"`
	Reason     string          `json:"rejected_reason,omitempty"`
}

// graph is the template in Meta's words: states in capitals, and "submitted" is
// PENDING there.
func (t d360Template) graph() graphTemplate {
	status := strings.ToUpper(t.Status)
	if status == "SUBMITTED" || status == "" {
		status = "PENDING"
	}
	return graphTemplate{
		ID: or(t.External, t.ID), Name: t.Name, Language: t.Language, Status: status, Category: strings.ToUpper(t.Category),
		Format: t.Format, Components: t.Components, Quality: t.Quality, Reason: t.Reason,
	}
}

// page is Meta's list of templates.
type page struct {
	Data   []graphTemplate `json:"data"`
	Paging *paging         `json:"paging,omitempty"`
}

type paging struct {
	Cursors struct {
		After string `json:"after"`
	} `json:"cursors"`
	Next string `json:"next"`
}

func templateList(a Answer) Answer {
	var in struct {
		Offset    int            `json:"offset"`
		Total     int            `json:"total"`
		Templates []d360Template `json:"waba_templates"`
	}
	return translated(a, &in, func() any {
		out := page{Data: []graphTemplate{}}
		for _, t := range in.Templates {
			out.Data = append(out.Data, t.graph())
		}
		if end := in.Offset + len(in.Templates); len(in.Templates) > 0 && end < in.Total {
			out.Paging = &paging{Next: "next"} // only that there is one counts
			out.Paging.Cursors.After = strconv.Itoa(end)
		}
		return out
	})
}

func templateMade(a Answer) Answer {
	var in d360Template
	return translated(a, &in, func() any {
		t := in.graph()
		return map[string]string{"id": t.ID, "status": t.Status, "category": t.Category}
	})
}

// namespaceNode is the account as far as its templates tell of it.
func namespaceNode(account string) func(Answer) Answer {
	return func(a Answer) Answer {
		var in struct {
			Templates []d360Template `json:"waba_templates"`
		}
		return translated(a, &in, func() any {
			out := map[string]string{"id": account}
			if len(in.Templates) > 0 {
				out["message_template_namespace"] = in.Templates[0].Namespace
			}
			return out
		})
	}
}
