package admin

import "context"

// NumberMove asks for number.move: what a move of a number to another tenant's
// account takes, and with Apply to go on with it as far as it goes. Number is the
// phone_number_id it has, or had when the move began.
type NumberMove struct {
	Number  string `json:"number"`
	To      string `json:"to"`                // tenant; may be left out once the move has begun
	From    string `json:"from,omitempty"`    // "d360" or "onprem" where the number is no tenant's here
	Display string `json:"display,omitempty"` // of such a number, "+49 30 ..."; not kept

	Apply   bool     `json:"apply"`
	Most    int      `json:"most,omitempty"`    // steps to do at most; 0: all
	Confirm []string `json:"confirm,omitempty"` // steps that the operator saw done
	Again   string   `json:"again,omitempty"`   // step to do once more

	PIN      string        `json:"pin,omitempty"`  // six digits; goes to Meta and is not kept
	Code     string        `json:"code,omitempty"` // that came to the number; as above
	Method   string        `json:"code_method,omitempty"`
	Language string        `json:"language,omitempty"` // of the code's message
	Webhook  string        `json:"webhook,omitempty"`  // address for the number's own webhooks
	Region   string        `json:"region,omitempty"`   // of Local Storage, or "default"; left out: as it was
	Backup   *NumberBackup `json:"backup,omitempty"`
}

// NumberBackup is what the On-Premises client gave of itself. It goes to Meta and
// is not kept.
type NumberBackup struct {
	Data     string `json:"data"`
	Password string `json:"password"`
}

// NumberMoved answers number.move and number.abort. Times are Unix seconds.
type NumberMoved struct {
	Number  string         `json:"number"`
	Target  string         `json:"target,omitempty"` // phone_number_id in the new account, once there is one
	From    string         `json:"from"`
	To      string         `json:"to"`
	State   string         `json:"state"` // "planned", "under_way", "done" or "aborted"
	Steps   []NumberStep   `json:"steps"`
	Next    string         `json:"next,omitempty"` // what has to happen now
	Lost    []string       `json:"lost"`           // what does not come along
	Undo    []string       `json:"undo,omitempty"` // of an abort: what is as it was, and what is not
	Silence *NumberSilence `json:"silence,omitempty"`
}

// NumberStep is one step of a move.
type NumberStep struct {
	Name  string `json:"name"`
	What  string `json:"what"`
	By    string `json:"by"`    // "postern", or "you" where Meta has no call for it
	State string `json:"state"` // "open", "tried", "done" or "none" where there is nothing to do
	Note  string `json:"note,omitempty"`
	At    int64  `json:"at,omitempty"`
}

// NumberSilence is the time around a move in which nothing is known to have
// passed, and what may be lost in it, counted among the 50,000 records on each
// side of it.
type NumberSilence struct {
	From      int64 `json:"from"`      // last webhook or send by the old way; of another provider's number, the registration
	Until     int64 `json:"until"`     // first one by the new; 0: none yet
	Seconds   int64 `json:"seconds"`   // between them
	Unmatched int64 `json:"unmatched"` // statuses of messages that nobody sent here
	Strays    int64 `json:"strays"`    // webhook content that belongs to nobody here
	Open      int64 `json:"open"`      // sends by the old way whose end nobody told
}

// NumberAbort asks for number.abort: what can be undone, and with Apply to end
// the move.
type NumberAbort struct {
	Number string `json:"number"`
	Apply  bool   `json:"apply"`
}

var errNoMoves = refuse(Unavailable, "numbers are moved by the running gateway; start it with: postern serve")

func (s *Service) numberPlan(ctx context.Context, a Actor, in NumberMove) (NumberMoved, error) {
	if s.cfg.MoveNumber == nil {
		return NumberMoved{}, errNoMoves
	}
	in.Apply = false
	return s.cfg.MoveNumber(ctx, in, a.Name)
}

func (s *Service) numberMove(ctx context.Context, a Actor, in NumberMove) (NumberMoved, error) {
	if s.cfg.MoveNumber == nil {
		return NumberMoved{}, errNoMoves
	}
	return s.cfg.MoveNumber(ctx, in, a.Name)
}

func (s *Service) numberAbort(ctx context.Context, a Actor, in NumberAbort) (NumberMoved, error) {
	if s.cfg.AbortMove == nil {
		return NumberMoved{}, errNoMoves
	}
	return s.cfg.AbortMove(ctx, in, a.Name)
}
