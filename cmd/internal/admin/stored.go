package admin

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"postern/audit/journal"
)

// storedIn reads what the store keeps in a scope, in the order of its keys. What
// says in errors what is being read: "read redactions".
func storedIn[T any](ctx context.Context, s *Service, scope, what string) ([]T, error) {
	rows, err := s.cfg.Journal.Settings(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Value, &out[i]); err != nil {
			return nil, fmt.Errorf("%s: a stored one is damaged; verify the journal", what) // its text may stand in the error
		}
	}
	return out, nil
}

// setting is the row that keeps v in a scope under a key.
func setting(scope, key string, v any, at int64) (journal.Setting, error) {
	value, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return journal.Setting{}, fmt.Errorf("encode %s: %w", scope, err)
	}
	return journal.Setting{Scope: scope, Key: key, Value: value, Time: at}, nil
}
