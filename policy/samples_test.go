package policy_test

import (
	"time"

	"postern/policy"
)

// dayTime is a Saturday noon in Berlin, nightTime the same day at 23:00.
var (
	dayTime   = time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC).Unix()
	nightTime = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC).Unix()
)

// reply is a free text in an open window: allowed.
func reply() *policy.Input {
	return &policy.Input{
		Version: policy.InputVersion, Kind: policy.KindMessage, Direction: "outbound",
		Tenant: "bank", App: "crm", Number: "106540352242922", Dialect: "cloud",
		Peer:     policy.Peer{Subject: "0123456789abcdef0123456789abcdef", Country: "DE", HasNumber: true},
		Message:  policy.Message{Type: "text", Category: policy.CategoryService, LinkHosts: []string{"www.example.com"}, Length: 120},
		Findings: []policy.Found{{Type: "EMAIL", Level: "certain", Count: 1, Where: "text"}},
		Facts: policy.Facts{
			Window:   policy.Window{Open: true, Expires: nightTime + 3600},
			Identity: "ok", Account: "ok",
		},
		Time: policy.Time{Now: dayTime, Zones: []policy.Local{{Zone: "Europe/Berlin", Offset: 3600, Minute: 720, Weekday: 6, Date: "2026-11-21"}}},
	}
}

// marketing is a marketing template outside the window with consent: allowed.
func marketing() *policy.Input {
	in := reply()
	in.Message = policy.Message{
		Type: "template", Category: policy.CategoryMarketing,
		Template: &policy.Template{
			Name: "spring_offer", Language: "de", Known: true, Status: "APPROVED",
			Category: policy.CategoryMarketing, Parameters: "ok", Want: 2, Got: 2,
		},
		LinkHosts: []string{"www.example.com"},
	}
	in.Facts.Window = policy.Window{}
	in.Facts.Consent = map[string]policy.Consent{
		policy.CategoryMarketing: {Given: true, Source: "web_form", Scope: "marketing", At: dayTime - 86400},
	}
	return in
}

func change(in *policy.Input, f func(*policy.Input)) *policy.Input {
	f(in)
	return in
}

// login is an authentication template with consent: allowed at any hour.
func login() *policy.Input {
	return change(marketing(), func(in *policy.Input) {
		in.Message.Category, in.Message.Template.Category = policy.CategoryAuthentication, policy.CategoryAuthentication
		in.Facts.Consent = map[string]policy.Consent{policy.CategoryAuthentication: {Given: true, Source: "web_form", At: dayTime - 86400}}
	})
}

// picture is an image in an open window: allowed.
func picture() *policy.Input {
	return change(reply(), func(in *policy.Input) {
		in.Message.Type = "image"
		in.Message.Media = []policy.Media{{Kind: "image", Source: "id", Bytes: 1000, Mime: "image/jpeg"}}
	})
}

// upload is a media upload: allowed.
func upload() *policy.Input {
	return change(picture(), func(in *policy.Input) {
		in.Kind, in.Message.Type, in.Message.Category = policy.KindMedia, "", ""
		in.Facts = policy.Facts{Account: "ok"}
	})
}

// mark marks a message as read: allowed.
func mark() *policy.Input {
	return change(upload(), func(in *policy.Input) { in.Kind, in.Message = policy.KindRead, policy.Message{Type: "read"} })
}

// managed is a change of the business profile: allowed.
func managed() *policy.Input {
	return change(mark(), func(in *policy.Input) {
		in.Kind, in.Message = policy.KindManage, policy.Message{Type: "profile"}
	})
}

// bare takes places out of pictures.
const bare = "media: {strip_location: true}"

// located sets what is known of where the picture was taken.
func located(word string) func(*policy.Input) {
	return func(in *policy.Input) { in.Message.Media[0].Location = word }
}

// fetched makes the file one that the gateway fetches, of a size.
func fetched(size int64) func(*policy.Input) {
	return func(in *policy.Input) {
		in.Message.Media[0].Source, in.Message.Media[0].Bytes, in.Message.Media[0].Location = policy.SourceProvider, size, ""
	}
}

// photo is a new picture of the business profile: allowed.
func photo() *policy.Input {
	return change(managed(), func(in *policy.Input) { in.Message.Media = picture().Message.Media })
}

// received is a text from a person: allowed.
func received() *policy.Input {
	return change(reply(), func(in *policy.Input) { in.Kind, in.Direction = policy.KindInbound, "inbound" })
}
