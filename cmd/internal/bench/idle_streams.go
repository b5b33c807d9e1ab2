package main

import (
	"context"
	"errors"
	"strconv"

	"postern/cmd/internal/bench/machine"
	"postern/cmd/internal/bench/peer"
)

// IdleStreams is what a gateway keeps for requests of which Envoy has sent the
// head and not yet the body.
type IdleStreams struct {
	Count float64 `json:"count"`
	KiB   float64 `json:"kib_each"` // of the process's memory
}

// idleStreams opens them at the gateway before its first message, so that they
// find no memory that an earlier load left behind.
func (e *edges) idleStreams(ctx context.Context, s site) (out IdleStreams, err error) {
	machine.Nap(e.options.Idle)
	before, err := machine.Process(e.postern.pid)
	if err != nil {
		return out, err
	}
	end, err := peer.Hold(ctx, s.path(posternSocket), e.options.Streams, [][2]string{
		{":method", "POST"}, {":scheme", "https"}, {":authority", e.postern.pool.Address}, {":path", sendPath},
		{"authorization", "Bearer " + e.gateway.key}, {"content-type", "application/json"}, {"content-length", strconv.Itoa(len(e.postern.letters.body()))},
	})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, end()) }()
	machine.Nap(e.options.Idle)
	after, err := machine.Process(e.postern.pid)
	out.Count = float64(e.options.Streams)
	out.KiB = float64(after.Resident-before.Resident) / 1024 / out.Count
	return out, err
}
