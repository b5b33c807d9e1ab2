package admin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
)

const (
	scopeOperator = "operator"
	setupActor    = "setup" // who adds the first operator
)

var operatorName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,31}$`)

// Operator is a person with a role, without the key.
type Operator struct {
	Name    string   `json:"name"`
	Role    Role     `json:"role"`
	Tenants []string `json:"tenants,omitempty"` // with RoleReveal: whose records may be opened
	Created int64    `json:"created"`           // Unix seconds
	Actor   string   `json:"actor"`             // who added it
}

// stored is an operator's row. Sum is a keyed hash of the key.
type stored struct {
	Operator
	Version uint32 `json:"version"`
	Sum     []byte `json:"sum"`

	row journal.Setting // as it stands in the store
}

func (s *Service) operators(ctx context.Context) ([]stored, error) {
	rows, err := s.cfg.Journal.Settings(ctx, scopeOperator)
	if err != nil {
		return nil, fmt.Errorf("read operators: %w", err)
	}
	out := make([]stored, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Value, &out[i]); err != nil {
			return nil, errors.New("read operators: a stored one is damaged; verify the journal")
		}
		out[i].row = row
	}
	slices.SortFunc(out, func(a, b stored) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// authenticate finds the operator whose key it is.
func (s *Service) authenticate(ctx context.Context, key string, o operation) (Actor, error) {
	all, err := s.operators(ctx)
	if err != nil {
		return Actor{}, classify(err)
	}
	if len(all) == 0 {
		if s.cfg.Direct && o.setup {
			return Actor{Name: setupActor, Role: RoleApprove}, nil
		}
		return Actor{}, refuse(Unauthenticated, "there is no operator yet; stop the gateway and add the first with: postern operator add NAME --role approve")
	}
	for _, op := range all {
		if key != "" && s.cfg.Keys.VerifyMAC(keyring.App, op.Version, op.Sum, []byte(scopeOperator), []byte(key)) {
			s.rehash(ctx, op, key)
			return Actor{Name: op.Name, Role: op.Role, since: op.Created}, nil
		}
	}
	if key == "" {
		return Actor{}, refuse(Unauthenticated, "no operator key given; use --operator-key FILE, POSTERN_OPERATOR_KEY_FILE, or operator_key in the configuration")
	}
	return Actor{}, refuse(Unauthenticated, "the operator key is not known; it may have been revoked")
}

// rehash moves a key that was just used to the active version of its hash. It
// gives nobody another right, so it has no record; one revoked meanwhile stays
// revoked. Where it fails the next use tries again.
func (s *Service) rehash(ctx context.Context, op stored, key string) {
	version, sum, err := s.cfg.Keys.MAC(keyring.App, []byte(scopeOperator), []byte(key))
	if err != nil || version == op.Version {
		return
	}
	op.Version, op.Sum = version, sum[:]
	now, err := json.Marshal(op)
	if err != nil {
		return
	}
	_, _ = s.cfg.Journal.ReplaceSettings(ctx, []journal.Resealed{{Setting: op.row, Now: now}}) // kept as it was
}

// OperatorAdd asks for operator.add.
type OperatorAdd struct {
	Name    string   `json:"name"`
	Role    Role     `json:"role"`
	Tenants []string `json:"tenants,omitempty"` // for RoleReveal; may be left out while there is one
}

// OperatorKey answers operator.add. The key is shown once and never again.
type OperatorKey struct {
	Operator
	Key string `json:"key"`
}

func (s *Service) operatorAdd(ctx context.Context, a Actor, in OperatorAdd) (OperatorKey, error) {
	all, err := s.operators(ctx)
	switch {
	case err != nil:
		return OperatorKey{}, err
	case !operatorName.MatchString(in.Name) || in.Name == setupActor || in.Name == "system" || in.Name == "meta":
		return OperatorKey{}, refuse(Invalid, "an operator's name has lower-case letters, digits, '.', '_' and '-', at most 32, and is not setup, system or meta")
	case !slices.Contains(roles, in.Role) && in.Role != RoleReveal:
		return OperatorKey{}, refuse(Invalid, "the role is read, operate, approve or reveal")
	case len(all) == 0 && in.Role != RoleApprove:
		return OperatorKey{}, refuse(Invalid, "the first operator needs role approve, else nobody could add another")
	case slices.ContainsFunc(all, func(o stored) bool { return o.Name == in.Name }):
		return OperatorKey{}, refuse(Conflict, "operator %s exists; revoke it first to give out a new key", in.Name)
	}
	tenants, err := s.revealTenants(in)
	if err != nil {
		return OperatorKey{}, err
	}
	key := newKey()
	row := stored{Operator: Operator{Name: in.Name, Role: in.Role, Tenants: tenants, Created: s.cfg.Now().Unix(), Actor: a.Name}}
	version, sum, err := s.cfg.Keys.MAC(keyring.App, []byte(scopeOperator), []byte(key))
	if err != nil {
		return OperatorKey{}, fmt.Errorf("hash operator key: %w", err)
	}
	row.Version, row.Sum = version, sum[:]
	return OperatorKey{Operator: row.Operator, Key: key}, s.putOperator(ctx, a, "operator_added", row)
}

// putOperator stores a row, or deletes it when its sum is empty, together with
// the other rows.
func (s *Service) putOperator(ctx context.Context, a Actor, what string, row stored, also ...journal.Setting) error {
	var value []byte
	if row.Sum != nil {
		var err error
		if value, err = json.Marshal(row); err != nil {
			return fmt.Errorf("encode operator: %w", err)
		}
	}
	r := s.record(audit.KindAccess, a, what)
	r.Result = row.Name
	r.Labels = []string{"role:" + string(row.Role)}
	for _, t := range row.Tenants {
		r.Labels = append(r.Labels, "tenant:"+t)
	}
	return s.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{r},
		Settings: append(also, journal.Setting{Scope: scopeOperator, Key: row.Name, Value: value, Time: r.Time}),
	})
}

// None asks for nothing beside the operation itself.
type None struct{}

func (s *Service) operatorList(ctx context.Context, _ Actor, _ None) ([]Operator, error) {
	all, err := s.operators(ctx)
	out := make([]Operator, len(all))
	for i, o := range all {
		out[i] = o.Operator
	}
	return out, err
}

// Name asks for something by its name or id.
type Name struct {
	Name string `json:"name"`
}

func (s *Service) operatorRevoke(ctx context.Context, a Actor, in Name) (None, error) {
	s.revealing.Lock()
	defer s.revealing.Unlock()
	all, err := s.operators(ctx)
	if err != nil {
		return None{}, err
	}
	approvers, found := 0, -1
	for i, o := range all {
		if o.Role == RoleApprove {
			approvers++
		}
		if o.Name == in.Name {
			found = i
		}
	}
	if found < 0 {
		return None{}, refuse(NotFound, "no operator of that name; see: postern operator list")
	}
	if all[found].Role == RoleApprove && approvers == 1 {
		return None{}, refuse(Conflict, "%s is the last operator with role approve; add another one first", in.Name)
	}
	withdrawn, err := s.withdraw(ctx, in.Name)
	if err != nil {
		return None{}, err
	}
	return None{}, s.putOperator(ctx, a, "operator_revoked", stored{Operator: all[found].Operator}, withdrawn...)
}

// record begins a record of something an operator did.
func (s *Service) record(kind audit.Kind, a Actor, what string) audit.Record {
	now := s.cfg.Now()
	return audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Actor: a.Name, Type: what}
}

// newKey is 256 random bits as text.
func newKey() string {
	var raw [32]byte
	rand.Read(raw[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}
