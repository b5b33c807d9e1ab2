package admin

import (
	"context"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
)

// maxPage bounds one answer of a list.
const maxPage = 1000

// Deliveries asks for deliveries.list, page by page in the order of Seq.
type Deliveries struct {
	App   string `json:"app,omitempty"` // empty: all
	Dead  bool   `json:"dead"`          // dead letters, else those still tried
	After int64  `json:"after"`         // Seq of the last one seen
	Limit int    `json:"limit"`
}

// Delivery is one event on its way to an app, without its content.
type Delivery struct {
	ID       audit.ID `json:"id"`
	App      string   `json:"app"`
	Tenant   string   `json:"tenant"`
	Number   string   `json:"number"`
	Subject  string   `json:"subject"`
	Attempts int      `json:"attempts"`
	LastCode int64    `json:"last_code"` // 0: no answer
	Created  int64    `json:"created"`   // microseconds
	NextAt   int64    `json:"next_at"`
	NotAfter int64    `json:"not_after"`
	Seq      int64    `json:"seq"`
}

func (s *Service) deliveryList(ctx context.Context, _ Actor, in Deliveries) ([]Delivery, error) {
	if in.Limit < 1 || in.Limit > maxPage {
		return nil, refuse(Invalid, "the limit is from 1 to %d", maxPage)
	}
	read := s.cfg.Journal.PendingAfter
	if in.Dead {
		read = s.cfg.Journal.DeadLetters
	}
	out := []Delivery{}
	for {
		rows, err := read(ctx, in.After, maxPage)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			in.After = d.Seq
			if in.App != "" && in.App != d.App {
				continue
			}
			if out = append(out, deliveryInfo(d)); len(out) == in.Limit {
				return out, nil
			}
		}
		if len(rows) < maxPage {
			return out, nil
		}
	}
}

func deliveryInfo(d journal.Delivery) Delivery {
	out := Delivery{
		ID: d.ID, App: d.App, Tenant: d.Tenant, Number: d.Number, Attempts: d.Attempts, LastCode: d.LastCode,
		Created: d.Created, NextAt: d.NextAt, NotAfter: d.NotAfter, Seq: d.Seq,
	}
	if !d.Subject.IsZero() {
		out.Subject = d.Subject.String()
	}
	return out
}

// Replay asks for deliveries.replay: one dead letter by id, or all of an app.
type Replay struct {
	App string    `json:"app"`
	ID  *audit.ID `json:"id,omitempty"` // nil: all of the app
}

// Replayed answers deliveries.replay.
type Replayed struct {
	Count int `json:"count"`
}

func (s *Service) deliveryReplay(ctx context.Context, a Actor, in Replay) (Replayed, error) {
	if in.App == "" {
		return Replayed{}, refuse(Invalid, "name the app whose dead letters are to be replayed")
	}
	var out Replayed
	if in.ID != nil {
		d, err := s.cfg.Journal.Delivery(ctx, *in.ID, in.App)
		if err != nil {
			return out, err
		}
		if d.State != journal.DeliveryDead {
			return out, refuse(Conflict, "that delivery is no dead letter")
		}
		if err := s.replay(ctx, a, []journal.Delivery{d}); err != nil {
			return out, err
		}
		out.Count = 1
	} else if err := s.replayAll(ctx, a, in.App, &out); err != nil {
		return out, err
	}
	if s.cfg.Replayed != nil && out.Count > 0 {
		s.cfg.Replayed(in.App)
	}
	return out, nil
}

func (s *Service) replayAll(ctx context.Context, a Actor, app string, out *Replayed) error {
	for after := int64(0); ; {
		rows, err := s.cfg.Journal.DeadLetters(ctx, after, maxPage)
		if err != nil {
			return err
		}
		var mine []journal.Delivery
		for _, d := range rows {
			after = d.Seq
			if d.App == app {
				mine = append(mine, d)
			}
		}
		if err := s.replay(ctx, a, mine); err != nil {
			return err
		}
		out.Count += len(mine)
		if len(rows) < maxPage {
			return nil
		}
	}
}

// replay gives dead letters a new life of full length, and records who did.
func (s *Service) replay(ctx context.Context, a Actor, dead []journal.Delivery) error {
	if len(dead) == 0 {
		return nil
	}
	now := s.cfg.Now()
	var b journal.Batch
	for _, d := range dead {
		b.Outcomes = append(b.Outcomes, journal.Outcome{
			ID: d.ID, App: d.App, State: journal.DeliveryPending, NextAt: now.UnixMicro(), LastCode: d.LastCode,
			NotAfter: now.Add(delivery.Life(dialect.Dialect(d.Dialect))).UnixMicro(),
		})
		r := s.record(audit.KindDelivery, a, "replay")
		r.Ref, r.Tenant, r.App, r.Number, r.Subject = d.ID, d.Tenant, d.App, d.Number, d.Subject
		r.Direction, r.Dialect, r.Result = "inbound", d.Dialect, "replayed"
		b.Records = append(b.Records, r)
	}
	return s.cfg.Journal.Append(ctx, b)
}
