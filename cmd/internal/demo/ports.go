package demo

import (
	"errors"
	mathrand "math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// ports are those of a demo.
const ports = 8

// ClaimPorts finds eight ports in a row that are free, below the range that
// outgoing connections get theirs from, and gives the first. Nobody else who
// claims gets one of them before release, though they are free at times: the
// claim is the first one's datagram port.
func ClaimPorts() (first int, release func(), err error) {
	for range 50 {
		first := 10_000 + ports*mathrand.IntN(20_000/ports)
		claim, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: first})
		if err != nil {
			continue
		}
		release := sync.OnceFunc(func() { claim.Close() }) //nolint:errcheck // nothing was sent
		if allFree(first) {
			return first, release, nil
		}
		release()
	}
	return 0, nil, errors.New("no eight free ports in a row")
}

func allFree(first int) bool {
	for i := range ports {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first+i)))
		if err != nil || l.Close() != nil {
			return false
		}
	}
	return true
}
