package reveal

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

const because = "CASE-123"

// TestOneOperatorIsEnough opens what a record has, and asks for what must not
// be opened, without a second person.
func TestOneOperatorIsEnough(t *testing.T) {
	h := newHouse(t, rig.Options{})
	sent := h.send(t, "Your advisor is "+address)
	heard := h.hear(t, "please write to "+address)
	t.Run("what was sealed is shown, and that is on record first", func(t *testing.T) { h.opens(t, sent, heard) })
	t.Run("roles, reasons, parts", func(t *testing.T) { h.forbids(t, sent) })
	t.Run("what was never kept", func(t *testing.T) { h.neverKept(t) })
	t.Run("a journal that can not write", func(t *testing.T) { h.recordingDown(t, sent) })
	t.Run("no more than so many an hour", func(t *testing.T) { h.bounded(t, sent) })
	h.hidden(t)
}

func (h *house) opens(t *testing.T, sent, heard audit.ID) {
	out := h.shown(t, "rita", admin.Reveal{ID: sent, Parts: []string{"original", "answer", "message_id", "person"}, Reason: because})
	for part, want := range map[string]string{
		"original": address, "answer": opaque, "message_id": "wamid.", "person": `{"numbers":["` + h.Env["DEMO_CONSENTED"] + `"]}`,
	} {
		if !strings.Contains(out[part], want) {
			t.Errorf("%s is %q, want %q", part, out[part], want)
		}
	}
	rows := h.opened(t)
	want := []string{"reveal", "rita", "shown", sent.String(), "reason:CASE-123,part:answer,part:message_id,part:original,part:person", "1", "demo"}
	if len(rows) != 1 || !slices.Equal(rows[0], want) {
		t.Errorf("records %v, want %v", rows, want)
	}
	in := h.shown(t, "rita", admin.Reveal{ID: heard, Parts: []string{"original", "delivery"}, Reason: "DSAR-2026-0042"})
	if !strings.Contains(in["original"], address) || !strings.Contains(in["delivery"], writer) {
		t.Errorf("what a person wrote is not shown: %d and %d bytes", len(in["original"]), len(in["delivery"]))
	}
	if !h.metric(t, `postern_reveals_total{step="shown"} 2`) || !h.metric(t, `postern_alarms_total{alarm="reveal"} 2`) {
		t.Error("the openings are not counted")
	}
	// The record names itself in the log; who asked is in the record alone.
	id := h.SQL(t, "SELECT id FROM audit WHERE type = 'reveal' ORDER BY seq LIMIT 1")[0][0]
	if log := h.Log.String(); !strings.Contains(log, `"record":"`+id+`"`) || strings.Contains(log, "rita") || strings.Contains(log, because) {
		t.Error("the log does not name the record alone")
	}
	var of admin.Shown
	h.Admin(t, "record.show", admin.Record{ID: sent}, &of)
	if !slices.ContainsFunc(of.Related, func(e admin.Entry) bool { return e.Type == "reveal" && e.Actor == "rita" }) {
		t.Error("the record does not show who opened it")
	}
}

func (h *house) forbids(t *testing.T, sent audit.ID) {
	before := len(h.opened(t))
	in := admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: because}
	for _, name := range []string{"ann", "olaf", "reader"} {
		h.refused(t, name, in, admin.Forbidden, "this needs reveal")
	}
	for _, bad := range []string{"", "because", "CASE", "case-1", "CASE-123456789", "CASE-12345-6789", "CASE-1 +4917139200061", "4917139200061", "A-1", "CASE-123,part:person", "CASE-LENA"} {
		h.refused(t, "rita", admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: bad}, admin.Invalid, "a reference such as")
	}
	for _, parts := range [][]string{nil, {"body"}, {"original", "everything"}, slices.Repeat([]string{"original"}, 9)} {
		h.refused(t, "rita", admin.Reveal{ID: sent, Parts: parts, Reason: because}, admin.Invalid, "name what to open")
	}
	h.refused(t, "rita", admin.Reveal{ID: audit.ID{1}, Parts: []string{"original"}, Reason: because}, admin.NotFound, "not found")
	h.refused(t, "rita", admin.Reveal{ID: sent, Parts: []string{"original", "delivery"}, Reason: because}, admin.NotFound, "delivery is not kept")
	none := audit.ID{2}
	h.refused(t, "rita", admin.Reveal{ID: sent, Request: &none}, admin.NotFound, "no such request waits")
	h.keys["nobody"] = "x"
	h.refused(t, "nobody", in, admin.Unauthenticated, "not known")
	if _, err := as[admin.None](t, h, "reader", "trail.read", admin.TrailRead{What: "reveal", Rows: 1}); err == nil {
		t.Error("a reader can make a record that looks like an opening")
	}
	if after := len(h.opened(t)); after != before {
		t.Errorf("%d records of openings that were refused", after-before)
	}
	if !h.metric(t, fmt.Sprintf(`postern_reveals_total{step="refused"} %d`, h.refusals)) {
		t.Errorf("not %d refusals are counted", h.refusals)
	}
	list, err := as[admin.Sealed](t, h, "rita", "record.sealed", admin.Record{ID: sent})
	check(t, err)
	states := ""
	for _, p := range list.Parts {
		states += p.Name + "=" + p.State + " "
	}
	if states != "original=sealed answer=sealed message_id=sealed delivery=none person=sealed " {
		t.Errorf("sealed: %s", states)
	}
	if _, err := as[admin.Sealed](t, h, "ann", "record.sealed", admin.Record{ID: sent}); err == nil {
		t.Error("a list is given without the role")
	}
}

