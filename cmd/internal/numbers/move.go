package numbers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// scopeMove holds, by the id that a number had, how far its move is.
const scopeMove = "number-move"

// Where a number may come from that is no tenant's here.
const (
	fromD360   = "d360"
	fromOnPrem = "onprem"
)

// States of a move.
const (
	planned  = "planned"
	underWay = "under_way"
	moved    = "done"
	aborted  = "aborted"
)

// States of a step. A step that was tried may have reached Meta.
const (
	stepOpen  = "open"
	stepTried = "tried"
	stepDone  = "done"
	stepNone  = "none"
)

// move is how far a move is. No PIN, no code and no phone number is in it.
type move struct {
	Source  string               `json:"source"`
	Target  string               `json:"target"`             // the id in the new account, once there is one
	From    string               `json:"from"`               // tenant, or one of the above
	To      string               `json:"to"`                 // tenant
	OffD360 bool                 `json:"off_d360,omitempty"` // it leaves 360dialog
	ToD360  bool                 `json:"to_d360,omitempty"`  // it goes there: its hub does what Meta's calls do else
	State   string               `json:"state"`
	Record  audit.ID             `json:"record"` // of its begin
	Steps   map[string]progress  `json:"steps"`
	Cut     uint64               `json:"cut"`    // records there were when the old way was first about to be closed
	CutAt   int64                `json:"cut_at"` // when, microseconds
	Silence *admin.NumberSilence `json:"silence,omitempty"`
}

type progress struct {
	State string `json:"state"`
	Note  string `json:"note"`
	At    int64  `json:"at"` // Unix seconds
}

func (m *move) over(name string) bool {
	s := m.Steps[name].State
	return s == stepDone || s == stepNone
}

// again is a number that is in its account already and is only registered there
// once more.
func (m *move) again() bool { return m.Source == m.Target }

// turn is the step from which on the number is in the new account.
func (m *move) turn() string {
	if m.ToD360 {
		return "hub"
	}
	return "register"
}

// load finds the last move of a number, nil without one.
func (d *Desk) load(ctx context.Context, number string) (*move, error) {
	all, err := d.moves(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(m *move) bool { return m.Source == number })
	if i < 0 {
		return nil, nil
	}
	return all[i], nil
}

func (d *Desk) moves(ctx context.Context) ([]*move, error) {
	rows, err := d.cfg.Journal.Settings(ctx, scopeMove)
	if err != nil {
		return nil, fmt.Errorf("look up moves: %w", err)
	}
	out := make([]*move, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Value, &out[i]); err != nil {
			return nil, errors.New("look up moves: a stored one is damaged; verify the journal")
		}
	}
	return out, nil
}

// save keeps how far a move is, with the record that says so. Both are durable
// when it returns.
func (d *Desk) save(ctx context.Context, m *move, actor, result string) error {
	now := d.cfg.Now()
	rec := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor,
		Tenant: m.To, Number: m.Source, Ref: m.Record, Type: "number_move", Result: result,
	}
	if m.Record.IsZero() {
		m.Record = rec.ID
	}
	records := []audit.Record{rec}
	if _, ours := tenantOf(d.cfg.Config(), m.From); ours && m.From != m.To { // whose number leaves sees that, too
		left := rec
		left.ID, left.Tenant, left.Ref = audit.NewID(now), m.From, rec.ID
		records = append(records, left)
	}
	value, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode move: %w", err)
	}
	return d.cfg.Journal.Append(context.WithoutCancel(ctx), journal.Batch{
		Records:  records,
		Settings: []journal.Setting{{Scope: scopeMove, Key: m.Source, Value: value, Time: now.UnixMicro()}},
	})
}

// plan is a move that has not begun.
func (d *Desk) plan(in admin.NumberMove) (*move, error) {
	cfg := d.cfg.Config()
	m := &move{Source: in.Number, From: in.From, To: in.To, State: planned, Steps: map[string]progress{}}
	from, _, _, here := cfg.Number(in.Number)
	switch {
	case !digitsOnly(in.Number):
		return nil, refuse(admin.Invalid, "name the number by its phone_number_id: digits")
	case here && in.From != "" && in.From != from.Name:
		return nil, refuse(admin.Invalid, "the number is of tenant "+from.Name+"; leave out where it comes from")
	case here:
		m.From = from.Name
	case in.From != fromD360 && in.From != fromOnPrem:
		return nil, refuse(admin.Invalid, "no tenant has this number; say where it comes from: --from d360 or --from onprem, and --display NUMBER")
	}
	to, ok := tenantOf(cfg, in.To)
	m.OffD360, m.ToD360 = in.From == fromD360 || from.ByD360(), to.ByD360()
	switch {
	case !ok:
		return nil, refuse(admin.Invalid, "say which tenant of the configuration the number goes to: --to TENANT")
	case m.ToD360 && m.OffD360:
		return nil, refuse(admin.Invalid, "between two accounts at 360dialog its hub moves a number; here it takes a new id and key in the configuration")
	case m.From == m.To:
		m.Target = m.Source
	}
	return m, nil
}

func tenantOf(cfg *boot.Config, name string) (boot.Tenant, bool) {
	i := slices.IndexFunc(cfg.Tenants, func(t boot.Tenant) bool { return t.Name == name })
	if i < 0 {
		return boot.Tenant{}, false
	}
	return cfg.Tenants[i], true
}

