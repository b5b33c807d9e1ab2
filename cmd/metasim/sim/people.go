package sim

import "time"

// person is somebody a number talks with.
type person struct {
	Phone    string `json:"phone,omitempty"` // digits; empty while it is hidden
	UserID   string `json:"user_id"`
	Parent   string `json:"parent_user_id,omitempty"`
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
}

const windowLength = 24 * time.Hour

// meet returns the person with that number or user id; both may be unknown so
// far. The caller holds the lock.
func (s *Server) meet(phone, userID string) *person {
	p := s.byNumber[phone]
	switch {
	case phone != "" && p != nil && (userID == "" || userID == p.UserID):
		return p
	case userID == "":
		userID = derivedUserID(phone)
	}
	if p = s.people[userID]; p == nil {
		p = &person{UserID: userID}
		s.people[userID] = p
	}
	if phone != "" {
		p.Phone = phone
		s.byNumber[phone] = p
	}
	return p
}

// contact is an entry of contacts in a webhook.
type contact struct {
	Profile *contactProfile `json:"profile,omitempty"`
	WaID    string          `json:"wa_id,omitempty"`
	UserID  string          `json:"user_id"`
	Parent  string          `json:"parent_user_id,omitempty"`
}

type contactProfile struct {
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
}

func (p *person) contact() contact {
	c := contact{WaID: p.Phone, UserID: p.UserID, Parent: p.Parent}
	if p.Name != "" || p.Username != "" {
		c.Profile = &contactProfile{Name: p.Name, Username: p.Username}
	}
	return c
}

func windowKey(phoneID, userID string) string { return phoneID + " " + userID }

// open says whether the customer service window of the pair is open. The
// caller holds the lock.
func (s *Server) open(phoneID, userID string, now time.Time) bool {
	last, ok := s.windows[windowKey(phoneID, userID)]
	return ok && now.Sub(last) < windowLength
}
