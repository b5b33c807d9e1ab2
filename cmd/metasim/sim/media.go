package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/state"
)

// Life of media ids and of the links to their bytes.
const (
	uploadLife  = 30 * 24 * time.Hour
	inboundLife = 7 * 24 * time.Hour
	linkLife    = 5 * time.Minute
)

// maxUpload is the largest file of any kind, in bytes.
const maxUpload = 100 << 20

// mediaLimits are the largest files by the head of their type, in bytes; what
// is not listed is a document.
var mediaLimits = map[string]int{"image/webp": 500 << 10, "image/": 5 << 20, "audio/": 16 << 20, "video/": 16 << 20}

// mediaTypes are the types Meta takes. Documents may be of more kinds.
var mediaTypes = []string{
	"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus",
	"image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp", "text/plain",
}

// media is one file under its id.
type media struct {
	ID      string    `json:"id"`
	PhoneID string    `json:"phone_number_id"`
	MIME    string    `json:"mime_type"`
	SHA256  string    `json:"sha256"` // hex
	Size    int       `json:"file_size"`
	Expires time.Time `json:"expires"`
}

type mediaNode struct {
	Product string `json:"messaging_product"`
	URL     string `json:"url"`
	MIME    string `json:"mime_type"`
	SHA256  string `json:"sha256"`
	Size    int    `json:"file_size"`
	ID      string `json:"id"`
}

// postMedia takes an upload.
func (s *Server) postMedia(r *request) answer {
	fields, kind, data, err := readUpload(r)
	if err != nil {
		return s.refuse(err)
	}
	value := func(name string) string {
		if v := fields.Get(name); v != "" {
			return v
		}
		return r.query.Get(name)
	}
	if value("messaging_product") != "whatsapp" {
		return s.refuse(graph.New(100, "The parameter messaging_product is required and must be whatsapp."))
	}
	if given := value("type"); given != "" {
		kind = given
	}
	if err := checkMedia(kind, len(data)); err != nil {
		return s.refuse(err)
	}
	life, err := s.storageOf(r.number.ID).uploadLife(value("ttl_minutes"))
	if err != nil {
		return s.refuse(err)
	}
	m, failed := s.storeMedia(r.number.ID, kind, data, life)
	if failed != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	return success(map[string]string{"id": m.ID})
}

// readUpload reads a multipart body: its form fields, and the type and bytes
// of the part named file.
func readUpload(r *request) (fields url.Values, kind string, data []byte, refusal *graph.Error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, "", nil, graph.New(100, "An upload must be multipart/form-data.")
	}
	fields = make(url.Values)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", nil, graph.New(100, "The multipart body is not valid.")
		}
		content, err := readPart(part)
		if err != nil {
			return nil, "", nil, graph.New(131053, "The file could not be read or is too large.")
		}
		if part.FormName() == "file" {
			kind, data = part.Header.Get("Content-Type"), content
			continue
		}
		fields.Add(part.FormName(), string(content))
	}
	if data == nil {
		return nil, "", nil, graph.New(100, "The parameter file is required.")
	}
	return fields, kind, data, nil
}

func readPart(part *multipart.Part) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(part, maxUpload+1))
	if err == nil && len(content) > maxUpload {
		err = errors.New("part is too large")
	}
	return content, err
}

func checkMedia(kind string, size int) *graph.Error {
	bare, _, _ := strings.Cut(strings.ToLower(kind), ";")
	bare = strings.TrimSpace(bare)
	if !slices.Contains(mediaTypes, bare) && !strings.HasPrefix(bare, "application/") {
		return graph.New(100, "Param file must be a file with one of the media types that can be sent.")
	}
	limit := maxUpload
	if n, ok := mediaLimits[bare]; ok {
		limit = n
	} else if n, ok := mediaLimits[bare[:strings.Index(bare, "/")+1]]; ok {
		limit = n
	}
	if size > limit {
		return graph.Newf(131053, "The file is larger than the %d bytes allowed for its type.", limit)
	}
	return nil
}

func (s *Server) storeMedia(phoneID, kind string, data []byte, life time.Duration) (media, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.storeMediaLocked(phoneID, kind, data, life)
}

func (s *Server) storeMediaLocked(phoneID, kind string, data []byte, life time.Duration) (media, error) {
	s.counter++
	sum := sha256.Sum256(data)
	m := media{
		ID: nodeID(s.cfg.Seed, s.counter), PhoneID: phoneID, MIME: kind, Size: len(data),
		SHA256: hex.EncodeToString(sum[:]), Expires: s.cfg.Now().Add(life).UTC(),
	}
	if err := s.blobs.put(m.ID, data); err != nil {
		return media{}, err
	}
	if err := s.log.Append(state.Entry{Kind: kindMedia, Value: mediaState{m, s.counter}}); err != nil {
		return media{}, err
	}
	s.media[m.ID] = m
	return m, nil
}

func (s *Server) hasMedia(id string) bool {
	_, ok := s.findMedia(id)
	return ok
}

func (s *Server) findMedia(id string) (media, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.media[id]
	return m, ok && s.cfg.Now().Before(m.Expires)
}

// mediaNode answers GET and DELETE of a media id.
func (s *Server) mediaNode(r *request) (answer, bool) {
	m, ok := s.findMedia(r.node)
	wrong := r.query.Get("phone_number_id")
	if !ok || (wrong != "" && wrong != m.PhoneID) {
		return answer{}, false
	}
	switch r.Method {
	case http.MethodGet:
		return success(mediaNode{
			Product: "whatsapp", URL: s.link(r.Request, m), MIME: m.MIME, SHA256: m.SHA256, Size: m.Size, ID: m.ID,
		}), true
	case http.MethodDelete:
		return s.deleteMedia(m), true
	}
	return answer{}, false
}

func (s *Server) deleteMedia(m media) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.log.Append(state.Entry{Kind: kindMediaRemoved, Value: m.ID}); err != nil {
		return s.refuse(graph.New(131000, "The simulator cannot write its state."))
	}
	delete(s.media, m.ID)
	return success(map[string]bool{"success": true})
}
