package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
)

// revealTenants are the tenants whose records a new operator may open. They
// are named one by one: a tenant that comes later is none of them.
func (s *Service) revealTenants(in OperatorAdd) ([]string, error) {
	if in.Role != RoleReveal {
		if len(in.Tenants) > 0 {
			return nil, refuse(Invalid, "tenants are named with role reveal only: the other roles see nobody's sealed data")
		}
		return nil, nil
	}
	names := slices.Compact(slices.Sorted(slices.Values(in.Tenants)))
	if len(names) == 0 {
		names = []string{""} // the only one there is
	}
	for i, name := range names {
		var err error
		if names[i], err = s.tenant(name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// opening does what opens something sealed, for the operator as it stands now.
// One at a time: so no request is opened twice and no bound is passed by two at
// once. What is refused is told.
func opening[Out any](ctx context.Context, s *Service, a Actor, do func(Operator) (Out, error)) (Out, error) {
	s.revealing.Lock()
	defer s.revealing.Unlock()
	var out Out
	who, err := s.revealer(ctx, a)
	if err == nil {
		out, err = do(who)
	}
	if err != nil {
		s.revealed("refused", audit.ID{})
	}
	return out, err
}

// revealer is the operator as it stands now: it may have been revoked since
// its key was looked at.
func (s *Service) revealer(ctx context.Context, a Actor) (Operator, error) {
	all, err := s.operators(ctx)
	if err != nil {
		return Operator{}, err
	}
	i := slices.IndexFunc(all, func(o stored) bool {
		return o.Name == a.Name && o.Role == RoleReveal && o.Created == a.since
	})
	if i < 0 {
		return Operator{}, refuse(Unauthenticated, "the operator was revoked")
	}
	return all[i].Operator, nil
}

// withdraw ends the requests that an operator filed or approved.
func (s *Service) withdraw(ctx context.Context, operator string) ([]journal.Setting, error) {
	all, err := s.requests(ctx)
	var out []journal.Setting
	for _, q := range all {
		if q.Operator == operator || q.Approver == operator {
			out = append(out, q.gone(s.cfg.Now().UnixMicro()))
		}
	}
	return out, err
}

// spend counts an opening by the operator at the moment given (microseconds).
// The moments outlive a restart, and who is revoked and added again has them.
func (s *Service) spend(ctx context.Context, operator string, at int64) (journal.Setting, error) {
	rows, err := s.cfg.Journal.Settings(ctx, scopeOpened)
	if err != nil {
		return journal.Setting{}, fmt.Errorf("read openings: %w", err)
	}
	var moments []int64
	if i := slices.IndexFunc(rows, func(r journal.Setting) bool { return r.Key == operator }); i >= 0 {
		if err := json.Unmarshal(rows[i].Value, &moments); err != nil {
			return journal.Setting{}, errors.New("read openings: a stored row is damaged; verify the journal")
		}
	}
	hour := at - time.Hour.Microseconds()
	moments = slices.DeleteFunc(moments, func(m int64) bool { return m <= hour })
	if limit := s.cfg.Config().Reveal.PerHour; len(moments) >= limit {
		return journal.Setting{}, refuse(Conflict, "operator %s opened %d in the last hour, which is all that reveal.per_hour (%d) allows", operator, len(moments), limit)
	}
	value, err := json.Marshal(append(moments, at))
	if err != nil {
		return journal.Setting{}, fmt.Errorf("encode openings: %w", err)
	}
	return journal.Setting{Scope: scopeOpened, Key: operator, Value: value, Time: at}, nil
}
