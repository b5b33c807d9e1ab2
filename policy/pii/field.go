package pii

import "strings"

// Field says how a member of WhatsApp JSON is treated.
type Field uint8

// Kinds of members. What is not known is FieldText. In the record all but
// text, words, times and assets are replaced without looking at the value;
// what is forwarded is changed in text only.
const (
	FieldText     Field = iota // free text: scanned
	FieldNumber                // phone number or WhatsApp id: masked
	FieldID                    // id of a message, medium or person: keyed hash or [ID]
	FieldName                  // [NAME]
	FieldEmail                 // [EMAIL]
	FieldAddress               // [ADDRESS]
	FieldBirthday              // [DATE_OF_BIRTH]
	FieldLocation              // coordinates and place: [LOCATION]
	FieldCard                  // a contact card in one string: [VCARD]
	FieldNotice                // system text with names and numbers: [NOTICE]
	FieldURL                   // scheme and host are kept
	FieldSecret                // token, password, PIN: [SECRET]
	FieldOpaque                // a client's or platform's own value: keyed hash or [OPAQUE]
	FieldJSON                  // JSON inside a string
	FieldWord                  // a keyword; scanned if it does not look like one
	FieldTime                  // seconds; scanned if it does not look like them
	FieldAsset                 // a number of the business's own thing; scanned if it is none
)

// labels of fields that are replaced whole.
var fieldLabel = [...]string{
	FieldID: "ID", FieldName: "NAME", FieldEmail: "EMAIL", FieldAddress: "ADDRESS", FieldBirthday: "DATE_OF_BIRTH",
	FieldLocation: "LOCATION", FieldCard: "VCARD", FieldNotice: "NOTICE", FieldSecret: "SECRET", FieldOpaque: "OPAQUE",
	FieldJSON: "JSON", FieldAsset: "",
}

// fieldNames lists members by the name alone, fieldPairs with the member
// around them ("parent.name"), which goes first. Array elements count as the
// member that holds the array.
var fieldNames = byWord(map[Field]string{
	FieldNumber: "from to wa_id new_wa_id old_wa_id recipient_id recipient_participant_id participant_recipient_id phone phone_number input mentions " +
		"display_phone_number on_call_pager customer_phone",
	FieldID: "message_id original_message_id group_id user_id parent_user_id from_user_id from_parent_user_id to_user_id " +
		"recipient_user_id parent_recipient_user_id recipient recipient_logical_id ims",
	FieldName: "name username first_name last_name middle_name formatted_name full_name fullname firstname lastname surname " +
		"given_name family_name verified_name org suffix prefix author",
	FieldEmail:    "email",
	FieldAddress:  "addresses address street house_number values postal_address",
	FieldBirthday: "birthday birth_date birthdate date_of_birth dob",
	FieldLocation: "location latitude longitude",
	FieldCard:     "vcard",
	FieldURL:      "link url source_url image_url video_url thumbnail_url cdn_url",
	FieldSecret: "flow_token access_token token password new_password pin authorization appsecret_proof verify_token " +
		"secret certificate cert encrypted_flow_data encrypted_aes_key initial_vector",
	FieldOpaque: "biz_opaque_callback_data ctwa_clid sha256 identity_key_hash recipient_identity_key_hash",
	FieldJSON:   "response_json",
	FieldWord: "type messaging_product recipient_type status object field mime_type sub_type index category pricing_model policy " +
		"currency code currency_code event parameter_name flow_action flow_message_version mode screen emoji href element_name origin source_type media_type " +
		"country_code locale language",
	FieldTime:  "timestamp time expiration_timestamp created_timestamp unix_epoch amount_1000 offset ttl",
	FieldAsset: "phone_number_id catalog_id flow_id product_retailer_id thumbnail_product_retailer_id source_id message_template_id",
})

var fieldPairs = byPair(map[Field]string{
	FieldID: "messages.id statuses.id context.id message.id conversation.id image.id audio.id voice.id video.id document.id sticker.id " +
		"calls.id message_echoes.id reaction.id",
	FieldAsset: "entry.id",
	FieldWord: "template.name action.name nfm_reply.name provider.name language.code template.namespace hsm.namespace " +
		"flow.name errors.code error.code",
	FieldText:   "reply.id list_reply.id button_reply.id rows.id errors.title errors.message errors.details parameters.name product.name interactive.name",
	FieldOpaque: "identity.hash",
	FieldNotice: "system.body",
	FieldSecret: "backup.data",
	FieldNumber: "system.customer",
	FieldURL:    "image.link video.link document.link",
})

