package numbers

import (
	"context"
	"slices"
)

// step is one step of a move. Every one can be asked for again at any moment: it
// looks first at what is done already.
type step struct {
	name string
	by   string // who does it
	what string // for people

	confirm bool // the operator may say that it is done
	again   bool // the operator may have it done once more

	idle func(m *move) string // why there is nothing to do, "" for something
	do   func(r *round, ctx context.Context) (note string, err error)
}

// Who does a step.
const (
	byPostern = "postern"
	byYou     = "you"
)

func always(*move) string { return "" }

// onlyMoves has nothing to do where a number stays in its account.
func onlyMoves(m *move) string {
	if m.again() {
		return "the number stays in its account"
	}
	return ""
}

// byMeta has nothing to do where 360dialog's hub does it.
func byMeta(m *move) string {
	if m.ToD360 {
		return "360dialog does it"
	}
	return ""
}

// byHub has nothing to do where Meta is asked from here.
func byHub(m *move) string {
	if !m.ToD360 {
		return "only for 360dialog"
	}
	return ""
}

func movedByMeta(m *move) string {
	if why := byMeta(m); why != "" {
		return why
	}
	return onlyMoves(m)
}

// onlyOnPrem has nothing to do between accounts of the Cloud API.
func onlyOnPrem(m *move) string {
	if m.From != fromOnPrem {
		return "only a number of an On-Premises client has one"
	}
	return ""
}

// steps are all there are, in order. Until the registration the number goes on
// where it was.
var steps = []step{
	{"check", byPostern, "Look at the account the number goes to and, where it is a tenant's here, at the number", false, true, always, (*round).check},
	{"pin_off", byYou, "Switch two-step verification off where the number is: WhatsApp Manager, or 360dialog's hub; there is no call for it", true, true, onlyMoves, (*round).pinOff},
	{"backup", byYou, "Take the backup metadata from the On-Premises client (POST /v1/settings/backup) and give it with --backup and --backup-password when the number is registered", true, true, onlyOnPrem, (*round).backup},
	{"subscribe", byPostern, "Subscribe the app of the token to the new account, so that webhooks come", false, true, byMeta, (*round).subscribe},
	{"migrate", byPostern, "Ask Meta for the number in the new account, where it gets a new id", false, false, movedByMeta, (*round).migrate},
	{"request_code", byPostern, "Have Meta send a code to the number, by SMS or voice", true, true, byMeta, (*round).requestCode},
	{"verify_code", byPostern, "Give Meta the code that came", false, true, byMeta, (*round).verifyCode},
	{"hub", byYou, "Move the number in 360dialog's hub, and write its new id and key into the configuration: the old way is closed then", false, false, byHub, (*round).hub},
	{"config", byYou, "Write the new id into the configuration, with an app that has a key, and reload", false, true, always, (*round).configured},
	{"webhook", byPostern, "See that the number's webhooks come here, or send them here with --webhook", true, true, always, (*round).webhook},
	{"register", byPostern, "Register the number in the new account with its PIN: from here on the old way is closed", false, false, byMeta, (*round).register},
	{"flow_key", byPostern, "Upload the public key of the number's flows again", true, true, always, (*round).flowKey},
	{"encryption", byPostern, "Exchange the keys of payload encryption again", true, true, always, (*round).encryption},
	{"templates", byPostern, "Hold the new account's templates against the old one's", true, true, onlyMoves, (*round).templates},
	{"test", byYou, "Send a message by the app and write one to the number from a phone", true, true, always, (*round).test},
	{"old", byYou, "End what is left of the old way", true, true, onlyMoves, (*round).old},
}

func stepOf(name string) (step, bool) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
	if i < 0 {
		return step{}, false
	}
	return steps[i], true
}
