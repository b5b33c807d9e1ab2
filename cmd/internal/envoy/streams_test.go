package envoy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
	"postern/proxy/edge/edgetest"
)

// TestStreamsAreLimited: one HTTP/2 connection has 250 requests at once, as at the
// gateway's own listener. More are refused, nothing of them is asked, and others
// are served meanwhile.
func TestStreamsAreLimited(t *testing.T) {
	t.Parallel()
	const most, more = 250, 20
	var up wire
	s := generated(t, rig.Options{Tap: up.tap, Config: patient}, nil)
	a := attack{site: s, next: s.Client(t), host: strings.TrimPrefix(s.Env["POSTERN_URL"], "https://")}
	conn := a.dial(t, "h2")
	if conn == nil {
		return
	}
	defer conn.Close() //nolint:errcheck // it is given up
	if err := edgetest.OpenH2(conn, a.good().H2(edgetest.Field{Name: "content-length", Value: "100"}), most+more); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	reset, ended := edgetest.ResetH2(conn)
	for i := range uint32(most + more) {
		if stream := 2*i + 1; !ended && reset[stream] != (i >= most) {
			t.Errorf("request %d of %d: reset %t", i+1, most+more, reset[stream])
		}
	}
	if begun := s.Envoy.Stats(t, `^http\.postern_app\.downstream_rq_total$`)["http.postern_app.downstream_rq_total"]; begun > most {
		t.Errorf("%d requests were begun", begun)
	}
	if a := s.send(t, dialect.Cloud, "meanwhile"); a.Status != http.StatusOK {
		t.Errorf("meanwhile: %d %s", a.Status, a.Body)
	}
	up.admitted(t, s.Rig)
	if got := fmt.Sprint(s.outcomes(t)); got != "map[Parcel meanwhile:accepted]" {
		t.Errorf("outcomes %s", got)
	}
	t.Logf("%d were reset, connection ended: %t", len(reset), ended)
}

// TestManyHeadersOverHTTP2: a head of more than 100 fields is not taken.
func TestManyHeadersOverHTTP2(t *testing.T) {
	t.Parallel()
	var up wire
	s := generated(t, rig.Options{Tap: up.tap, Config: patient}, nil)
	for n, taken := range map[int]bool{80: true, 120: false} {
		a := attack{site: s, next: s.Client(t), host: strings.TrimPrefix(s.Env["POSTERN_URL"], "https://")}
		conn := a.dial(t, "h2")
		if conn == nil {
			return
		}
		defer conn.Close() //nolint:errcheck // it was read
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		fields := a.good().H2()
		for i := range n {
			fields = append(fields, edgetest.Field{Name: fmt.Sprintf("x-a-%d", i), Value: "a"})
		}
		if err := edgetest.WriteH2(conn, fields, []byte(strings.ReplaceAll(a.good().Body, mark, numeral(n-80))), nil); err != nil {
			t.Fatal(err)
		}
		if status, _ := edgetest.ReadH2(conn); (status == http.StatusOK) != taken {
			t.Errorf("%d more headers: %d", n, status)
		}
	}
	up.admitted(t, s.Rig)
	if sent := up.sends(t); len(sent) != 1 {
		t.Errorf("%v went up", sent)
	}
}
