package sim

import "net/http"

// flowMark begins the id of the one flow that each account has: the id is the
// account's with this in front of its last digits.
const flowMark = "77"

type flowNode struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Status     string   `json:"status"`
	Categories []string `json:"categories"`
	Errors     []string `json:"validation_errors"`
	Account    struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"whatsapp_business_account"`
}

func flowID(account string) string {
	return flowMark + account[max(0, len(account)-12):]
}

func newFlowNode(account string) flowNode {
	f := flowNode{ID: flowID(account), Name: "appointment", Status: "PUBLISHED", Categories: []string{"APPOINTMENT_BOOKING"}, Errors: []string{}}
	f.Account.ID, f.Account.Name = account, "Test Account"
	return f
}

func (s *Server) listFlows(r *request) answer {
	picked, err := pickFields(newFlowNode(r.node), r.query.Get("fields"), "id,name,status,categories,validation_errors")
	if err != nil {
		return s.refuse(err)
	}
	return success(map[string]any{"data": []any{picked}})
}

// flowAnswer answers for a flow and its files; false where the node is none.
func (s *Server) flowAnswer(r *request) (answer, bool) {
	for account := range s.accounts {
		switch {
		case flowID(account) != r.node || r.Method != http.MethodGet:
		case r.edge() == "assets":
			return success(map[string]any{"data": []map[string]string{
				{"name": "flow.json", "asset_type": "FLOW_JSON", "download_url": "https://scontent.example/flow.json"},
			}}), true
		case r.edge() == "":
			return s.nodeAnswer(newFlowNode(account), r.query.Get("fields"), "id,name,status,categories,validation_errors"), true
		}
	}
	return answer{}, false
}

func (s *Server) listCatalogs() answer {
	return success(map[string]any{"data": []map[string]string{{"id": "1400000000000001", "name": "Test Catalogue"}}})
}
