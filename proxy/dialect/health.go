package dialect

import "slices"

// HealthShape is the form of GET /v1/health that an app was written for. The
// zero value is HealthSingle.
type HealthShape string

// Shapes of health, by how the old client was deployed (whatsapp.md 1.11).
const (
	HealthSingle    HealthShape = "single"            // one status
	HealthAvailable HealthShape = "high_availability" // nodes, of which one Coreapp is connected
	HealthMulti     HealthShape = "multiconnect"      // nodes, all connected
)

// GatewayStatus is how the old API says that a number stands with WhatsApp.
type GatewayStatus string

// Values of gateway_status. The zero value is none of them: EncodeHealth makes
// it disconnected.
const (
	Connected     GatewayStatus = "connected"
	Connecting    GatewayStatus = "connecting"    // good, but not known to be connected
	Disconnected  GatewayStatus = "disconnected"  // upstream, the token or the number does not take messages
	Uninitialized GatewayStatus = "uninitialized" // the gateway's own store does not take messages
	Unregistered  GatewayStatus = "unregistered"  // the number has to be registered
)

// statusOf maps the status of a number's node. Upstream that answers with a
// word of its own, or none, is there, and more is not known.
var statusOf = map[string]GatewayStatus{
	"CONNECTED": Connected, "FLAGGED": Connected, "RATE_LIMITED": Connected,
	"BANNED": Disconnected, "RESTRICTED": Disconnected,
	"DISCONNECTED": Unregistered, "PENDING": Unregistered, "UNVERIFIED": Unregistered, "DELETED": Unregistered,
	"MIGRATED": Unregistered, "OFFLINE": Unregistered,
}

// busyCodes are upstream's for too many calls: it is there and takes the token
// (whatsapp.md 3.9).
var busyCodes = []int{4, 80007, 80008, 130429}

// DecodeHealth reads upstream's answer about a number, asked for its id and
// status, as the old API would say it.
func DecodeHealth(status int, body []byte) GatewayStatus {
	if _, refused, _ := DecodeAnswer(status, body); refused != nil { //nolint:errcheck // only the error object counts here
		switch {
		case refused.Code == 100: // there is no such number, or it is another account's now
			return Unregistered
		case status == 429 || slices.Contains(busyCodes, refused.Code):
			return Connecting
		}
		return Disconnected
	}
	phone, err := DecodePhone(body)
	if err != nil || status != 200 {
		return Disconnected
	}
	if s, ok := statusOf[phone.Status]; ok {
		return s
	}
	return Connecting
}

// EncodeHealth answers GET /v1/health. The gateway is one process: with nodes it
// shows one of each role that a check of such a deployment looks for, named
// after its public host.
func EncodeHealth(shape HealthShape, host string, s GatewayStatus) (status int, body []byte) {
	if s == "" {
		s = Disconnected
	}
	out := []byte(`{"health":{`)
	switch shape {
	case HealthAvailable:
		master := s
		if s == Connected || s == Connecting { // only the Coreapp holds the connection
			master = Disconnected
		}
		out = append(appendNode(out, host+":coreapp", "coreapp", s), ',')
		out = appendNode(out, host+":master", "primary_master", master)
	case HealthMulti:
		out = append(appendNode(out, host+":coreapp", "coreapp", s), ',')
		out = appendNode(out, host+":master", "primary_master", s)
	default:
		out = appendText(append(out, `"gateway_status":`...), string(s))
	}
	return 200, appendMeta(append(out, '}'))
}

func appendNode(out []byte, name, role string, s GatewayStatus) []byte {
	out = appendText(append(appendText(out, name), `:{"gateway_status":`...), string(s))
	return append(appendMember(out, "role", role), '}')
}
