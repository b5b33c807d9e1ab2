package crash

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// send is one message as the app sees it: the same body under the same key is
// the same send, however often it is asked for.
type send struct {
	family string // "cloud", "d360" or "onprem"
	phone  string
	mark   string // in the body, and nowhere else
	key    string // Idempotency-Key, may be empty
	body   []byte

	// What the first answer was; status 0 while there is none.
	status int
	answer string
	id     string // of the message, as the app knows it
}

// writer is a person who wrote and may be answered freely once that is recorded.
type writer struct{ phone, number, mark, id string }

// ledger is what the apps and the people know: all that was asked for, all
// that was acknowledged.
type ledger struct {
	mu       sync.Mutex
	counter  int
	sends    []*send
	inbound  []writer
	unread   []writer // of the Cloud number, to be marked as read
	lost     []*send  // with a key and no answer: the app asks again
	answered []*send
	complain []string // answers that should not have been given

	// What an Envoy before the gateway answered by itself.
	alone   int
	notSent map[string]bool // marks of sends of which it was said so; nobody asks for them again
}

// mark makes a word that stands in one message only.
func (l *ledger) mark() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counter++
	return "zq" + strings.Map(func(c rune) rune {
		if c >= 'a' {
			return c - 'a' + 'k'
		}
		return c - '0' + 'a'
	}, strconv.FormatInt(int64(l.counter), 16)) + "qz"
}

var marks = regexp.MustCompile(`zq[a-p]+qz`)

func markOf(body []byte) string { return string(marks.Find(body)) }

func (l *ledger) begin(s *send) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sends = append(l.sends, s)
}

// heard keeps an answer, or that there was none.
func (l *ledger) heard(s *send, code int, answer []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if code > 0 && err != nil {
		l.byEnvoy(s, answer)
	}
	switch {
	case err != nil && s.key != "":
		l.lost = append(l.lost, s)
	case err != nil:
	case s.status == 0:
		s.status, s.answer, s.id = code, string(answer), messageID(answer)
		l.answered = append(l.answered, s)
		if code >= 400 && !strings.Contains(s.answer, `"code":131000`) {
			l.complain = append(l.complain, s.family+" send answered "+strconv.Itoa(code)+": "+string(answer))
		}
	case s.status != code || s.answer != string(answer):
		l.complain = append(l.complain, "the same Idempotency-Key had two answers: "+s.answer+" and "+string(answer))
	}
}

// again takes a send whose answer was lost.
func (l *ledger) again() *send {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lost) == 0 {
		return nil
	}
	s := l.lost[len(l.lost)-1]
	l.lost = l.lost[:len(l.lost)-1]
	return s
}

func (l *ledger) wrote(p writer, cloud bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inbound = append(l.inbound, p)
	if cloud {
		l.unread = append(l.unread, p)
	}
}

func (l *ledger) nextUnread() (writer, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.unread) == 0 {
		return writer{}, false
	}
	p := l.unread[0]
	l.unread = l.unread[1:]
	return p, true
}

func messageID(answer []byte) string {
	var a struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	if json.Unmarshal(answer, &a) != nil || len(a.Messages) != 1 {
		return ""
	}
	return a.Messages[0].ID
}
