package sim

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"postern/cmd/metasim/internal/graph"
)

// uploadNode begins the id of an upload session.
const uploadNode = "upload:"

// picturePath is where pictures of profiles are served, without a token.
const picturePath = "/pictures/"

// maxSessions bounds upload sessions; the oldest goes.
const maxSessions = 1000

// uploadSession is a file that is on its way (Graph API, Resumable Upload). It
// lives in memory only: a restart ends it.
type uploadSession struct {
	ID      string
	MIME    string
	Length  int
	content []byte
}

// uploadTypes are the types that the API takes.
var uploadTypes = map[string]bool{
	"image/jpeg": true, "image/jpg": true, "image/png": true, "application/pdf": true, "video/mp4": true,
}

// startUpload answers POST /{app}/uploads.
func (s *Server) startUpload(r *request) answer {
	length, err := strconv.Atoi(r.parameter("file_length"))
	kind := r.parameter("file_type")
	if err != nil || length <= 0 || length > maxUpload || !uploadTypes[kind] {
		return s.refuse(graph.New(100, "An upload needs file_length and file_type of a file that can be uploaded."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counter++
	id := uploadNode + base64.RawURLEncoding.EncodeToString([]byte(nodeID(s.cfg.Seed, s.counter)))
	if len(s.sessions) == maxSessions {
		s.sessions = s.sessions[1:]
	}
	s.sessions = append(s.sessions, &uploadSession{ID: id, MIME: kind, Length: length})
	return success(map[string]string{"id": id})
}

func (s *Server) session(id string) *uploadSession {
	for _, u := range s.sessions {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// serveUpload answers at the session: GET says how far it is, POST takes bytes
// from file_offset on and gives the handle once all are there.
func (s *Server) serveUpload(r *request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.session(r.node)
	switch {
	case u == nil:
		return s.refuse(graph.New(100, "The upload session does not exist."))
	case r.Method == http.MethodGet:
		return success(map[string]any{"id": u.ID, "file_offset": len(u.content)})
	case r.Method != http.MethodPost:
		return s.refuse(noMethod(r))
	case r.Header.Get("file_offset") != strconv.Itoa(len(u.content)):
		return s.refuse(graph.New(100, "The file_offset is not where the upload stands."))
	case len(u.content)+len(r.body) > u.Length:
		return s.refuse(graph.New(100, "There is more than the file_length that was given."))
	}
	u.content = append(u.content, r.body...)
	if len(u.content) < u.Length {
		return success(map[string]any{"id": u.ID, "file_offset": len(u.content)})
	}
	m, err := s.storeMediaLocked("", u.MIME, u.content, uploadLife)
	if err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	return success(map[string]string{"h": "4::" + base64.RawURLEncoding.EncodeToString([]byte(u.MIME)) + ":" + m.ID})
}

// uploaded finds the file of a handle.
func (s *Server) uploaded(handle string) (media, bool) {
	if !strings.HasPrefix(handle, "4::") {
		return media{}, false
	}
	m, ok := s.findMedia(handle[strings.LastIndex(handle, ":")+1:])
	return m, ok && m.PhoneID == ""
}

// servePicture gives the bytes of a profile's picture to whoever asks.
func (s *Server) servePicture(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, picturePath)
	s.mu.Lock()
	m, ok := s.media[id]
	s.mu.Unlock()
	data, kept := s.blobs.get(m.ID)
	if !ok || !kept || m.PhoneID != "" {
		http.NotFound(w, r)
		return
	}
	s.write(w, answer{status: http.StatusOK, kind: m.MIME, body: data})
}
