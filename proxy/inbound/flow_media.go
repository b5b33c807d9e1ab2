package inbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/crypto/flows"
	"postern/proxy"
	"postern/proxy/egress"
)

// maxFiles is how many files a request may come with: what Meta lets a person
// pick at most.
const maxFiles = 30

// fetching is how many requests may hold files in memory at a time.
const fetching = 4

// Media says how the files are opened that people pick in a number's flows.
type Media struct {
	Hosts  []string // "name", "*.name" for all names below it, or "host:port"; https always
	Bytes  int64    // of all files of a request together, encrypted
	Inline bool     // the app gets the files; else what Meta sent, once it was checked
}

// Words for files that could not be opened, as the record has them.
const (
	fileForm        = "form"      // no metadata of the documented form
	fileHost        = "host"      // an address that is not listed, or leads inside
	fileMany        = "too_many"  // more than maxFiles
	fileLarge       = "too_large" // more than Media.Bytes
	fileStatus      = "status"    // another status than 200, redirects too
	fileSlow        = "slow"
	fileUnreachable = "unreachable"
	fileMismatch    = "mismatch" // hash or authentication code do not fit
	fileBusy        = "busy"     // others hold the memory
	fileLeft        = "left"     // not fetched, since one before it failed
)

// fileStatuses say how a request is answered for the sake of a file.
var fileStatuses = map[string]int{
	fileStatus: http.StatusBadGateway, fileUnreachable: http.StatusBadGateway, fileSlow: http.StatusGatewayTimeout, fileBusy: http.StatusServiceUnavailable,
}

// openFiles fetches the files of a request one after the other. It stops at the
// first that fails and gives the status for it, 0 where all were opened. The app
// keeps a third of the time.
func (h *Handler) openFiles(ctx context.Context, f Flow, files []*proxy.FlowFile) int {
	if len(files) == 0 {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout*2/3)
	defer cancel()
	trouble := h.fetchAll(ctx, f.Media, files)
	if trouble == "" {
		return 0
	}
	h.cfg.Alarm("flow_media")
	h.cfg.Log.Warn().Str("number", f.Number).Str("trouble", trouble).Msg("flow request refused: a file could not be opened")
	if status, ok := fileStatuses[trouble]; ok {
		return status
	}
	return http.StatusForbidden
}

func (h *Handler) fetchAll(ctx context.Context, m Media, files []*proxy.FlowFile) (trouble string) {
	for _, file := range files {
		file.Result = fileLeft
	}
	if len(files) > maxFiles {
		files[maxFiles].Result = fileMany
		return fileMany
	}
	if !h.mayFetch(ctx) {
		files[0].Result = fileBusy
		return fileBusy
	}
	defer func() { <-h.fetches }()
	left := m.Bytes
	for _, file := range files {
		used, trouble := h.openFile(ctx, m, file, left)
		if trouble != "" {
			file.Result = trouble
			return trouble
		}
		left -= used
	}
	return ""
}

// mayFetch waits until there is memory for one more request's files.
func (h *Handler) mayFetch(ctx context.Context) bool {
	select {
	case h.fetches <- struct{}{}:
		return true
	default:
	}
	select {
	case h.fetches <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// openFile fetches, checks and decrypts one file of at most so many bytes.
func (h *Handler) openFile(ctx context.Context, m Media, file *proxy.FlowFile, most int64) (used int64, trouble string) {
	var keys flows.Media
	if json.Unmarshal(file.Metadata, &keys) != nil || file.URL == "" {
		return 0, fileForm
	}
	if !listed(m.Hosts, file.URL) {
		return 0, fileHost
	}
	sealed, trouble := h.fetch(ctx, file.URL, most)
	if trouble != "" {
		return 0, trouble
	}
	plain, err := keys.Open(sealed)
	if err != nil {
		return 0, fileMismatch
	}
	kind, _, _ := strings.Cut(http.DetectContentType(plain), ";")
	file.Result, file.Type, file.Content = proxy.FlowOpened, kind, plain
	return int64(len(sealed)), ""
}

// listed reports whether an address is one of the hosts', over https.
func listed(hosts []string, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return false
	}
	name, port := strings.ToLower(u.Hostname()), u.Port()
	return slices.ContainsFunc(hosts, func(host string) bool {
		switch below, wild := strings.CutPrefix(host, "*"); {
		case strings.Contains(host, ":"):
			return strings.EqualFold(host, u.Host)
		case port != "" && port != "443":
			return false
		case wild:
			return strings.HasSuffix(name, below) && net.ParseIP(name) == nil
		}
		return name == host
	})
}

// fetch reads a file; its address was judged before, and where it leads is
// judged again when connecting. Nobody is followed anywhere.
func (h *Handler) fetch(ctx context.Context, address string, most int64) ([]byte, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fileHost
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "postern")
	resp, err := h.cfg.Media().Do(req)
	if err != nil {
		return nil, fetchTrouble(ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fileStatus
	case resp.ContentLength > most:
		return nil, fileLarge
	}
	sealed, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return nil, fetchTrouble(ctx, err)
	case int64(len(sealed)) > most:
		return nil, fileLarge
	}
	return sealed, ""
}

func fetchTrouble(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, egress.ErrForbidden):
		return fileHost
	case ctx.Err() != nil:
		return fileSlow
	}
	return fileUnreachable
}
