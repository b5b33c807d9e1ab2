package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/flows"
)

// FlowScope is the scope in the journal of the private keys of flows; the key is
// the number.
const FlowScope = "flow-private-key"

// Errors of a number's keys.
var (
	ErrTwoKeys = errors.New("the number has a previous key yet")
	ErrOneKey  = errors.New("the number has no previous key")
)

// FlowKeys are the private keys of numbers whose configuration keeps them in the
// keystore: sealed in the journal under purpose secret, never in a file. A number
// has a current key and, during a rotation, the previous one.
type FlowKeys struct {
	cfg Config

	changing sync.Mutex // one change at a time
	mu       sync.RWMutex
	by       map[string]flowPair
}

type flowPair struct{ current, previous *flows.Key }

// keptPair is a pair as it is sealed: PEM, PKCS #8.
type keptPair struct {
	Current  string `json:"current"`
	Previous string `json:"previous,omitempty"`
}

// LoadFlowKeys opens all stored keys. One that does not open is an error.
func LoadFlowKeys(ctx context.Context, cfg Config) (*FlowKeys, error) {
	k := &FlowKeys{cfg: cfg, by: map[string]flowPair{}}
	rows, err := cfg.Journal.Settings(ctx, FlowScope)
	if err != nil {
		return nil, fmt.Errorf("load keys of flows: %w", err)
	}
	for _, row := range rows {
		plain, err := cfg.Keys.UnsealSecret(boundTo(FlowScope, row.Key), row.Value)
		if err != nil {
			return nil, fmt.Errorf("open keys of flows: %w", err)
		}
		pair, err := readPair(plain)
		clear(plain)
		if err != nil {
			return nil, fmt.Errorf("read keys of flows: %w", err)
		}
		k.by[row.Key] = pair
	}
	return k, nil
}

func readPair(plain []byte) (pair flowPair, err error) {
	var kept keptPair
	if json.Unmarshal(plain, &kept) != nil {
		return pair, errors.New("a stored one is damaged; verify the journal")
	}
	if pair.current, err = flows.ParseKey([]byte(kept.Current)); err != nil || kept.Previous == "" {
		return pair, err
	}
	pair.previous, err = flows.ParseKey([]byte(kept.Previous))
	return pair, err
}

// Pair gives a number's current and previous key, nil where there is none.
func (k *FlowKeys) Pair(number string) (current, previous *flows.Key) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.by[number].current, k.by[number].previous
}

// Create makes a new current key; the one before becomes the previous one. With
// rec both are durable when it returns. ErrTwoKeys means that a rotation is under
// way.
func (k *FlowKeys) Create(ctx context.Context, number string, rec audit.Record) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	current, previous := k.Pair(number)
	if previous != nil {
		return ErrTwoKeys
	}
	fresh, err := flows.NewKey()
	if err != nil {
		return err
	}
	return k.keep(ctx, number, flowPair{fresh, current}, rec)
}

// Retire destroys the previous key: its sealed copy is overwritten. ErrOneKey
// means that there is none.
func (k *FlowKeys) Retire(ctx context.Context, number string, rec audit.Record) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	current, previous := k.Pair(number)
	if previous == nil {
		return ErrOneKey
	}
	return k.keep(ctx, number, flowPair{current: current}, rec)
}

func (k *FlowKeys) keep(ctx context.Context, number string, pair flowPair, rec audit.Record) error {
	value, err := k.seal(number, pair)
	if err != nil {
		return err
	}
	err = k.cfg.Journal.Append(context.WithoutCancel(ctx), journal.Batch{
		Records:  []audit.Record{rec},
		Settings: []journal.Setting{{Scope: FlowScope, Key: number, Value: value, Time: k.cfg.Now().UnixMicro()}},
	})
	if err != nil {
		return fmt.Errorf("keep keys of flows: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by[number] = pair
	return nil
}

func (k *FlowKeys) seal(number string, pair flowPair) ([]byte, error) {
	current, err := pair.current.Private()
	if err != nil {
		return nil, err
	}
	kept := keptPair{Current: string(current)}
	if pair.previous != nil {
		previous, err := pair.previous.Private()
		if err != nil {
			return nil, err
		}
		kept.Previous = string(previous)
	}
	plain, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("encode keys of flows: %w", err)
	}
	defer clear(plain)
	sealed, err := k.cfg.Keys.SealSecret(boundTo(FlowScope, number), plain)
	if err != nil {
		return nil, fmt.Errorf("seal keys of flows: %w", err)
	}
	return sealed, nil
}
