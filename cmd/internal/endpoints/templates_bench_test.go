package endpoints

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

const many = 10_000

// giveMany stands before the simulator and lists ten thousand templates, which
// is more than Meta lets an account have.
func giveMany(simulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/message_templates") {
			simulator.ServeHTTP(w, r)
			return
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("after")) //nolint:errcheck // the first page has none
		var page struct {
			Data   []map[string]any `json:"data"`
			Paging map[string]any   `json:"paging"`
		}
		for i := from; i < from+100; i++ {
			page.Data = append(page.Data, map[string]any{
				"id": strconv.Itoa(1_000_000 + i), "name": fmt.Sprintf("notice_%05d", i), "language": "en_US", "status": "APPROVED",
				"category": "UTILITY", "components": json.RawMessage(lateBody),
			})
		}
		if from+100 < many {
			page.Paging = map[string]any{"cursors": map[string]string{"after": strconv.Itoa(from + 100)}, "next": "https://graph.facebook.com/more"}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page) //nolint:errcheck,errchkjson // the test notices
	})
}

// reader reads an app's lists over kept connections.
type reader struct {
	b      *testing.B
	client *http.Client
	auth   string // header line
}

func (r reader) get(url string, into any) {
	req, err := http.NewRequestWithContext(r.b.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.b.Fatal(err)
	}
	name, value, _ := strings.Cut(r.auth, ": ")
	req.Header.Set(name, value)
	resp, err := r.client.Do(req)
	if err != nil {
		r.b.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.b.Fatalf("%d %v", resp.StatusCode, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		r.b.Fatal(err)
	}
}

// byCursor follows the pages of the Cloud API's list.
func (r reader) byCursor(url string) (n int) {
	for url != "" {
		var page struct {
			Data   []json.RawMessage `json:"data"`
			Paging struct {
				Next string `json:"next"`
			} `json:"paging"`
		}
		r.get(url, &page)
		n, url = n+len(page.Data), page.Paging.Next
	}
	return n
}

// byOffset asks for page after page of 360dialog's list.
func (r reader) byOffset(url string) (n int) {
	for {
		var page struct {
			Data []json.RawMessage `json:"waba_templates"`
		}
		r.get(url+"&offset="+strconv.Itoa(n), &page)
		if len(page.Data) == 0 {
			return n
		}
		n += len(page.Data)
	}
}

// BenchmarkTemplates10k lists ten thousand templates from what is known here:
// the whole way of each page, from the app's request to what it reads of it.
func BenchmarkTemplates10k(b *testing.B) {
	r := rig.Start(b, rig.Options{Watch: giveMany})
	cloud := reader{b, r.Client(b), "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]}
	d360 := reader{b, r.Client(b), "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]}
	account := r.Env["POSTERN_URL"] + "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/message_templates?limit=1000"
	rig.Await(b, "all templates to be known", func() bool { return cloud.byCursor(account) == many })
	b.Run("cloud", func(b *testing.B) {
		for b.Loop() {
			if n := cloud.byCursor(account); n != many {
				b.Fatalf("%d templates", n)
			}
		}
	})
	b.Run("d360v1", func(b *testing.B) {
		for b.Loop() {
			if n := d360.byOffset(r.Env["POSTERN_URL"] + "/v1/configs/templates?limit=1000"); n != many {
				b.Fatalf("%d templates", n)
			}
		}
	})
}