func byWord(lists map[Field]string) map[string]Field {
	out := map[string]Field{}
	for field, list := range lists {
		for name := range strings.FieldsSeq(list) {
			out[name] = field
		}
	}
	return out
}

// pair is a member and the one around it.
type pair struct{ parent, name string }

func byPair(lists map[Field]string) map[pair]Field {
	out := map[pair]Field{}
	for dotted, field := range byWord(lists) {
		parent, name, _ := strings.Cut(dotted, ".")
		out[pair{parent, name}] = field
	}
	return out
}

// FieldOf tells how the member name inside parent is treated.
func FieldOf(parent, name string) Field {
	if f, ok := fieldPairs[pair{parent, name}]; ok {
		return f
	}
	return fieldNames[name]
}

// covers reports fields whose whole subtree is replaced.
func (f Field) covers() bool {
	switch f {
	case FieldName, FieldAddress, FieldLocation, FieldCard, FieldBirthday, FieldID, FieldSecret, FieldOpaque:
		return true
	}
	return false
}

// plain reports values of words, times and assets that look the part, so that
// nothing personal can hide behind a known name.
func (f Field) plain(value string) bool {
	switch f {
	case FieldWord:
		return word(value)
	case FieldTime:
		return len(value) <= 13 && allDigits(value)
	case FieldAsset:
		return len(value) <= 20 && allDigits(value)
	}
	return false
}

// word reports keywords: short, letters and a few marks, at most four digits
// in a row.
func word(s string) bool {
	row := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			if row++; row > 4 {
				return false
			}
			continue
		case c == ' ' && i > 0 && s[i-1] == ';':
		case !isLetter(c) && strings.IndexByte("_-./+;=", c) < 0:
			return false
		}
		row = 0
	}
	return len(s) <= 64
}

// Field treats the value of a typed member. It reports false for kinds that
// have to be scanned, and for everything that is forwarded.
func (t Treatment) Field(f Field, value string) (string, bool) {
	if t.Sink == Forward || value == "" {
		return value, f != FieldText && f != FieldJSON && f != FieldWord && f != FieldTime && f != FieldAsset
	}
	switch f {
	case FieldNumber:
		return t.number(value), true
	case FieldID, FieldOpaque:
		return t.id(fieldLabel[f], value), true
	case FieldURL:
		return host(value), true
	case FieldText, FieldJSON, FieldWord, FieldTime, FieldAsset:
		return value, f.plain(value)
	}
	return "[" + fieldLabel[f] + "]", true
}

// number masks a phone number; a user id in its place, and all that a log would show,
// is treated as an id.
func (t Treatment) number(value string) string {
	masked := MaskNumber(value)
	if masked == stars && value != stars || t.Sink == Log {
		return t.id("ID", value)
	}
	return masked
}

// id replaces an id by its keyed hash, or by its label if there is none, or where a
// text of the same record may show the card number that it holds in part. What is
// replaced already stays.
func (t Treatment) id(kind, value string) string {
	label := "[" + kind + "]"
	if value == label || strings.HasPrefix(value, "["+kind+":") && strings.HasSuffix(value, "]") && len(value) < 120 &&
		tokenText(value[len(kind)+2:len(value)-1]) {
		return value
	}
	if t.Sink == Log || holdsPAN(value) && t.masksCards() {
		return label
	}
	if h := t.hash(kind, []byte(value)); h != "" {
		return h
	}
	return label
}

// host keeps scheme and host of a URL: paths and queries hold tokens, phone
// numbers and names.
func host(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || scheme != "https" && scheme != "http" {
		return "[URL]"
	}
	if end := strings.IndexAny(rest, "/?#\\"); end >= 0 {
		rest = rest[:end]
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	for i := range len(rest) {
		if !isAlnum(rest[i]) && strings.IndexByte(".-:", rest[i]) < 0 {
			return "[URL]"
		}
	}
	return scheme + "://" + rest + "/[URL]"
}
