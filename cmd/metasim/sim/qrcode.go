package sim

import (
	"net/http"
	"slices"

	"postern/cmd/metasim/internal/graph"
)

// qrCode is a short link to a number.
type qrCode struct {
	Code    string `json:"code"`
	Message string `json:"prefilled_message"`
	Link    string `json:"deep_link_url"`
	Image   string `json:"qr_image_url,omitempty"`
}

const maxPrefilled = 140

// serveCodes lists, makes, changes and removes short links; code is the one in
// the path, empty for all.
func (s *Server) serveCodes(r *request, code string) answer {
	switch r.Method {
	case http.MethodGet:
		return s.getCodes(r, code)
	case http.MethodPost:
		if code == "" {
			code = r.member("code")
		}
		return s.manage(r, func(s *Server, r *request, m *managed) (any, *graph.Error) { return s.putCode(r, m, code) })
	case http.MethodDelete:
		return s.manage(r, func(_ *Server, _ *request, m *managed) (any, *graph.Error) {
			i := m.code(code)
			if i < 0 {
				return nil, graph.New(100, "There is no such code.")
			}
			m.Codes = slices.Delete(m.Codes, i, i+1)
			return nil, nil
		})
	}
	return s.refuse(noMethod(r))
}

func (m *managed) code(code string) int {
	return slices.IndexFunc(m.Codes, func(q qrCode) bool { return q.Code == code })
}

func (s *Server) getCodes(r *request, code string) answer {
	m := s.managedOf(r.number.ID)
	data := append([]qrCode{}, m.Codes...)
	if code != "" {
		i := m.code(code)
		if i < 0 {
			return s.refuse(graph.New(100, "There is no such code."))
		}
		data = data[i : i+1]
	}
	return success(map[string]any{"data": data})
}

// putCode makes a link, or changes the one that is named. The caller holds the
// lock.
func (s *Server) putCode(r *request, m *managed, code string) (any, *graph.Error) {
	text := r.member("prefilled_message")
	if text == "" || len([]rune(text)) > maxPrefilled {
		return nil, graph.New(100, "Param prefilled_message must be text of at most 140 characters.")
	}
	i := m.code(code)
	switch {
	case code != "" && i < 0:
		return nil, graph.New(100, "There is no such code.")
	case i < 0:
		s.counter++
		code, i = "Q"+nodeID(s.cfg.Seed, s.counter)[1:14], len(m.Codes)
		m.Codes = append(m.Codes, qrCode{Code: code, Link: "https://wa.me/message/" + code})
	}
	m.Codes[i].Message = text
	if r.member("generate_qr_image") != "" {
		m.Codes[i].Image = "https://scontent.example/" + code
	}
	return m.Codes[i], nil
}
