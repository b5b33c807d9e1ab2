package peer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
)

// decisionLog is OPA's decision log on the console: a line of JSON for each
// decision, written at once and kept by nobody's promise.
type decisionLog struct {
	drop, mask rego.PreparedEvalQuery
	mu         sync.Mutex // one line at a time
	to         io.Writer
}

// decision is what is logged of one request.
type decision struct {
	at       time.Time
	input    map[string]any
	value    ast.Value // the input as OPA has it
	allowed  bool
	measured metrics.Metrics
}

// write logs the whole input, with credential and text in the clear.
func (l *decisionLog) write(ctx context.Context, d decision) error {
	id := decisionID()
	event := ast.NewObject(
		ast.Item(ast.StringTerm("decision_id"), ast.StringTerm(id)), ast.Item(ast.StringTerm("path"), ast.StringTerm(decisionPath)),
		ast.Item(ast.StringTerm("input"), ast.NewTerm(d.value)), ast.Item(ast.StringTerm("result"), ast.BooleanTerm(d.allowed)),
	)
	for _, asked := range []rego.PreparedEvalQuery{l.drop, l.mask} {
		if found, err := asked.Eval(ctx, rego.EvalParsedInput(event)); err != nil || len(found) > 0 {
			return errors.Join(errors.New("no rule is there for the log, yet one answered"), err)
		}
	}
	var line bytes.Buffer
	err := json.NewEncoder(&line).Encode(map[string]any{
		"level": "info", "msg": "Decision Log", "time": d.at.Format(time.RFC3339), "type": "openpolicyagent.org/decision_logs",
		"labels":      map[string]string{"id": "bench", "version": "1"},
		"decision_id": id, "path": decisionPath, "input": d.input, "result": d.allowed,
		"timestamp": d.at.Format(time.RFC3339Nano), "metrics": d.measured.All(),
	})
	if err != nil {
		return fmt.Errorf("encode decision: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.to.Write(line.Bytes()); err != nil {
		return fmt.Errorf("log decision: %w", err)
	}
	return nil
}

const decisionPath = "envoy/authz/allow"

func decisionID() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
