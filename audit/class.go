package audit

// Retention classes that every gateway has. Policy may name others for
// messages; a purpose and a time for each are in the retention policy.
const (
	ClassMessages   = "messages"   // messages both ways and what became of them
	ClassMedia      = "media"      // decisions about files, and the files
	ClassConsent    = "consent"    // consents, opt-outs and persons' requests
	ClassDeliveries = "deliveries" // webhooks to apps and their outcomes
	ClassAudit      = "audit"      // changes, access, readings of the trail, life of the system
)

// Permanent reports whether a record is never purged and keeps its detail: the
// proof of other records rests on it. Those are erasures, the succession of
// checkpoint keys, and where a restored chain goes on.
func Permanent(kind Kind, typ string) bool {
	switch kind {
	case KindErasure:
		return true
	case KindAccess:
		return typ == "checkpoint_key"
	case KindLife:
		return typ == "restored"
	default:
		return false
	}
}

// RetentionClass says how long a record is kept: the class that policy gave to
// messages and files, else that of the kind. What is no message keeps its own
// class whatever policy says, and kinds this version does not know are
// ClassAudit's, which is kept longest. "message" is how earlier versions wrote
// ClassMessages.
func RetentionClass(kind Kind, retention string) string {
	own := classOfKind(kind)
	if own != ClassMessages && own != ClassMedia {
		return own
	}
	switch retention {
	case "", "message", ClassMessages:
		return own
	}
	return retention
}

// maxKeyClass bounds the name of a class of data keys, in bytes.
const maxKeyClass = 64

// KeyClass is the class of the data key that a record's parts are sealed under:
// its retention class, so that what goes at another time lies under another key.
// "subject" is the class of what is known of a person, which outlives messages.
// It is part of the format: for records that exist it must not change.
func KeyClass(kind Kind, retention string) string {
	class := RetentionClass(kind, retention)
	if class == "subject" || len(class) > maxKeyClass {
		return ClassMessages
	}
	return class
}

func classOfKind(kind Kind) string {
	switch kind {
	case KindAdmission, KindInbound, KindSettle, KindStatus, KindRead, KindUnmatchedSend, KindUndecodable, KindEvent, KindRevision:
		return ClassMessages
	case KindMedia:
		return ClassMedia
	case KindConsent, KindRequest:
		return ClassConsent
	case KindDelivery:
		return ClassDeliveries
	default:
		return ClassAudit
	}
}
