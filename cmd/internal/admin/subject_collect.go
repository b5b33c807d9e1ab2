package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/audit/thread"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy"
	"postern/retention"
)

// collector gathers an export. It knows where messages are and reads them some
// at a time, so that nobody's life is held in memory.
type collector struct {
	s      *Service
	tenant string
	from   int64
	made   time.Time
	policy retention.Policy

	scanner *pii.Scanner
	out     retention.Disclosure
	same    []audit.SubjectID
	seqs    []uint64 // of messages
	count   int      // of messages
	opened  int      // messages whose original was opened
	apps    []string

	files []exportedFile // that are here, in the order in which they are written
	known map[string]int // place among files, by the id in messages; -1: another's
	bytes int64          // of files
	given int            // files that were written whole
}

// exportStep is how many messages are in memory at once.
const exportStep = 200

var conversationKinds = []audit.Kind{audit.KindAdmission, audit.KindInbound, audit.KindUnmatchedSend}

func (c *collector) collect(ctx context.Context, q retention.Request) error {
	c.made = c.s.cfg.Now()
	c.out = retention.Disclosure{
		Version: 1, Made: instant(c.made.UnixMicro()), Business: cmp.Or(c.s.entity(c.tenant), c.tenant), Subject: q.Subject.String(), Request: q.ID,
		From: instant(c.from), Numbers: []string{}, UserIDs: []string{}, Facts: []retention.ExportFact{}, Files: []retention.ExportFile{},
	}
	packs, err := c.s.cfg.Packs()
	if err != nil {
		return err
	}
	if c.scanner, err = pii.New(packs.Config(c.s.cfg.Config().Countries()...)); err != nil {
		return err
	}
	c.same = c.s.cfg.People.Same(q.Subject)
	for _, one := range c.same {
		seqs, err := c.s.cfg.Journal.SeqsOf(ctx, one, conversationKinds...)
		if err := errors.Join(err, c.identifiers(ctx, one), c.facts(ctx, one)); err != nil {
			return err
		}
		c.seqs = append(c.seqs, seqs...)
	}
	slices.Sort(c.seqs)
	c.seqs = slices.Compact(c.seqs)
	if err := c.collectFiles(ctx); err != nil {
		return err
	}
	c.recipients()
	c.kept()
	c.out.Missing = []string{
		"files that are not kept, or that somebody else sent: their names are here where a message names them",
		"what other people wrote about you, and their data where it stood in your messages",
		"what WhatsApp (Meta) keeps: ask there",
		"what the business keeps of you outside of this gateway",
	}
	return nil
}

// write makes the parcel: files first, so that what is said of them is true.
func (c *collector) write(ctx context.Context, w io.Writer, signer audit.Signer) error {
	p := retention.NewParcel(w, c.made)
	if err := c.writeFiles(ctx, p); err != nil {
		return err
	}
	return p.Finish(c.out, c.messages(ctx), signer)
}

// messages are what was said, oldest first.
func (c *collector) messages(ctx context.Context) iter.Seq2[retention.ExportMessage, error] {
	return func(yield func(retention.ExportMessage, error) bool) {
		c.opened = 0
		err := c.each(ctx, func(s *said) error {
			out := c.message(s)
			if !yield(out, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(retention.ExportMessage{}, err)
		}
	}
}

var errEnough = errors.New("enough")

// said is a message with its record, and its original where that is kept.
type said struct {
	*thread.Message
	record   *audit.Record
	original bool // Text and Files are those of the original
	withheld string
}

// each calls fn for every message since the beginning of the proven interval.
func (c *collector) each(ctx context.Context, fn func(*said) error) error {
	for some := range slices.Chunk(c.seqs, exportStep) {
		records, err := c.s.cfg.Journal.RecordsAt(ctx, some)
		if err != nil {
			return err
		}
		table, err := c.s.cfg.Journal.Reader().Related(ctx, some)
		if err != nil {
			return err
		}
		byID := map[string]*audit.Record{}
		for i := range records {
			byID[records[i].ID.String()] = &records[i]
		}
		talk := thread.Of(c.same[0], table)
		for i := range talk.Messages {
			m := &talk.Messages[i]
			r := byID[m.ID]
			if r == nil || r.Purged || r.Tenant != c.tenant || r.Time < c.from || r.Time > c.made.UnixMicro() {
				continue
			}
			one, err := c.open(ctx, m, r)
			if err != nil {
				return err
			}
			if err := fn(one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collector) open(ctx context.Context, m *thread.Message, r *audit.Record) (*said, error) {
	out := &said{Message: m, record: r, withheld: m.Withheld}
	original, err := c.s.sealed().Open(ctx, r, audit.PartOriginal)
	switch {
	case err == nil:
		c.opened++
		out.original = true
		m.Text, m.Files, out.withheld = thread.Words(r.Kind, r.Type, original)
	case !errors.Is(err, proxy.ErrErased) && !errors.Is(err, proxy.ErrNotKept):
		return nil, err
	}
	return out, nil
}

// identifiers are all of the person's; where the number had another owner once,
// user ids may be that one's, so they are left out.
func (c *collector) identifiers(ctx context.Context, id audit.SubjectID) error {
	ids, err := c.s.cfg.People.Identifiers(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	c.out.Numbers = append(c.out.Numbers, ids.Numbers...)
	if c.from == 0 {
		c.out.UserIDs = append(c.out.UserIDs, ids.UserIDs...)
	}
	return err
}

func (c *collector) facts(ctx context.Context, id audit.SubjectID) error {
	known, err := c.s.cfg.Journal.FactsOf(ctx, id)
	for _, f := range known {
		if f.Tenant != c.tenant || f.Time < c.from {
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(f.Value, &v); err != nil {
			return facts.ErrRow // the decoder's own words could quote the value
		}
		delete(v, "actor") // who works here
		delete(v, "hash")  // upstream's name of an identity
		value, err := json.Marshal(v)
		if err != nil {
			return err
		}
		c.out.Facts = append(c.out.Facts, retention.ExportFact{What: f.Kind, About: f.Key, Value: value, Since: instant(f.Time), Until: instant(f.Until)})
	}
	return err
}

func (c *collector) message(m *said) retention.ExportMessage {
	out := retention.ExportMessage{
		Record: m.ID, Time: m.Time, Direction: m.Direction, Type: m.Type, Category: m.Category, Text: m.Text, Form: retention.FormRedacted,
		Note: m.withheld, KeptUntil: c.until(m.record),
	}
	switch {
	case m.original:
		out.Text, out.Form = c.withoutOthers(m.Text, m.record.Country), retention.FormOriginal
	case m.Erased != "" && m.Text == "":
		out.Form = retention.FormGone
	}
	for i := range m.Files {
		out.Files = append(out.Files, c.file(m, i))
	}
	if m.Decision != nil {
		out.Decision = retention.InWords(m.Decision.Effect, m.Decision.Reasons)
	}
	for _, o := range m.Outcomes {
		out.Outcomes = append(out.Outcomes, strings.TrimSpace(o.Time[:19]+"Z "+o.Kind+" "+o.Result))
	}
	return out
}
