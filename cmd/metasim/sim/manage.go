package sim

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// managed is what management calls have made of a number.
type managed struct {
	PhoneID  string                               `json:"phone_number_id"`
	Username string                               `json:"username,omitempty"`
	Codes    []qrCode                             `json:"codes,omitempty"`
	Blocked  []blockedUser                        `json:"blocked,omitempty"`
	Override string                               `json:"override,omitempty"` // address of its webhooks
	Kept     map[string]map[string]jsontext.Value `json:"kept,omitempty"`     // by edge
}

// Kinds of JSON values, as their first character is.
const (
	text, truth, object, array = jsontext.KindString, jsontext.KindTrue, jsontext.KindBeginObject, jsontext.KindBeginArray
)

// keptMembers are the members of edges that only keep what they are given, and
// their kinds of value.
var keptMembers = map[string]map[string]jsontext.Kind{
	"whatsapp_commerce_settings": {"is_cart_enabled": truth, "is_catalog_visible": truth},
	"business_compliance_info": {
		"entity_name": text, "entity_type": text, "entity_type_custom": text, "is_registered": truth,
		"grievance_officer_details": object, "customer_care_details": object,
	},
	"conversational_automation": {"enable_welcome_message": truth, "prompts": array, "commands": array},
	"official_business_account": {
		"business_website_url": text, "primary_country_of_operation": text, "primary_language": text, "parent_business_or_brand": text,
		"supporting_links": array, "additional_supporting_information": text,
	},
	edgeSettings: {"user_identity_change": object},
}

const edgeSettings = "settings"

// serveManaged routes the edges by which a number is managed; false where there
// is none of that name.
func (s *Server) serveManaged(r *request) (answer, bool) {
	edge, rest, _ := strings.Cut(r.edge(), "/")
	switch {
	case edge == "message_qrdls":
		return s.serveCodes(r, rest), true
	case rest != "":
	case edge == "block_users":
		return s.serveBlocked(r), true
	case edge == "username" || edge == "username_suggestions":
		return s.serveUsername(r), true
	case keptMembers[edge] != nil && r.Method == http.MethodGet:
		return s.getKept(r), true
	case keptMembers[edge] != nil && r.Method == http.MethodPost:
		return s.postKept(r), true
	}
	return answer{}, false
}

// managedOf is a copy of what is known of a number.
func (s *Server) managedOf(phone string) managed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.managed[phone].clone(phone)
}

func (m managed) clone(phone string) managed {
	m.PhoneID, m.Codes, m.Blocked = phone, slices.Clone(m.Codes), slices.Clone(m.Blocked)
	m.Kept = maps.Clone(m.Kept)
	if m.Kept == nil {
		m.Kept = make(map[string]map[string]jsontext.Value)
	}
	return m
}

// manage applies one call to a number and keeps the outcome; nothing changes
// when the call is refused.
func (s *Server) manage(r *request, apply func(s *Server, r *request, m *managed) (any, *graph.Error)) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.managed[r.number.ID].clone(r.number.ID)
	out, refusal := apply(s, r, &m)
	if refusal != nil {
		return s.refuse(refusal)
	}
	if err := s.log.Append(state.Entry{Kind: kindManaged, Value: m}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.managed[r.number.ID] = m
	if a, ok := out.(answer); ok {
		return a
	}
	if out == nil {
		out = map[string]bool{"success": true}
	}
	return success(out)
}

// member is a text of the body, the form or the query.
func (r *request) member(name string) string {
	if r.form == nil && len(r.body) > 0 {
		var in map[string]jsontext.Value
		var text string
		if json.Unmarshal(r.body, &in) == nil && in[name] != nil && json.Unmarshal(in[name], &text) == nil {
			return text
		}
		return ""
	}
	return r.parameter(name)
}

func (s *Server) getKept(r *request) answer {
	kept := s.managedOf(r.number.ID).Kept[r.edge()]
	if kept == nil {
		kept = map[string]jsontext.Value{}
	}
	return success(map[string]any{"data": []any{kept}})
}

// postKept keeps the members of an edge that are given.
func (s *Server) postKept(r *request) answer {
	return s.manage(r, func(_ *Server, r *request, m *managed) (any, *graph.Error) {
		var in map[string]jsontext.Value
		if err := json.Unmarshal(r.body, &in); err != nil {
			return nil, graph.New(100, "The request body is not a JSON object.")
		}
		delete(in, "messaging_product")
		if len(in) == 0 || r.edge() == edgeSettings && len(in) != 1 {
			return nil, graph.New(100, "The call must name what is to be set; settings take one at a time.")
		}
		merged := maps.Clone(m.Kept[r.edge()])
		if merged == nil {
			merged = make(map[string]jsontext.Value)
		}
		for name, value := range in {
			kind, known := keptMembers[r.edge()][name]
			if !known {
				return nil, graph.New(100, "The request body has a member that does not exist.")
			}
			if got := value.Kind(); got != kind && (got != jsontext.KindFalse || kind != truth) {
				return nil, graph.New(100, "Param "+name+" has another type.")
			}
			merged[name] = value
		}
		m.Kept[r.edge()] = merged
		return nil, nil
	})
}

var username = regexp.MustCompile(`^[a-z0-9._]{3,35}$`)

// serveUsername answers the username of a number and suggestions for one.
func (s *Server) serveUsername(r *request) answer {
	switch r.Method + " " + r.edge() {
	case "GET username":
		node := map[string]string{}
		if name := s.managedOf(r.number.ID).Username; name != "" {
			node["username"], node["status"] = name, "approved"
		}
		return success(node)
	case "GET username_suggestions":
		base := strings.ToLower(strings.ReplaceAll(r.number.Name, " ", "."))
		return success(map[string]any{"data": []map[string][]string{{"username_suggestions": {base, base + ".desk"}}}})
	case "POST username":
		return s.manage(r, func(_ *Server, r *request, m *managed) (any, *graph.Error) {
			if m.Username = r.member("username"); !username.MatchString(m.Username) {
				return nil, graph.New(147001, "Param username must have 3 to 35 of a to z, 0 to 9, dot and underscore.")
			}
			return map[string]string{"status": "approved"}, nil
		})
	case "DELETE username":
		return s.manage(r, func(_ *Server, _ *request, m *managed) (any, *graph.Error) {
			m.Username = ""
			return nil, nil
		})
	}
	return s.refuse(noMethod(r))
}
