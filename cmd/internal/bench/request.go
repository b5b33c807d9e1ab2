package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"postern/cmd/internal/bench/load"
)

// Recipients are +49 151 and eight digits.
const (
	numberPrefix = "49151"
	numberDigits = 8
	maxPeople    = 1_000_000
	stride       = 7919 // a prime: requests in a row go to people far apart
)

// number is the number of person n, digits with country code.
func number(n int) string { return fmt.Sprintf("%s%0*d", numberPrefix, numberDigits, n) }

const sendPath = "/" + graphVersion + "/" + phoneID + "/messages"

// letters is a request with a place for the recipient. The text has 60
// characters and nothing that a scanner would find.
type letters struct {
	whole  []byte
	at     int // of the digits that differ
	people int
}

func newLetters(host, token string, people int) letters {
	body := `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+` + number(0) +
		`","type":"text","text":{"body":"Your order has left our house and will be with you by noon."}}`
	whole := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		sendPath, host, token, len(body), body)
	at := bytes.LastIndex(whole, []byte(number(0))) + len(numberPrefix)
	return letters{whole: whole, at: at, people: people}
}

// body is that of the request.
func (l letters) body() []byte { return l.whole[bytes.IndexByte(l.whole, '{'):] }

// sheets gives each worker its own copy to write recipients into, and begins
// at another person each time.
func (l letters) sheets(workers int) func(worker, i int) []byte {
	begin := rand.IntN(l.people) //nolint:gosec // not a secret
	copies := make([][]byte, workers)
	for w := range copies {
		copies[w] = bytes.Clone(l.whole)
	}
	return func(worker, i int) []byte {
		n := (begin + i*stride) % l.people
		digits := copies[worker][l.at : l.at+numberDigits]
		for at := numberDigits - 1; at >= 0; at-- {
			digits[at] = byte('0' + n%10)
			n /= 10
		}
		return copies[worker]
	}
}

// target is one of the ways that are compared. The way straight to upstream has
// no process.
type target struct {
	name    string
	pool    *load.Pool
	letters letters
	pid     int
	beside  int    // the process that it asks about each message; 0 without one
	metrics string // URL that answers the count of allocations; "" where nobody counts them
}
