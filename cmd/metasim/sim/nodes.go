package sim

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// phoneNode holds what a phone number can be asked for.
type phoneNode struct {
	ID           string         `json:"id"`
	Display      string         `json:"display_phone_number"`
	Name         string         `json:"verified_name"`
	NameStatus   string         `json:"name_status"`
	NewName      string         `json:"new_name_status"`
	Verification string         `json:"code_verification_status"`
	Quality      string         `json:"quality_rating"`
	QualityScore jsontext.Value `json:"quality_score"`
	Status       string         `json:"status"`
	Platform     string         `json:"platform_type"`
	Mode         string         `json:"account_mode"`
	Throughput   jsontext.Value `json:"throughput"`
	Health       jsontext.Value `json:"health_status"`
	Limit        string         `json:"whatsapp_business_manager_messaging_limit"`
	Tier         string         `json:"messaging_limit_tier"`
	Official     bool           `json:"is_official_business_account"`
	Pin          bool           `json:"is_pin_enabled"`
	Webhook      jsontext.Value `json:"webhook_configuration"`
	Beside       bool           `json:"is_on_biz_app"`
	Automation   any            `json:"conversational_automation,omitempty"`
}

const phoneFields = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,throughput"

// listedFields are those of a number in a list.
const listedFields = "verified_name,display_phone_number,quality_rating"

func (s *Server) phone(n Number) phoneNode {
	m := s.managedOf(n.ID)
	available := func(kind, id string) string {
		return `{"entity_type":"` + kind + `","id":"` + id + `","can_send_message":"AVAILABLE"}`
	}
	s.mu.Lock()
	now := s.registrations[n.ID]
	s.mu.Unlock()
	verification := "VERIFIED"
	if now.Unverified {
		verification = "NOT_VERIFIED"
	}
	settings := s.settings.Load()
	throughput := settings.Throughputs[n.ID]
	if throughput == "" {
		throughput = "STANDARD"
	}
	node := phoneNode{
		ID: n.ID, Display: n.Display, Name: n.Name, NameStatus: "APPROVED", NewName: "NONE", Verification: verification, Pin: now.PIN != "",
		Quality: "GREEN", QualityScore: jsontext.Value(`{"score":"GREEN"}`), Status: now.status(),
		Platform: "CLOUD_API", Mode: "LIVE", Throughput: jsontext.Value(`{"level":"` + throughput + `"}`), Beside: slices.Contains(settings.BesideApp, n.ID),
		Health: jsontext.Value(`{"can_send_message":"AVAILABLE","entities":[` +
			available("PHONE_NUMBER", n.ID) + "," + available("WABA", n.Account) + `]}`),
		Limit: "TIER_100K", Tier: "TIER_100K", Webhook: s.hooksOf(n, m.Override),
	}
	if kept := m.Kept["conversational_automation"]; kept != nil {
		node.Automation = kept
	}
	return node
}

// pickFields returns the asked members of a node, its id always among them.
func pickFields(node any, asked, standard string) (map[string]jsontext.Value, *graph.Error) {
	var all map[string]jsontext.Value
	if err := json.Unmarshal(encode(node), &all); err != nil {
		return nil, graph.New(1, "")
	}
	names := splitFields(asked)
	if asked == "" {
		names = slices.DeleteFunc(splitFields(standard), func(name string) bool { return all[name] == nil })
	}
	picked := map[string]jsontext.Value{"id": all["id"]}
	for _, name := range names {
		value, ok := all[name]
		if !ok && asked != "" && !tolerated[name] {
			return nil, graph.New(100, "A field that was asked for does not exist on this node.")
		}
		if ok {
			picked[name] = value
		}
	}
	return picked, nil
}

// tolerated are fields that exist at Meta and are left out when they are empty.
var tolerated = map[string]bool{
	"quality_score": true, "rejected_reason": true, "previous_category": true, "sub_category": true,
	"library_template_name": true, "message_send_ttl_seconds": true, "parameter_format": true,
	"cta_url_link_tracking_opted_out": true, "correct_category": true, "last_onboarded_time": true,
	"certificate": true, "conversational_automation": true, "username": true, "search_visibility": true, "eligibility_for_api_business_global_search": true,
}

