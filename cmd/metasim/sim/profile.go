package sim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// profile is the business profile of a number.
type profile map[string]jsontext.Value

// profileLimits are the lengths of its members in characters.
var profileLimits = map[string]int{"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 128, "profile_picture_handle": 1024}

const maxWebsites = 2

func (s *Server) getProfile(r *request) answer {
	s.mu.Lock()
	kept := maps.Clone(s.profiles[r.number.ID])
	s.mu.Unlock()
	out := map[string]jsontext.Value{"messaging_product": jsontext.Value(`"whatsapp"`)}
	asked := splitFields(r.query.Get("fields"))
	for name, value := range kept {
		if asked == nil || slices.Contains(asked, name) {
			out[name] = value
		}
	}
	return success(map[string]any{"data": []any{out}})
}

func (s *Server) postProfile(r *request) answer {
	in, refusal := readProfile(r)
	if refusal != nil {
		return s.refuse(refusal)
	}
	if refusal := s.takePicture(r, in); refusal != nil {
		return s.refuse(refusal)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	merged := maps.Clone(s.profiles[r.number.ID])
	if merged == nil {
		merged = make(profile)
	}
	maps.Copy(merged, in)
	if err := s.log.Append(state.Entry{Kind: kindProfile, Value: profileState{PhoneID: r.number.ID, Profile: merged}}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	s.profiles[r.number.ID] = merged
	return success(map[string]bool{"success": true})
}

// takePicture puts the address of an uploaded picture in place of its handle.
func (s *Server) takePicture(r *request, in profile) *graph.Error {
	value := in["profile_picture_handle"]
	if value == nil {
		return nil
	}
	var handle string
	if err := json.Unmarshal(value, &handle); err != nil {
		return graph.New(100, "Param profile_picture_handle must be text.")
	}
	m, ok := s.uploaded(handle)
	if !ok || !strings.HasPrefix(m.MIME, "image/") {
		return graph.New(100, "Param profile_picture_handle is not the handle of an uploaded picture.")
	}
	delete(in, "profile_picture_handle")
	in["profile_picture_url"] = jsontext.Value(strconv.Quote(s.base(r.Request) + picturePath + m.ID))
	return nil
}

// readProfile checks the members of a change.
func readProfile(r *request) (profile, *graph.Error) {
	var in profile
	if err := json.Unmarshal(r.body, &in); err != nil {
		return nil, graph.New(100, "The request body is not a JSON object.")
	}
	if string(in["messaging_product"]) != `"whatsapp"` {
		return nil, graph.New(100, "The parameter messaging_product is required and must be whatsapp.")
	}
	delete(in, "messaging_product")
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if err := checkProfile(name, in[name]); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func checkProfile(name string, value jsontext.Value) *graph.Error {
	if name == "websites" {
		var sites []string
		if json.Unmarshal(value, &sites) != nil || len(sites) > maxWebsites {
			return graph.New(100, "Param websites must be a list of at most two addresses.")
		}
		return nil
	}
	limit, known := profileLimits[name]
	if !known {
		return graph.New(100, "The profile has a member that does not exist.")
	}
	var text string
	if json.Unmarshal(value, &text) != nil || utf8.RuneCountInString(text) > limit {
		return graph.Newf(131009, "Param %s must be text of at most %d characters.", name, limit)
	}
	return nil
}
