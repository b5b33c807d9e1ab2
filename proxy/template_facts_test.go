package proxy_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// aboutTemplate is a webhook with changes of the template "update", each a
// field without its beginning and further members of its value.
func (h *house) aboutTemplate(changes ...[2]string) []byte {
	list := make([]string, len(changes))
	for i, c := range changes {
		list[i] = fmt.Sprintf(`{"field":"message_template_%s","value":{"message_template_name":"update","message_template_language":"en_US",%s}}`, c[0], c[1])
	}
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","time":%d,"changes":[%s]}]}`, bankWABA, h.now().Unix(), strings.Join(list, ","))
}

var (
	pausedNow = [2]string{"status_update", `"event":"PAUSED"`}
	worseNow  = [2]string{"quality_update", `"previous_quality_score":"GREEN","new_quality_score":"RED"`}
)

func (h *house) pausedAndWorse() {
	h.t.Helper()
	if now, _ := h.facts.Template("bank", bankWABA, "update", "en_US"); now.Status != "PAUSED" || now.Quality != "RED" {
		h.t.Errorf("of a pause and a worse score is known: %s, %s", now.Status, now.Quality)
	}
}

// TestTemplateWordsAtOnce: each word about a template changes what it is about
// and nothing else, in one webhook with others too.
func TestTemplateWordsAtOnce(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.receive("bank", h.aboutTemplate(pausedNow, worseNow))
	h.pausedAndWorse()
	h.restart()
	h.pausedAndWorse()
}

// TestTemplateWordsMeanwhile: so it does where both webhooks were read before
// either was on record.
func TestTemplateWordsMeanwhile(t *testing.T) {
	hold := newGateOf()
	h := newHouse(t, options{hook: hold.step})
	h.templates()
	var wait sync.WaitGroup
	hold.armed.Store(true)
	wait.Go(h.flush)
	<-hold.reached
	for n, word := range [][2]string{pausedNow, worseNow} {
		raw := h.aboutTemplate(word)
		wait.Go(func() {
			if err := h.gate.Receive(t.Context(), "bank", raw); err != nil {
				t.Error(err)
			}
		})
		await(t, "the webhook in the queue", func() bool { return queued() >= n+2 })
	}
	hold.release <- struct{}{}
	wait.Wait()
	h.pausedAndWorse()
}