func digitsOnly(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Move says what a move takes, or goes on with it until it is done, a step
// waits for the operator, or one fails. It can be stopped at any moment and
// asked for again: each step looks first at what is done already.
func (d *Desk) Move(ctx context.Context, in admin.NumberMove, actor string) (admin.NumberMoved, error) {
	if in.Apply { // a plan waits for nobody
		d.moving.Lock()
		defer d.moving.Unlock()
	}
	m, err := d.load(ctx, in.Number)
	if err != nil {
		return admin.NumberMoved{}, err
	}
	switch {
	case m != nil && m.State == underWay:
		if in.To != "" && in.To != m.To {
			return admin.NumberMoved{}, refuse(admin.Conflict, "the number is on its way to tenant "+m.To+"; end that first: postern number abort "+m.Source)
		}
	case m != nil && in.To == "":
		return m.view(), nil
	default:
		if m, err = d.plan(in); err != nil {
			return admin.NumberMoved{}, err
		}
	}
	if !in.Apply {
		return m.view(), nil
	}
	r := &round{Desk: d, m: m, in: in, actor: actor}
	if err := r.prepare(ctx); err != nil {
		return admin.NumberMoved{}, err
	}
	next, err := r.walk(ctx)
	out := m.view()
	out.Next = next
	return out, err
}

// Abort says what can be undone of a move, and ends it. At Meta it changes
// nothing.
func (d *Desk) Abort(ctx context.Context, in admin.NumberAbort, actor string) (admin.NumberMoved, error) {
	if in.Apply {
		d.moving.Lock()
		defer d.moving.Unlock()
	}
	m, err := d.load(ctx, in.Number)
	switch {
	case err != nil:
		return admin.NumberMoved{}, err
	case m == nil || m.State != underWay:
		return admin.NumberMoved{}, refuse(admin.NotFound, "no move of this number is under way")
	}
	if in.Apply {
		m.State = aborted
		if err := d.save(ctx, m, actor, aborted); err != nil {
			return admin.NumberMoved{}, err
		}
	}
	out := m.view()
	out.Undo = m.undo()
	return out, nil
}

// undo says what a move that ends here leaves behind.
func (m *move) undo() []string {
	registered := m.Steps[m.turn()].State
	if registered == stepDone && !m.again() {
		return []string{
			"The number is in the new account and has left the old one: that can not be undone. To move it back, make it a move of its own: postern number move " + m.Target + " --to TENANT",
			"What is left of this move (keys, templates, test) is yours to do.",
		}
	}
	var out []string
	if m.ToD360 && registered == stepTried {
		out = append(out, "If the number was moved in 360dialog's hub already, it is there: see it in the hub.")
	} else if registered == stepTried && !m.again() {
		out = append(out, "The registration was tried and its outcome is not known: see postern number status, or the number in WhatsApp Manager, before anything else.")
	} else {
		out = append(out, "The number goes on where it is.")
	}
	if m.over("pin_off") && !m.again() {
		out = append(out, "Two-step verification is off: set a PIN there again.")
	}
	if m.Target != "" && !m.again() {
		out = append(out, "The new account holds the number unregistered under id "+m.Target+": remove it there in WhatsApp Manager, and from the configuration.")
	}
	if m.Steps["subscribe"].State == stepDone {
		out = append(out, "The new account stays subscribed; that harms nothing.")
	}
	return out
}

// view is the move as operators see it.
func (m *move) view() admin.NumberMoved {
	out := admin.NumberMoved{
		Number: m.Source, From: m.From, To: m.To, State: m.State, Steps: []admin.NumberStep{}, Lost: m.lost(), Silence: m.Silence,
	}
	if !m.again() {
		out.Target = m.Target
	}
	for _, s := range steps {
		p := m.Steps[s.name]
		if p.State == "" {
			p.State = stepOpen
		}
		if why := s.idle(m); p.State == stepOpen && why != "" {
			p.State, p.Note = stepNone, why
		}
		out.Steps = append(out.Steps, admin.NumberStep{Name: s.name, What: s.what, By: s.by, State: p.State, Note: p.Note, At: p.At})
	}
	return out
}

// lost is what does not come along.
func (m *move) lost() []string {
	if m.again() {
		return []string{"What people write while the number is not registered is lost; Meta tells nobody of it."}
	}
	out := []string{
		"What people write in the seconds of the registration may be lost; Meta tells nobody of it. The silence is measured and reported.",
		"The phone_number_id becomes another one: apps of the Cloud dialect that write it need the new one. Ids of media do not come along.",
		"Templates that are not approved and of good quality, and all flows, stay in the old account.",
		"Consents, opt-outs and open windows are kept by tenant: import them for " + m.To + " before its first send (postern facts import).",
	}
	if m.OffD360 || m.From == fromOnPrem {
		out = append(out, "Where Meta keeps its messages can not be asked there: what it was has to be said with --region, or it becomes Meta's default.")
	}
	switch {
	case m.OffD360:
		out = append(out, "360dialog's keys and webhook settings end: apps get keys of this gateway (postern app add) and set their webhook again.")
	case m.From == fromOnPrem:
		out = append(out, "Without the backup metadata of the On-Premises client an official business account loses its badge.")
	}
	return out
}
