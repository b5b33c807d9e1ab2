package dialect

// NewUser is the body of POST /v1/users, and of PUT /v1/users/{name} without the
// name.
type NewUser struct{ Name, Password string }

// DecodeNewUser reads POST /v1/users.
func DecodeNewUser(contentType string, body []byte) (NewUser, *Problem) {
	return decodeUser(contentType, body, true)
}

// DecodePassword reads the new password in PUT /v1/users/{name}.
func DecodePassword(contentType string, body []byte) (string, *Problem) {
	u, p := decodeUser(contentType, body, false)
	return u.Password, p
}

func decodeUser(contentType string, body []byte, named bool) (NewUser, *Problem) {
	t, p := oldBody(contentType, body)
	if p != nil {
		return NewUser{}, p
	}
	var u NewUser
	if named {
		if u.Name, p = t.words("username"); p != nil {
			return NewUser{}, p
		}
	}
	u.Password, p = t.words("password")
	return u, p
}

// words is a required string of the body.
func (t *tree) words(name string) (string, *Problem) {
	n := t.child(0, name)
	switch {
	case n == none || t.nodes[n].kind == 'n':
		return "", &Problem{Kind: Missing, Param: name, Details: "It is required."}
	case !t.is(n, '"') || t.nodes[n].text == "" || len(t.nodes[n].text) > 256:
		return "", &Problem{Kind: Invalid, Param: name, Details: "It must be a string of 1 to 256 bytes."}
	}
	return t.nodes[n].text, nil
}

// EncodeUser answers the calls about a user. role is "" where the API says the
// name alone.
func EncodeUser(name, role string) (status int, body []byte) {
	out := appendText([]byte(`{"users":[{"username":`), name)
	out = appendMember(out, "ROLES", role)
	return 200, appendMeta(append(out, '}', ']'))
}
