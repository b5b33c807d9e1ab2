package dialect

// EncodeSent answers an accepted send with exactly the fields published clients
// accept: Cloud 200; the On-Premises dialects 201 with contacts and meta. ID,
// Input and WaID are what the app shall see.
func EncodeSent(d Dialect, s Sent) (status int, body []byte) {
	if s.Success && s.ID == "" {
		return EncodeDone(d)
	}
	if d.Flat() {
		out := append(appendText([]byte(`{"messages":[{"id":`), s.ID), '}', ']')
		if s.Input != "" || s.WaID != "" {
			out = appendContact(append(out, `,"contacts":[`...), s.Input, s.WaID, "")
			out = append(out, ']')
		}
		return 201, appendMeta(out)
	}
	user := s.UserID
	if s.WaID != "" {
		user = "" // only for sends addressed by user id
	}
	out := appendContact([]byte(`{"messaging_product":"whatsapp","contacts":[`), s.Input, s.WaID, user)
	out = appendText(append(out, `],"messages":[{"id":`...), s.ID)
	out = appendMember(out, "message_status", s.MessageStatus)
	out = appendMember(out, "group_id", s.GroupID)
	return 200, append(out, '}', ']', '}')
}

func appendContact(out []byte, input, waID, userID string) []byte {
	out = appendText(append(out, `{"input":`...), input)
	out = appendMember(out, "wa_id", waID)
	return append(appendMember(out, "user_id", userID), '}')
}

// appendMeta closes an On-Premises answer.
func appendMeta(out []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	return append(append(append(out, `"meta":`...), metaJSON...), '}')
}

// EncodeDone confirms a call that answers nothing, such as mark as read.
func EncodeDone(d Dialect) (status int, body []byte) {
	if d.Flat() {
		return 200, appendMeta([]byte{'{'})
	}
	return 200, []byte(`{"success":true}`)
}