// splitFields splits at commas outside of braces and drops what is in them.
func splitFields(list string) []string {
	var names []string
	depth, start := 0, 0
	for i, c := range list + "," {
		switch c {
		case '{', '(':
			depth++
		case '}', ')':
			depth--
		case ',':
			if depth > 0 {
				continue
			}
			name, _, _ := strings.Cut(list[start:i], "{")
			name, _, _ = strings.Cut(name, ".")
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
			start = i + 1
		}
	}
	return names
}

func (s *Server) getPhone(r *request) answer {
	return s.nodeAnswer(s.phone(r.number), r.query.Get("fields"), phoneFields)
}

func (s *Server) nodeAnswer(node any, asked, standard string) answer {
	picked, err := pickFields(node, asked, standard)
	if err != nil {
		return s.refuse(err)
	}
	return success(picked)
}

func (s *Server) listPhones(r *request) answer {
	data := []map[string]jsontext.Value{}
	for _, n := range s.numbers.in(r.node) {
		picked, err := pickFields(s.phone(n), r.query.Get("fields"), listedFields)
		if err != nil {
			return s.refuse(err)
		}
		data = append(data, picked)
	}
	return success(map[string]any{"data": data})
}

type accountNode struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Namespace string `json:"message_template_namespace"`
	Timezone  string `json:"timezone_id"`
	Currency  string `json:"currency"`
	Review    string `json:"account_review_status"`
}

// namespaceOf is the namespace of an account's templates.
func namespaceOf(account string) string { return strings.ReplaceAll(derivedUserID(account), ".", "_") }

func (s *Server) getAccount(r *request) answer {
	node := accountNode{
		ID: r.node, Name: "Test Account", Namespace: namespaceOf(r.node), Timezone: "1", Currency: "USD", Review: "APPROVED",
	}
	return s.nodeAnswer(node, r.query.Get("fields"), "id,name,timezone_id,message_template_namespace")
}

type appNode struct {
	App struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Link string `json:"link"`
	} `json:"whatsapp_business_api_data"`
	Override string `json:"override_callback_uri,omitempty"`
}

func (s *Server) getSubscription(r *request) answer {
	s.mu.Lock()
	off, override := s.unsubscribed[r.node], s.overrides[r.node]
	s.mu.Unlock()
	data := []appNode{}
	if !off {
		app := appNode{Override: override}
		app.App.ID, app.App.Name, app.App.Link = appID, "Test App", "https://www.facebook.com/games/?app_id="+appID
		data = append(data, app)
	}
	return success(map[string]any{"data": data})
}

// appID is the id of the one app all tokens belong to.
const appID = "1000000000000001"

func (s *Server) setSubscription(r *request) answer {
	now := subscriptionState{Account: r.node, Off: r.Method == http.MethodDelete, Override: r.member("override_callback_uri")}
	if refused := s.reaches(r, now.Override, r.member("verify_token")); refused != nil {
		return s.refuse(refused)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.log.Append(state.Entry{Kind: kindSubscription, Value: now}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.subscribe(now)
	return success(map[string]bool{"success": true})
}

// serveToken answers what the caller's token is.
func (s *Server) serveToken(r *request) answer {
	if r.Method != http.MethodGet {
		return s.refuse(noMethod(r))
	}
	if r.node == "me" {
		return success(map[string]string{"id": "1000000000000002", "name": "Test System User"})
	}
	asked := r.query.Get("input_token")
	if asked == "" {
		return s.refuse(graph.New(100, "The parameter input_token is required."))
	}
	settings := s.settings.Load()
	data := map[string]any{"app_id": appID, "is_valid": false, "scopes": []string{}}
	if s.tokens[asked] {
		data = map[string]any{
			"app_id": appID, "application": "Test App", "type": "SYSTEM_USER", "is_valid": true,
			"expires_at": settings.TokenExpires, "data_access_expires_at": settings.DataAccessExpires,
			"scopes": []string{"whatsapp_business_management", "whatsapp_business_messaging"},
		}
	}
	return success(map[string]any{"data": data})
}
