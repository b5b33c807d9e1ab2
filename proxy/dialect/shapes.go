package dialect

import "postern/proxy/message"

// mediaShape is a media reference of one kind with the members it may have.
func mediaShape(kind message.Type, extra ...member) *shape {
	s := object(append([]member{opt("id", token(256)), opt("link", link())}, extra...)...)
	s.members = append(s.members, ign("provider"))
	s.media = kind
	return s
}

// Limits of captions and file names are Meta's for the first and a file
// system's for the second.
func caption() member  { return opt("caption", &shape{role: rolePhrase, max: 1024}) }
func filename() member { return opt("filename", &shape{role: rolePhrase, max: 240}) }

var (
	imageShape    = mediaShape(message.Image, caption())
	audioShape    = mediaShape(message.Audio, opt("voice", boolean))
	videoShape    = mediaShape(message.Video, caption())
	documentShape = mediaShape(message.Document, caption(), filename())
	stickerShape  = mediaShape(message.Sticker)
)

// contentShapes holds the type object of every message type that has one.
var contentShapes = map[message.Type]*shape{
	message.Text: object(
		opt("preview_url", boolean),
		req("body", &shape{role: rolePhrase, min: 1, max: 4096, long: TooLong})),
	message.Image:       imageShape,
	message.Audio:       audioShape,
	message.Video:       videoShape,
	message.Document:    documentShape,
	message.Sticker:     stickerShape,
	message.Location:    locationShape,
	message.Contacts:    contactsShape,
	message.Reaction:    object(req("message_id", token(512)), req("emoji", &shape{role: rolePhrase, max: 16})),
	message.Interactive: interactiveShape,
	message.Template:    templateShape,
}

var readShape = object(req("message_id", token(512)))

var locationShape = blanks(object(
	req("latitude", &shape{form: formNumber, numeric: true, max: 90}),
	req("longitude", &shape{form: formNumber, numeric: true, max: 180}),
	opt("name", phrase(1000)),
	opt("address", phrase(1000))))

// blanks lets an object leave out empty members: published clients send them
// in locations and contact cards.
func blanks(s *shape) *shape {
	s.blank = true
	return s
}

func blankList(elem *shape) *shape {
	return &shape{form: formArray, elem: elem, max: 100, blank: true}
}

func kindOf() member { return opt("type", phrase(40)) }

var contactsShape = &shape{form: formArray, min: 1, max: 257, elem: blanks(object(
	opt("addresses", blankList(blanks(object(
		opt("street", phrase(1000)), opt("city", phrase(1000)), opt("state", phrase(1000)), opt("zip", phrase(100)),
		opt("country", phrase(1000)), opt("country_code", phrase(10)), kindOf())))),
	opt("birthday", &shape{role: rolePhrase, check: birthday}),
	opt("emails", blankList(blanks(object(opt("email", phrase(1000)), kindOf())))),
	opt("ims", blankList(blanks(object(opt("service", phrase(1000)), opt("user_id", phrase(1000)))))),
	req("name", blanks(object(
		req("formatted_name", phrase(1000)), opt("first_name", phrase(1000)), opt("last_name", phrase(1000)),
		opt("middle_name", phrase(1000)), opt("suffix", phrase(1000)), opt("prefix", phrase(1000))))),
	opt("org", blanks(object(opt("company", phrase(1000)), opt("department", phrase(1000)), opt("title", phrase(1000))))),
	opt("phones", blankList(blanks(object(opt("phone", phrase(100)), kindOf(), opt("wa_id", &shape{role: rolePhrase, min: 1, max: 40, ident: true, numeric: true}))))),
	opt("urls", blankList(blanks(object(opt("url", phrase(2000)), kindOf()))))))}

// birthday is YYYY-MM-DD.
func birthday(w *walk, n int32) *Problem {
	v := w.t.nodes[n].text
	ok := len(v) == 10
	for i := 0; ok && i < len(v); i++ {
		if i == 4 || i == 7 {
			ok = v[i] == '-'
		} else {
			ok = v[i] >= '0' && v[i] <= '9'
		}
	}
	if !ok {
		return w.at(Invalid, "", "The date must be written YYYY-MM-DD.")
	}
	return nil
}
