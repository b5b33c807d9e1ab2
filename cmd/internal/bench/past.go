package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/audit"
	"postern/audit/journal"
)

// past makes records as a year of conversations leaves them: templates and
// answers, what became of them, and what was refused.
type past struct {
	people   []audit.SubjectID
	talker   audit.SubjectID // wrote and got talkLength messages
	revision string
	begin    time.Time
	end      time.Time
	text     int          // bytes of every message's text besides
	made     atomic.Int64 // records
	talked   atomic.Int64 // messages of talker
}

const (
	talkLength = 10_000
	pastBatch  = 500 // records in one transaction, about

	recordsPerMessage = 4.9 // as exchange makes them
)

// A year up to the month that audit/QUERIES.md asks about.
var pastBegin, pastEnd = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

func newPast(people int) *past {
	p := &past{talker: audit.NewSubjectID(), revision: randomText(), begin: pastBegin, end: pastEnd}
	for range people {
		p.people = append(p.people, audit.NewSubjectID())
	}
	return p
}

// pour appends records in the order of their time until there are as many as
// wanted, and says how many a second that were.
func (p *past) pour(ctx context.Context, j *journal.Journal, wanted int) (float64, error) {
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range fillWriters {
		group.Go(func() error {
			for {
				done := int(p.made.Add(pastBatch)) - pastBatch
				if done >= wanted {
					return nil
				}
				at := p.begin.Add(time.Duration(float64(p.end.Sub(p.begin)) * float64(done) / float64(wanted)))
				if err := j.Append(ctx, p.batch(at, pastBatch)); err != nil {
					return fmt.Errorf("fill journal: %w", err)
				}
			}
		})
	}
	err := group.Wait()
	return float64(j.Head().Size) / time.Since(begin).Seconds(), err
}

// batch is about that many records at a moment.
func (p *past) batch(at time.Time, n int) (b journal.Batch) {
	for len(b.Records) < n {
		who := p.people[rand.IntN(len(p.people))]               //nolint:gosec // which one is no secret
		if p.talked.Load() < talkLength && rand.IntN(20) == 0 { //nolint:gosec // nor this
			p.talked.Add(1)
			who = p.talker
		}
		b.Records = append(b.Records, p.exchange(at, who)...)
	}
	return b
}

// exchange is one message and what became of it.
func (p *past) exchange(at time.Time, who audit.SubjectID) []audit.Record {
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: tenantName, App: appName, Number: phoneID,
		Actor: "app:" + appName, Subject: who, Country: "DE", Direction: "outbound", Dialect: "cloud", Type: "template", Category: "utility",
		Template: "order_update/en_US", Effect: audit.EffectAllow, Revision: p.revision, Result: "admitted", Retention: audit.ClassMessages,
		Facts: `{"window":{"open":true,"expires":1795345200},"identity":"ok","account":"ok"}`, Mac: randomBytes(32), MacKey: 1,
	}
	said := func(text string) {
		text += p.more()
		r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte(`{"text":{"body":"`+text+`"}}`)), audit.NewPart(audit.PartInput, []byte(decisionInput))}
	}
	switch n := rand.IntN(10); { //nolint:gosec // which one is no secret
	case n == 0:
		r.Effect, r.Reasons, r.Result, r.Category, r.Template = audit.EffectDeny, []string{"opt_in_missing"}, "refused", "marketing", "spring_offer/en_US"
		said("Our spring offer is here. " + randomText()[:12])
		return []audit.Record{r}
	case n < 4:
		r.Kind, r.Direction, r.Type, r.Category, r.Template, r.Actor, r.Dialect, r.App = audit.KindInbound, "inbound", "text", "", "", "meta", "", ""
		r.Result, r.MessageID, r.Facts = "received", randomBytes(16), ""
		said("When will order " + randomText()[:10] + " be here, and may my neighbour take it?")
		return []audit.Record{r, p.follows(&r, audit.KindDelivery, "", "delivered", 200)}
	}
	said("Your order " + randomText()[:10] + " has left our house and will be with you by noon.")
	return []audit.Record{
		r, p.follows(&r, audit.KindSettle, "template", "accepted", 0),
		p.follows(&r, audit.KindStatus, "sent", "sent", 0), p.follows(&r, audit.KindDelivery, "", "delivered", 200),
		p.follows(&r, audit.KindStatus, "delivered", "delivered", 0), p.follows(&r, audit.KindDelivery, "", "delivered", 200),
		p.follows(&r, audit.KindStatus, "read", "read", 0),
	}
}

// more is text that no compression shortens by much.
func (p *past) more() string {
	var b strings.Builder
	for b.Len() < p.text {
		b.WriteString(randomText())
	}
	return b.String()[:p.text]
}

// follows is a record of what became of another.
func (p *past) follows(of *audit.Record, kind audit.Kind, typ, result string, code int64) audit.Record {
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(time.UnixMicro(of.Time)), Kind: kind, Time: of.Time + 1000, Ref: of.ID, Tenant: of.Tenant, App: appName,
		Number: of.Number, Actor: "system", Subject: of.Subject, Country: of.Country, Direction: of.Direction, Dialect: "cloud", Type: typ,
		Result: result, Code: code, MessageID: of.MessageID,
	}
}

// decisionInput is of the size that policy's input has.
const decisionInput = `{"version":1,"direction":"outbound","tenant":"demo","number":{"id":"106540352242922"},"peer":{"country":"DE"},"message":{"type":"template","category":"utility","template":{"name":"order_update","language":"en_US","status":"approved"}},"findings":[],"facts":{"consent":{"utility":{"given":true,"source":"web_form","at":"2026-01-02T03:04:05Z"}},"window":{"open":true}},"time":{"now":"2026-11-03T09:10:11Z","local":"2026-11-03T10:10:11+01:00"}}`

// pageQuestion is one of audit/QUERIES.md, as SQL.
type pageQuestion struct{ title, text string }

var fencedQuestion = regexp.MustCompile("(?s)## ([^\n]+)\n.*?```sh\npostern audit sql (?:--person \\S+ )?\"(.*?)\"(?: --person \\S+)?\n```")

func pageQuestions() (out []pageQuestion, err error) {
	top, err := topFolder()
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(top, "audit", "QUERIES.md"))
	if err != nil {
		return nil, fmt.Errorf("read the examiner's questions: %w", err)
	}
	for _, m := range fencedQuestion.FindAllStringSubmatch(string(raw), -1) {
		out = append(out, pageQuestion{m[1], strings.ReplaceAll(m[2], `\"`, `"`)})
	}
	if len(out) != 10 {
		return nil, errors.New("audit/QUERIES.md has not ten questions that can be read")
	}
	return out, nil
}
