package canary_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// marks are values that must appear nowhere: each is made once, by name, and
// is unlike anything else.
type marks struct {
	t  *testing.T
	mu sync.Mutex
	// by holds every form that would betray a marker by its first bytes.
	by    map[[prefix]byte][]mark
	first [1 << 16]bool // by their first two
	count int
}

// prefix is the shortest form that is looked for.
const prefix = 8

type mark struct {
	name string
	form string
}

func newMarks(t *testing.T) *marks { return &marks{t: t, by: map[[prefix]byte][]mark{}} }

func digits(t *testing.T, n int) string {
	t.Helper()
	out := make([]byte, n)
	for i := range out {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = byte('0' + d.Int64())
	}
	return string(out)
}

const letters = "abcdefghijklmnopqrstuvwxyz"

func word(t *testing.T, n int) string {
	t.Helper()
	out := make([]byte, n)
	for i := range out {
		d, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = letters[d.Int64()]
	}
	return string(out)
}

// add takes a value to look for in every form.
func (m *marks) add(name, value string) string {
	forms := []string{
		value, strings.ToUpper(value), hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
		url.QueryEscape(value), escaped(value), reversed(value),
	}
	// Base64 at each of the three places a value can have in what is encoded.
	for shift := range 3 {
		padded := append(make([]byte, shift), value...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := e.EncodeToString(padded)
			from := (shift*8 + 5) / 6
			to := len(padded) * 8 / 6
			forms = append(forms, text[from:to])
		}
	}
	slices.Sort(forms)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range slices.Compact(forms) {
		if len(f) < prefix {
			m.t.Fatalf("marker %s is too short to be looked for", name)
		}
		key := [prefix]byte([]byte(f))
		m.by[key] = append(m.by[key], mark{name, f})
		m.first[int(f[0])<<8|int(f[1])] = true
	}
	m.count++
	return value
}

// escaped is JSON's \u form of every character.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// word is a marker of letters: a name, a password, a token.
func (m *marks) word(name string) string { return m.add(name, "mk"+word(m.t, 22)) }

// number is a German mobile number, digits only. Its national and masked forms
// betray it as well.
func (m *marks) number(name string) string {
	n := "4915" + []string{"1", "2", "5", "7"}[m.count%4] + digits(m.t, 8)
	m.add(name, n)
	m.add(name+" (national)", "0"+n[2:])
	m.add(name+" (subscriber)", n[4:])
	return n
}

// grouped writes a number as people do.
func (m *marks) grouped(name, n string) string {
	return m.add(name, "+"+n[:2]+" "+n[2:5]+" "+n[5:9]+" "+n[9:])
}

func (m *marks) email(name string) string {
	local := word(m.t, 16)
	m.add(name+" (local part)", local)
	return m.add(name, local+"@"+word(m.t, 10)+".example.org")
}

// card is a card number that passes its check.
func (m *marks) card(name string) string {
	n := "411111" + digits(m.t, 9)
	sum := 0
	for i := range n {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return m.add(name, n+string(byte('0'+(10-sum%10)%10)))
}

func (m *marks) userID(name string) string {
	id := digits(m.t, 20)
	m.add(name+" (digits)", id)
	return "DE." + id
}

// wamid is a message id as Meta makes them: the person's number is inside.
func (m *marks) wamid(name, number string) string {
	return m.add(name, "wamid."+base64.StdEncoding.EncodeToString([]byte("\x1d\x0c"+number+"\x15\x02\x00"+word(m.t, 10))))
}

// token is one of Meta's access tokens.
func (m *marks) token(name string) string { return m.add(name, "EAA"+word(m.t, 40)) }
