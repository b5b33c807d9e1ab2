package sim

import (
	"crypto/rsa"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"postern/cmd/metasim/internal/graph"
	"postern/cmd/metasim/internal/jwe"
	"postern/cmd/metasim/internal/send"
)

// request is a call of the Graph API on its way through the simulator.
type request struct {
	*http.Request
	node   string   // first segment after the version
	rest   []string // segments after the node
	query  url.Values
	form   url.Values // fields of a form body
	body   []byte     // of a JSON or form body
	number Number     // when node is a phone number id

	send    *send.Send // decoded message, for the messages edges
	refusal *graph.Error

	encrypted jwe.Header     // how the message came, zero in the clear
	client    *rsa.PublicKey // that the answer to an encrypted one goes to
}

// answer is what a Graph handler returns; the body is sent with its length.
type answer struct {
	status int
	kind   string // content type, JSON when empty
	body   []byte
}

// attachments is where media are fetched; its links end in a slash.
const attachments = "whatsapp_business/attachments"

var version = regexp.MustCompile(`^v\d+\.\d+$`)

// ServeHTTP answers the Graph API and, under /_sim/, the control API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.control.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, flowFilePath) {
		s.serveFlowFile(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, picturePath) {
		s.servePicture(w, r)
		return
	}
	req, err := s.read(w, r)
	if err != nil {
		s.write(w, s.refuse(err))
		return
	}
	f := s.faults.pick(req)
	if !s.before(w, r, f) {
		return
	}
	a := s.serve(req, f)
	if s.after(w, r, f, a) {
		s.write(w, a)
	}
}

// read finds node, credentials and body of a request, in the order in which
// Meta refuses: unknown path, bad token, bad body.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*request, *graph.Error) {
	req := &request{Request: r, query: r.URL.Query()}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	path = strings.Replace(path, attachments+"/", attachments, 1)
	segments := strings.Split(path, "/")
	if version.MatchString(segments[0]) {
		segments = segments[1:]
	}
	for _, segment := range segments {
		if segment == "" || strings.ContainsAny(segment, "%;") || segment == "." || segment == ".." {
			return nil, unknownPath()
		}
	}
	if len(segments) == 0 {
		return nil, unknownPath()
	}
	req.node, req.rest = segments[0], segments[1:]
	if err := req.readBody(w); err != nil {
		return nil, err
	}
	if err := s.authenticate(req); err != nil {
		return nil, err
	}
	req.number = s.numbers.of(req.node)
	switch {
	case req.number.ID != "" && (req.edge() == "messages" || req.edge() == edgeMarketing):
		s.decodeSend(req)
	case req.number.ID != "" && req.edge() == edgeEncrypted && req.Method == http.MethodPost:
		s.decodeEncrypted(req)
	}
	return req, nil
}

func unknownPath() *graph.Error {
	return graph.New(2500, "")
}

// edge is the segment after the node, empty for the node itself.
func (r *request) edge() string {
	if len(r.rest) == 0 {
		return ""
	}
	return strings.Join(r.rest, "/")
}

// parameter looks in the form and then in the query.
func (r *request) parameter(name string) string {
	if v := r.form.Get(name); v != "" {
		return v
	}
	return r.query.Get(name)
}

// readBody reads JSON and form bodies; an upload is left to its handler.
func (r *request) readBody(w http.ResponseWriter) *graph.Error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // an unreadable type is an unknown one
	if r.Method == http.MethodGet || kind == "multipart/form-data" {
		return nil
	}
	limit := int64(send.MaxBody)
	if strings.HasPrefix(r.node, uploadNode) {
		limit = maxUpload
	}
	body, err := readAll(http.MaxBytesReader(w, r.Request.Body, limit), r.ContentLength)
	if err != nil {
		return graph.New(100, "The request body could not be read or is too large.")
	}
	r.body = body
	if len(body) == 0 || strings.HasPrefix(r.node, uploadNode) { // there it is a file
		return nil
	}
	switch kind {
	case "application/json", "":
	case "application/x-www-form-urlencoded":
		r.form, err = url.ParseQuery(string(body))
		if err != nil {
			return graph.New(100, "The form body is not valid.")
		}
	default:
		return graph.New(100, "The content type must be JSON or a form.")
	}
	return nil
}

