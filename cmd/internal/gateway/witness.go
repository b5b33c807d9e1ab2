package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/audit"
	"postern/cmd/internal/boot"
)

// witnessPatience bounds how long a checkpoint waits for all its witnesses.
const witnessPatience = 2 * time.Second

var errWitness = errors.New("witness did not sign")

// cosign asks all witnesses to sign the checkpoint and returns it with the
// signatures that came. It counts without them: who does not answer, or
// refuses, is an alarm and is asked again for the next one.
func (g *Gateway) cosign(ctx context.Context, at audit.Checkpoint, note []byte) []byte {
	witnesses := g.config.Load().Checkpoints.Witnesses
	if len(witnesses) == 0 {
		return note
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	lines, errs := make([][]byte, len(witnesses)), make([]error, len(witnesses))
	var wg sync.WaitGroup
	for i, w := range witnesses {
		wg.Go(func() { lines[i], errs[i] = g.ask(ctx, w, at, note) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			g.log.Warn().Err(err).Int("witness", i+1).Msg("checkpoint not cosigned")
			g.metrics.Alarm("witness")
		}
	}
	return slices.Concat(append([][]byte{note}, lines...)...)
}

// ask offers the checkpoint as the first one; a witness that has seen earlier
// ones says up to where, and gets the proof that this one continues them.
func (g *Gateway) ask(ctx context.Context, w boot.Witness, at audit.Checkpoint, note []byte) ([]byte, error) {
	status, body, err := post(ctx, w.URL, audit.WitnessRequest(0, nil, note))
	if err == nil && status == http.StatusConflict {
		var proof [][32]byte
		old, bad := strconv.ParseUint(strings.TrimSuffix(string(body), "\n"), 10, 63)
		if bad != nil || old == 0 || old > at.Size {
			return nil, fmt.Errorf("%w: it has seen a longer trail than there is", errWitness)
		}
		if old < at.Size {
			if proof, err = g.store.Journal.Reader().ProveGrowth(ctx, old, at.Size, at.Root); err != nil {
				return nil, err
			}
		}
		status, body, err = post(ctx, w.URL, audit.WitnessRequest(old, proof, note))
	}
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d (422 and 409: it holds another history for signed)", errWitness, status)
	}
	return cosignature(w, note, body)
}

// cosignature is the one line of the answer that is the witness's own.
func cosignature(w boot.Witness, note, body []byte) ([]byte, error) {
	key, err := audit.ParseWitness(w.Key)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(body) {
		if _, err := audit.OpenCheckpoint(slices.Concat(note, line), key); err == nil {
			return line, nil
		}
	}
	return nil, fmt.Errorf("%w: what it answered is not signed with its key", errWitness)
}

// post sends one request. Errors hold no address.
func post(ctx context.Context, base string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: its address can not be used", errWitness)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: it can not be reached", errWitness)
	}
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return 0, nil, fmt.Errorf("%w: its answer was cut short", errWitness)
	}
	return resp.StatusCode, answer, nil
}
