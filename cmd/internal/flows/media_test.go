package flows_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/metasim/sim"
)

// photo is a picture by its first bytes, with words that must stay nowhere.
var photo = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte(secretWord+" "), 500)...)

// picked is what the app gets of a file.
type picked struct {
	ID       string          `json:"media_id"`
	Name     string          `json:"file_name"`
	Type     string          `json:"mime_type"`
	Sum      string          `json:"sha256"`
	Size     int             `json:"file_size"`
	Data     []byte          `json:"data"`
	URL      *string         `json:"cdn_url"`
	Metadata json.RawMessage `json:"encryption_metadata"`
}

// startMedia lets files come from the simulator, whose address is inside.
func startMedia(t *testing.T, media, members, endpoint string) *world {
	t.Helper()
	return startWith(t, `media: {hosts: ["SIMULATOR"], max_bytes: 16KiB`+media+"}"+members, endpoint, nil)
}

// item makes a file at the simulator and gives what stands for it.
func (w *world) item(t *testing.T, f sim.FlowFile) sim.FlowItem {
	t.Helper()
	out, err := w.Sim.FlowFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// picks is a person's request with files.
func (w *world) picks(t *testing.T, items ...sim.FlowItem) sim.FlowReply {
	t.Helper()
	list, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	return w.does(t, `{"version":"3.0","action":"data_exchange","screen":"PHOTOS","flow_token":"tok-1","data":{"note":"two","photos":`+string(list)+`}}`)
}

func TestFlowMedia(t *testing.T) {
	w := startMedia(t, "", "", "")
	t.Run("inline", w.inline)
	t.Run("hostile", w.hostile)
	t.Run("nothing kept", w.nothingKept)
}

// inline: the app gets what the person picked, and the trail a hash of it.
func (w *world) inline(t *testing.T) {
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	first := w.item(t, sim.FlowFile{Name: "one.png", Content: photo})
	second := w.item(t, sim.FlowFile{Name: "empty.txt"})
	if got := w.picks(t, first, second); got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	_, body := w.app.last(t)
	var asked struct {
		Data struct {
			Note   string   `json:"note"`
			Photos []picked `json:"photos"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &asked); err != nil || asked.Data.Note != "two" || len(asked.Data.Photos) != 2 {
		t.Fatal(body, err)
	}
	one, two := asked.Data.Photos[0], asked.Data.Photos[1]
	if one.ID != first.ID || one.Name != "one.png" || one.Type != "image/png" || one.Size != len(photo) || !bytes.Equal(one.Data, photo) || one.URL != nil || one.Metadata != nil {
		t.Errorf("the app got %+v", one)
	}
	if two.ID != second.ID || two.Type != "text/plain" || two.Size != 0 || len(two.Data) != 0 || two.Sum != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the app got %+v", two)
	}
	files := w.filesOnRecord(t)
	if len(files) != 2 || files[0].Result != "opened" || files[0].Type != "image/png" || files[0].Bytes != len(photo) || len(files[0].Mac) != 64 || files[0].Mac == files[1].Mac {
		t.Errorf("on record: %+v", files)
	}
	var input struct {
		Message struct {
			Media []struct {
				Kind  string
				Bytes int
				Mime  string
			}
		}
	}
	w.newest(t, "input", &input)
	if m := input.Message.Media; len(m) != 2 || m[0].Kind != "image" || m[0].Bytes != len(photo) || m[0].Mime != "image/png" || m[1].Kind != "document" {
		t.Errorf("policy saw %+v", m)
	}
}

// hostile: whatever is wrong with a file, the app is not asked, and the record
// says why.
func (w *world) hostile(t *testing.T) {
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a host that is not listed was asked") }))
	t.Cleanup(elsewhere.Close)
	at := func(url string) sim.FlowItem {
		item := w.item(t, sim.FlowFile{Name: "a", Content: photo})
		item.URL = url
		return item
	}
	good := w.item(t, sim.FlowFile{Name: "good", Content: photo})
	path := strings.TrimPrefix(good.URL, w.Env["METASIM_GRAPH_URL"])
	_, port, _ := strings.Cut(strings.TrimPrefix(w.Env["METASIM_GRAPH_URL"], "https://"), ":")
	broken := w.item(t, sim.FlowFile{Name: "a", Content: photo})
	broken.Metadata.EncryptionKey = []byte("short")
	for name, c := range map[string]struct {
		items   []sim.FlowItem
		status  int
		results string
	}{
		"wrong hash":       {[]sim.FlowItem{good, w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileOtherHash})}, 403, "opened mismatch"},
		"wrong hmac":       {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileOtherMAC})}, 403, "mismatch"},
		"wrong plain hash": {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileOtherPlain})}, 403, "mismatch"},
		"wrong keys":       {[]sim.FlowItem{broken, good}, 403, "mismatch left"},
		"endless":          {[]sim.FlowItem{w.item(t, sim.FlowFile{Fault: sim.FileEndless})}, 403, "too_large"},
		"announced large":  {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: make([]byte, 16<<10)})}, 403, "too_large"},
		"large together":   {[]sim.FlowItem{good, good, good, good}, 403, "opened opened opened too_large"},
		"too many":         {make([]sim.FlowItem, 31), 403, strings.Repeat("left ", 30) + "too_many"},
		"redirect":         {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileRedirect})}, 502, "status"},
		"gone":             {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileGone})}, 502, "status"},
		"cut":              {[]sim.FlowItem{w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileCut})}, 502, "unreachable"},
		"another host":     {[]sim.FlowItem{at(elsewhere.URL + "/x")}, 403, "host"},
		"another name":     {[]sim.FlowItem{at("https://localhost:" + port + path)}, 403, "host"},
		"plain http":       {[]sim.FlowItem{at("http" + strings.TrimPrefix(good.URL, "https"))}, 403, "host"},
		"credentials":      {[]sim.FlowItem{at("https://user:word@127.0.0.1:" + port + path)}, 403, "host"},
		"metadata service": {[]sim.FlowItem{at("https://169.254.169.254/latest")}, 403, "host"},
		"no address":       {[]sim.FlowItem{at("")}, 403, "form"},
	} {
		t.Run(name, func(t *testing.T) {
			w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
			if got := w.picks(t, c.items...); got.Status != c.status || got.Body != "" || w.app.calls() != 0 {
				t.Errorf("%+v, the app was asked %d times", got, w.app.calls())
			}
			var results []string
			for _, f := range w.filesOnRecord(t) {
				results = append(results, f.Result)
			}
			if strings.Join(results, " ") != strings.TrimSpace(c.results) {
				t.Errorf("on record: %v", results)
			}
			rows := w.SQL(t, "SELECT effect, result, reasons FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")
			if rows[0][0] != "deny" || rows[0][1] != "kept" || !strings.Contains(rows[0][2], "flow_media") {
				t.Errorf("on record: %v", rows[0])
			}
		})
	}
}

// TestSlowFlowMedia: a file that does not come costs the person's time only.
func TestSlowFlowMedia(t *testing.T) {
	w := startMedia(t, "", ", timeout: 1s", "")
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	if got := w.picks(t, w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileHang})); got.Status != http.StatusGatewayTimeout || w.app.calls() != 0 {
		t.Errorf("%+v, the app was asked %d times", got, w.app.calls())
	}
	if files := w.filesOnRecord(t); len(files) != 1 || files[0].Result != "slow" {
		t.Errorf("on record: %+v", files)
	}
}

// TestFlowMediaByReference: the app that opens files itself gets what Meta sent,
// once it was checked.
func TestFlowMediaByReference(t *testing.T) {
	w := startMedia(t, ", form: reference", "", "")
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	item := w.item(t, sim.FlowFile{Name: "one.png", Content: photo})
	if got := w.picks(t, item); got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	_, body := w.app.last(t)
	var asked struct {
		Data struct{ Photos []sim.FlowItem }
	}
	if err := json.Unmarshal([]byte(body), &asked); err != nil || len(asked.Data.Photos) != 1 {
		t.Fatal(body, err)
	}
	want, _ := json.Marshal(item)
	if got, _ := json.Marshal(asked.Data.Photos[0]); !bytes.Equal(got, want) {
		t.Errorf("the app got %s, want %s", got, want)
	}
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	if got := w.picks(t, w.item(t, sim.FlowFile{Content: photo, Fault: sim.FileOtherHash})); got.Status != http.StatusForbidden || w.app.calls() != 0 {
		t.Errorf("a file that does not fit: %+v", got)
	}
}

// keptFile is what the trail has of a file.
type keptFile struct {
	Result string
	Type   string
	Bytes  int
	Mac    string
}

func (w *world) filesOnRecord(t *testing.T) []keptFile {
	t.Helper()
	var detail struct{ Files []keptFile }
	w.newest(t, "detail", &detail)
	return detail.Files
}

// newest decodes a part of the newest flow request on record.
func (w *world) newest(t *testing.T, part string, into any) {
	t.Helper()
	rows := w.SQL(t, "SELECT id FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")
	if len(rows) != 1 {
		t.Fatal("nothing on record")
	}
	id, err := audit.ParseID(rows[0][0])
	if err != nil {
		t.Fatal(err)
	}
	var shown admin.Shown
	w.Admin(t, "record.show", admin.Record{ID: id}, &shown)
	if err := json.Unmarshal([]byte(shown.Parts[part]), into); err != nil {
		t.Fatalf("part %s: %q", part, shown.Parts[part])
	}
}

// nothingKept: neither a file's content nor its keys are anywhere on the disk.
func (w *world) nothingKept(t *testing.T) {
	item := w.item(t, sim.FlowFile{Name: "one.png", Content: photo})
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	if got := w.picks(t, item); got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	words := []string{
		secretWord + " " + secretWord, base64.StdEncoding.EncodeToString(photo)[:40], item.ID + `","cdn`,
		base64.StdEncoding.EncodeToString(item.Metadata.EncryptionKey), base64.StdEncoding.EncodeToString(item.Metadata.MACKey), "/flow-media/",
	}
	for f, raw := range w.stored(t) {
		for _, word := range words {
			if bytes.Contains(raw, []byte(word)) || strings.Contains(w.Log.String(), word) {
				t.Errorf("%s or the log holds %q", filepath.Base(f), word)
			}
		}
	}
}
