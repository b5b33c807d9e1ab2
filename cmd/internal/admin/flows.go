package admin

import "context"

// FlowKey answers flows.upload and flows.check: which public key Meta has for a
// number's flows.
type FlowKey struct {
	Number string       `json:"number"`
	State  FlowKeyState `json:"state"`
}

// FlowKeyState says in a word which key Meta has. Only with FlowKeyCurrent and
// FlowKeyPrevious do the number's flows work.
type FlowKeyState string

// States of a number's public key at Meta.
const (
	FlowKeyCurrent  FlowKeyState = "current"  // the configuration's key
	FlowKeyPrevious FlowKeyState = "previous" // the configuration's key_previous: upload the current one
	FlowKeyOther    FlowKeyState = "other"    // a key this gateway does not have
	FlowKeyMissing  FlowKeyState = "missing"  // none
	FlowKeyUnsigned FlowKeyState = "unsigned" // a key whose signature Meta does not take any more: upload again
)

// FlowKeyMade answers flows.new and flows.retire: what the keystore has for a
// number's flows now.
type FlowKeyMade struct {
	Number   string `json:"number"`
	Previous bool   `json:"previous"` // a previous key opens requests, too
}

func (s *Service) flowsNew(ctx context.Context, a Actor, in Number) (FlowKeyMade, error) {
	if s.cfg.NewFlowKey == nil {
		return FlowKeyMade{}, refuse(Unavailable, "keys of flows are made by the running gateway; start it with: postern serve")
	}
	return s.cfg.NewFlowKey(ctx, in.Number, a.Name)
}

func (s *Service) flowsRetire(ctx context.Context, a Actor, in Number) (FlowKeyMade, error) {
	if s.cfg.RetireFlowKey == nil {
		return FlowKeyMade{}, refuse(Unavailable, "keys of flows are retired by the running gateway; start it with: postern serve")
	}
	return s.cfg.RetireFlowKey(ctx, in.Number, a.Name)
}

func (s *Service) flowsUpload(ctx context.Context, a Actor, in Number) (FlowKey, error) {
	if s.cfg.UploadFlowKey == nil {
		return FlowKey{}, refuse(Unavailable, "keys are uploaded by the running gateway; start it with: postern serve")
	}
	return s.cfg.UploadFlowKey(ctx, in.Number, a.Name)
}

func (s *Service) flowsCheck(ctx context.Context, _ Actor, in Number) (FlowKey, error) {
	if s.cfg.CheckFlowKey == nil {
		return FlowKey{}, refuse(Unavailable, "Meta is asked by the running gateway; start it with: postern serve")
	}
	return s.cfg.CheckFlowKey(ctx, in.Number)
}