func (h *house) neverKept(t *testing.T) {
	card := h.hear(t, "card 4012 8888 8888 1881 CVV 737")
	h.refused(t, "rita", admin.Reveal{ID: card, Parts: []string{"original"}, Reason: because}, admin.NotFound, "never stored in any form")
	status := h.SQL(t, "SELECT id FROM audit WHERE kind = 'config' ORDER BY seq LIMIT 1")
	id, err := audit.ParseID(status[0][0])
	check(t, err)
	h.refused(t, "rita", admin.Reveal{ID: id, Parts: []string{"original"}, Reason: because}, admin.Forbidden, "may not open records of this tenant")
}

func (h *house) recordingDown(t *testing.T, sent audit.ID) {
	before := len(h.opened(t))
	h.broken.Store(true)
	h.refused(t, "rita", admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: because}, admin.Unavailable, "nothing was done")
	h.broken.Store(false)
	rig.Await(t, "the journal to write again", func() bool {
		_, err := h.reveal(t, "rita", admin.Reveal{ID: sent, Parts: []string{"original"}, Reason: because})
		return err == nil
	})
	if n := len(h.opened(t)) - before; n != 1 {
		t.Errorf("%d records of one opening", n)
	}
}

func (h *house) bounded(t *testing.T, sent audit.ID) {
	h.set(t, "per_hour: 2")
	in := admin.Reveal{ID: sent, Parts: []string{"answer"}, Reason: because}
	for range 2 {
		h.shown(t, "rosa", in)
	}
	h.refused(t, "rosa", in, admin.Conflict, "in the last hour")
	h.again(rig.Options{})
	h.refused(t, "rosa", in, admin.Conflict, "in the last hour")
	h.shown(t, "ralf", in)
	h.Clock.Forward(61 * time.Minute)
	h.shown(t, "rosa", in)
	h.set(t, "per_hour: 0")
	h.refused(t, "ralf", in, admin.Conflict, "allows")
}

// hidden looks for what was opened where it must not be: in the log, in the
// metrics, in what anybody can ask of the trail, and in every file of the store.
func (h *house) hidden(t *testing.T) {
	t.Helper()
	values := []string{address, opaque, h.Env["DEMO_CONSENTED"], writer, "4012 8888 8888 1881"}
	looked := 0
	look := func(where string, raw []byte) {
		looked++
		for _, v := range values {
			if bytes.Contains(raw, []byte(v)) {
				t.Errorf("%s holds %q", where, v)
			}
		}
	}
	look("the log", []byte(h.Log.String()))
	look("the metrics", []byte(h.At(t, "GET", h.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body))
	look("the trail", fmt.Append(nil, h.SQL(t, "SELECT * FROM audit")))
	for _, dir := range []string{"data", "checkpoints"} {
		check(t, filepath.WalkDir(filepath.Join(h.Dir, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			look(d.Name(), raw)
			return err
		}))
	}
	if looked < 6 {
		t.Errorf("only %d places were looked at", looked)
	}
}

// TestWhatIsGoneSaysSo: a part that was erased, one whose key was destroyed,
// and an original that the policy did not keep.
func TestWhatIsGoneSaysSo(t *testing.T) {
	h := newHouse(t, rig.Options{})
	erased := h.send(t, "first, to "+address)
	keyless := h.hear(t, "second, of "+address)
	h.Stop()
	by := erase(t, h, erased, keyless)
	h.again(rig.Options{Policies: map[string]string{"settings.yaml": "retention: {keep_original: false}\n"}})
	in := admin.Reveal{ID: erased, Parts: []string{"original"}, Reason: because}
	h.refused(t, "rita", in, admin.NotFound, "original is erased: record "+by.String()+" says")
	in.ID = keyless
	h.refused(t, "rita", in, admin.NotFound, "original is erased: its key was destroyed")
	in.ID = h.hear(t, "third, of "+address)
	h.refused(t, "rita", in, admin.NotFound, "retention.keep_original")
	list, err := as[admin.Sealed](t, h, "rita", "record.sealed", admin.Record{ID: erased})
	check(t, err)
	if p := list.Parts[0]; p.State != "erased" || !strings.Contains(p.Note, by.String()) {
		t.Errorf("listed as %+v", p)
	}
	if n := len(h.opened(t)); n != 0 {
		t.Errorf("%d records of openings, and nothing was opened", n)
	}
}

// erase overwrites the original of one record and destroys the keys of the
// person behind the other, and gives the record that covers the first.
func erase(t *testing.T, h *house, part, keys audit.ID) audit.ID {
	t.Helper()
	c, err := boot.Load(h.Env["POSTERN_CONFIG"])
	check(t, err)
	d, err := admin.Open(t.Context(), c, h.Clock.Now)
	check(t, err)
	j := d.Journal()
	first, err := j.Record(t.Context(), part)
	check(t, err)
	second, err := j.Record(t.Context(), keys)
	check(t, err)
	rec := func(kind audit.Kind) audit.Record {
		return audit.Record{Version: audit.Version, ID: audit.NewID(h.Clock.Now()), Kind: kind, Time: h.Clock.Now().UnixMicro(), Actor: "ann"}
	}
	covering := rec(audit.KindErasure)
	check(t, j.Erase(t.Context(), journal.Erase{Record: covering, Reason: "request", Parts: []string{audit.PartOriginal}, Seqs: []uint64{first.Seq}}))
	list, err := j.KeysOf(t.Context(), second.Subject)
	check(t, err)
	check(t, j.Erase(t.Context(), journal.Erase{Record: rec(audit.KindLife), Keys: list}))
	check(t, d.Close())
	return covering.ID
}
