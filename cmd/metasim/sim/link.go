package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// link is where the bytes can be fetched with a token for five minutes.
func (s *Server) link(r *http.Request, m media) string {
	expires := strconv.FormatInt(s.cfg.Now().Add(linkLife).Unix(), 10)
	query := url.Values{"mid": {m.ID}, "ext": {expires}, "hash": {s.linkHash(m.ID, expires)}}
	return s.base(r) + "/" + attachments + "/?" + query.Encode()
}

func (s *Server) linkHash(id, expires string) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(s.cfg.Seed, 10) + " " + id + " " + expires))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// base is the public address without a final slash.
func (s *Server) base(r *http.Request) string {
	switch {
	case s.cfg.PublicURL != "":
		return strings.TrimRight(s.cfg.PublicURL, "/")
	case r == nil:
		return ""
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// serveAttachment gives the bytes of a link; an old or altered one is 404.
func (s *Server) serveAttachment(r *request) answer {
	id, expires := r.query.Get("mid"), r.query.Get("ext")
	seconds, err := strconv.ParseInt(expires, 10, 64)
	m, ok := s.findMedia(id)
	if !ok || err != nil || r.query.Get("hash") != s.linkHash(id, expires) || s.cfg.Now().Unix() > seconds {
		return answer{status: http.StatusNotFound, kind: "text/plain", body: []byte("URL signature expired")}
	}
	data, ok := s.blobs.get(id)
	if !ok {
		return answer{status: http.StatusNotFound, kind: "text/plain", body: []byte("not found")}
	}
	return answer{status: http.StatusOK, kind: m.MIME, body: data}
}

// sample is what an inbound media message without an id holds: a GIF of one
// point, under the type that fits the message.
var sample = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

var sampleTypes = map[string]string{
	"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg; codecs=opus",
	"document": "application/pdf", "sticker": "image/webp",
}

// fillMedia gives an inbound media message what it lacks: id, type, hash and
// link. The caller holds the lock.
func (s *Server) fillMedia(n Number, m map[string]any) {
	name, _ := m["type"].(string)
	kind, ok := sampleTypes[name]
	if !ok {
		return
	}
	object, _ := m[name].(map[string]any)
	filled := maps.Clone(object)
	if filled == nil {
		filled = make(map[string]any)
	}
	m[name] = filled
	if given, ok := filled["mime_type"].(string); ok {
		kind = given
	}
	if filled["id"] != nil {
		return
	}
	file, err := s.storeMediaLocked(n.ID, kind, sample, s.registrations[n.ID].storage().fileLife(inboundLife))
	if err != nil {
		s.cfg.Log.Error().Err(err).Msg("media of an inbound message is not kept")
		return
	}
	filled["id"], filled["mime_type"], filled["sha256"] = file.ID, file.MIME, file.SHA256
	if base := s.base(nil); base != "" {
		filled["url"] = s.link(nil, file)
	}
}