// serve runs the handler for the node.
func (s *Server) serve(r *request, f *Fault) answer {
	switch {
	case r.number.ID != "":
		return s.servePhone(r, f)
	case s.accounts[r.node]:
		return s.serveAccount(r)
	case r.node == "debug_token" || r.node == "me":
		return s.serveToken(r)
	case r.node == appID && r.Method+" "+r.edge() == "POST uploads":
		return s.startUpload(r)
	case strings.HasPrefix(r.node, uploadNode) && r.edge() == "":
		return s.serveUpload(r)
	case r.node+"/"+r.edge() == attachments:
		return s.serveAttachment(r)
	case (r.edge() == "" || r.edge() == "assets" || templateEdges[r.edge()]) && isDigits(r.node):
		return s.serveNode(r)
	}
	return s.refuse(unknownPath())
}

// servePhone routes the edges of a phone number.
func (s *Server) servePhone(r *request, f *Fault) answer {
	switch r.Method + " " + r.edge() {
	case "POST messages", "PUT messages":
		return s.postMessage(r, f)
	case "POST " + edgeMarketing:
		return s.postMessage(r, f)
	case "POST " + edgeEncrypted:
		return s.postEncrypted(r, f)
	case "GET " + edgeFlowKey:
		return s.getFlowKey(r)
	case "POST " + edgeFlowKey:
		return s.setFlowKey(r)
	case "GET settings":
		return s.getSettings(r)
	case "POST settings":
		return s.postSettings(r)
	case "POST media":
		return s.postMedia(r)
	case "POST request_code", "POST verify_code", "POST register", "POST deregister":
		return s.serveRegistration(r)
	case "POST ":
		return s.postPhone(r)
	case "GET ":
		return s.getPhone(r)
	case "GET whatsapp_business_profile":
		return s.getProfile(r)
	case "POST whatsapp_business_profile":
		return s.postProfile(r)
	}
	if a, ok := s.serveManaged(r); ok {
		return a
	}
	return s.refuse(noMethod(r))
}

// serveAccount routes the edges of a business account.
func (s *Server) serveAccount(r *request) answer {
	switch r.Method + " " + r.edge() {
	case "GET message_templates":
		return s.listTemplates(r)
	case "POST message_templates":
		return s.createTemplate(r)
	case "DELETE message_templates":
		return s.deleteTemplates(r)
	case "GET flows":
		return s.listFlows(r)
	case "GET product_catalogs":
		return s.listCatalogs()
	case "GET phone_numbers":
		return s.listPhones(r)
	case "POST phone_numbers":
		return s.addNumber(r)
	case "GET subscribed_apps":
		return s.getSubscription(r)
	case "POST subscribed_apps", "DELETE subscribed_apps":
		return s.setSubscription(r)
	case "GET ":
		return s.getAccount(r)
	}
	return s.refuse(noMethod(r))
}

// serveNode answers for what is known by its id alone: media and templates.
func (s *Server) serveNode(r *request) answer {
	if a, ok := s.mediaNode(r); ok {
		return a
	}
	if a, ok := s.templateNode(r); ok {
		return a
	}
	if a, ok := s.flowAnswer(r); ok {
		return a
	}
	return s.refuse(noMethod(r))
}

func noMethod(r *request) *graph.Error {
	return graph.Method("Unsupported " + strings.ToLower(r.Method) + " request. The object does not exist, " +
		"cannot be loaded due to missing permissions, or does not support this operation.")
}

func (s *Server) refuse(err *graph.Error) answer {
	trace := mix(s.cfg.Seed, s.traces.Add(1), 4)
	return answer{status: err.Status, body: err.Body("A" + strconv.FormatUint(trace, 36))}
}

func success(v any) answer { return answer{status: http.StatusOK, body: encode(v)} }

func (s *Server) write(w http.ResponseWriter, a answer) {
	if a.kind == "" {
		a.kind = "application/json; charset=UTF-8"
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if _, err := w.Write(a.body); err != nil {
		s.cfg.Log.Debug().Msg("an answer could not be written")
	}
}
