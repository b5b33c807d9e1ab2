package sim

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/send"
)

// blockedUser is one of the people a number has blocked.
type blockedUser struct {
	WaID   string `json:"wa_id,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

// blockInput is one person in a call.
type blockInput struct {
	User   string `json:"user,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

// blockResult is what became of one person.
type blockResult struct {
	Input  string            `json:"input"`
	WaID   string            `json:"wa_id,omitempty"`
	UserID string            `json:"user_id,omitempty"`
	Errors []blockResultCode `json:"errors,omitempty"`
}

type blockResultCode struct {
	Message string `json:"message"`
	Code    int    `json:"code"`
}

// serveBlocked lists, blocks and unblocks people.
func (s *Server) serveBlocked(r *request) answer {
	switch r.Method {
	case http.MethodGet:
		return s.listBlocked(r)
	case http.MethodPost, http.MethodDelete:
		return s.manage(r, (*Server).block)
	}
	return s.refuse(noMethod(r))
}

// listBlocked gives the people after a cursor, which is how many came before.
func (s *Server) listBlocked(r *request) answer {
	all := s.managedOf(r.number.ID).Blocked
	from, to := 0, len(all)
	if n, err := strconv.Atoi(r.query.Get("after")); err == nil {
		from = min(max(n, 0), len(all))
	}
	if n, err := strconv.Atoi(r.query.Get("limit")); err == nil && n > 0 {
		to = min(from+n, len(all))
	}
	data := []map[string]string{}
	for _, one := range all[from:to] {
		shown := map[string]string{"messaging_product": "whatsapp", "user_id": one.UserID}
		if one.WaID != "" {
			shown["wa_id"] = one.WaID
		}
		data = append(data, shown)
	}
	out := map[string]any{"data": data}
	if from < to {
		out["paging"] = map[string]any{"cursors": map[string]string{"after": strconv.Itoa(to), "before": strconv.Itoa(from)}}
	}
	return success(out)
}

// block changes whom a number has blocked. Only people who wrote in the last 24
// hours can be; what is refused for some is told beside what was done. The
// caller holds the lock.
func (s *Server) block(r *request, m *managed) (any, *graph.Error) {
	var in struct {
		Product string       `json:"messaging_product"`
		Users   []blockInput `json:"block_users"`
	}
	if json.Unmarshal(r.body, &in) != nil || in.Product != "whatsapp" || len(in.Users) == 0 {
		return nil, graph.New(100, "The parameters messaging_product and block_users are required.")
	}
	done, failed := []blockResult{}, []blockResult{}
	for _, one := range in.Users {
		result := blockResult{Input: one.User + one.UserID}
		p := s.person(one)
		switch {
		case p == nil || r.Method == http.MethodPost && !s.open(r.number.ID, p.UserID, s.cfg.Now()):
			result.Errors = []blockResultCode{{"Re-engagement message", 131047}}
			failed = append(failed, result)
			continue
		default:
			result.WaID, result.UserID = p.Phone, p.UserID
			done = append(done, result)
		}
		m.Blocked = slices.DeleteFunc(m.Blocked, func(b blockedUser) bool { return b.UserID == p.UserID })
		if r.Method == http.MethodPost {
			m.Blocked = append(m.Blocked, blockedUser{WaID: p.Phone, UserID: p.UserID})
		}
	}
	return s.blockAnswer(r, done, failed), nil
}

// person is who is meant, nil where nobody is known.
func (s *Server) person(in blockInput) *person {
	if digits, _, ok := send.Digits(in.User); ok {
		return s.byNumber[digits]
	}
	return s.people[in.UserID]
}

func (s *Server) blockAnswer(r *request, done, failed []blockResult) answer {
	name := "added_users"
	if r.Method == http.MethodDelete {
		name = "removed_users"
	}
	lists := map[string]any{name: done}
	out := map[string]any{"messaging_product": "whatsapp", "block_users": lists}
	if len(failed) == 0 {
		return success(out)
	}
	lists["failed_users"] = failed
	refusal := graph.New(139100, "Some of the people could not be changed.")
	out["error"] = map[string]any{
		"message": refusal.Error(), "type": "OAuthException", "code": refusal.Code, "fbtrace_id": "A" + strconv.FormatUint(mix(s.cfg.Seed, s.traces.Add(1), 4), 36),
		"error_data": map[string]string{"messaging_product": "whatsapp", "details": refusal.Details},
	}
	return answer{status: refusal.Status, body: encode(out)}
}
