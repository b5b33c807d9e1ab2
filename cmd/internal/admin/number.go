package admin

import "context"

// NumberStatus is how a business number stands, at Meta and here. Times are Unix
// seconds, 0 where nothing came among the newest records that were looked at.
type NumberStatus struct {
	Number  string `json:"number"`
	Tenant  string `json:"tenant"`
	Account string `json:"waba_id"`
	App     string `json:"app"`     // empty: none sends from it
	Dialect string `json:"dialect"` // of the app
	Keys    bool   `json:"keys"`    // the app can prove who it is
	Webhook bool   `json:"webhook"` // the app's events have somewhere to go

	Meta       NumberAtMeta    `json:"meta"`
	Restricted bool            `json:"restricted"`         // Meta refused a message for it (368, 131031), and took none since
	FlowKey    FlowKeyState    `json:"flow_key"`           // empty: no flow is configured, or Meta did not say
	Encryption EncryptionState `json:"payload_encryption"` // empty: Meta did not say

	Templates int `json:"templates"` // of the account, as known here
	Approved  int `json:"templates_approved"`

	LastIn   int64 `json:"last_in"`      // message of a person
	LastHook int64 `json:"last_webhook"` // anything Meta told of the number
	LastOut  int64 `json:"last_out"`     // send that Meta took

	Needs []NumberNeed `json:"needs"`          // what is missing
	Move  *NumberMoved `json:"move,omitempty"` // the last one from or to this id
}

// NumberAtMeta is what Meta says of a number, in its words. A value that it did
// not give is empty.
type NumberAtMeta struct {
	Told         bool   `json:"told"`         // Meta answered
	Status       string `json:"status"`       // "CONNECTED" where the number is registered
	Verification string `json:"verification"` // of ownership, by a code
	Name         string `json:"name_status"`
	Quality      string `json:"quality"`
	Throughput   string `json:"throughput"`
	Limit        string `json:"messaging_limit"`
	Sending      string `json:"can_send"`   // "AVAILABLE", "LIMITED" or "BLOCKED"
	PIN          string `json:"pin"`        // "on" or "off"
	Subscribed   string `json:"subscribed"` // of our app to the account: "yes" or "no"
	Override     string `json:"override"`   // of the webhook's address: "none", "number" or "account"
	Storage      string `json:"storage"`    // "default", "none", or the region of Local Storage
}

// NumberNeed is one thing that is missing, and whose it is to mend.
type NumberNeed struct {
	Who  string `json:"who"`  // "operator", "app", "meta" or "business"
	What string `json:"what"` // a sentence
}

// NumbersAsked asks for number.status: of one number, or of all where it is
// empty.
type NumbersAsked struct {
	Number string `json:"number,omitempty"`
}

func (s *Service) numberStatus(ctx context.Context, _ Actor, in NumbersAsked) ([]NumberStatus, error) {
	if s.cfg.NumberStatus == nil {
		return nil, refuse(Unavailable, "Meta is asked by the running gateway; start it with: postern serve")
	}
	return s.cfg.NumberStatus(ctx, in.Number)
}
