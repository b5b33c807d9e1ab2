package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"postern/policies"
	"postern/policy"
)

// question is what OPA's plugin for Envoy asks by default, and authz the answer
// in Postern's words: something to stand on and no refusal.
const (
	question = "data.envoy.authz.allow"
	authz    = `package envoy.authz

default allow := false

allow if {
	count(data.postern.message.basis) > 0
	count(data.postern.message.refuse) == 0
}
`
)

// OPA is a server for ext_authz that asks Postern's rules in OPA and writes each
// decision to a log, a line of JSON with the whole input, before it answers. It
// does what OPA's plugin for Envoy does with a request (opa-envoy-plugin,
// envoyauth/request.go and evaluation.go; OPA, plugins/logs): the question is
// prepared once, the input is the request as JSON with path and body parsed, and
// rules are asked whether the entry is to be logged and what of it masked, which
// they leave undefined.
func OPA(ctx context.Context, log io.Writer) (*grpc.Server, error) {
	engine, err := policy.Load(ctx, policies.Files)
	if err != nil {
		return nil, fmt.Errorf("load policies: %w", err)
	}
	options, err := ruleset(engine.Settings())
	if err != nil {
		return nil, err
	}
	o := &opa{types: engine.Settings().Messages.Outbound, log: decisionLog{to: log}, now: time.Now}
	for asked, to := range map[string]*rego.PreparedEvalQuery{
		question: &o.rules, "data.system.log.drop": &o.log.drop, "data.system.log.mask": &o.log.mask,
	} {
		if *to, err = rego.New(append(slices.Clone(options), rego.Query(asked))...).PrepareForEval(ctx); err != nil {
			return nil, fmt.Errorf("prepare rules: %w", err)
		}
	}
	s := grpc.NewServer(grpc.MaxRecvMsgSize(maxBody))
	auth.RegisterAuthorizationServer(s, o)
	return s, nil
}

// ruleset is Postern's policies with their settings, as a bundle of OPA has them.
func ruleset(settings *policy.Settings) ([]func(*rego.Rego), error) {
	raw, err := json.Marshal(map[string]any{"settings": settings})
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	var data map[string]any
	if err := util.UnmarshalJSON(raw, &data); err != nil {
		return nil, fmt.Errorf("decode settings: %w", err)
	}
	out := []func(*rego.Rego){rego.Store(inmem.NewFromObject(data)), rego.Module("authz.rego", authz)}
	names, err := fs.Glob(policies.Files, "*.rego")
	for _, name := range names {
		if strings.HasSuffix(name, "_test.rego") {
			continue
		}
		text, readErr := fs.ReadFile(policies.Files, name)
		err = errors.Join(err, readErr)
		out = append(out, rego.Module(name, string(text)))
	}
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return out, nil
}

// opa answers checks.
type opa struct {
	rules rego.PreparedEvalQuery
	types []string // of messages that may pass
	log   decisionLog
	now   func() time.Time
}

// Check decides one request of Envoy's and logs it.
func (o *opa) Check(ctx context.Context, req *auth.CheckRequest) (*auth.CheckResponse, error) {
	began, measured := o.now(), metrics.New()
	measured.Timer(metrics.ServerHandler).Start()
	in, err := input(req, o.types, began)
	if err != nil {
		return nil, err
	}
	value, err := ast.InterfaceToValue(in)
	if err != nil {
		return nil, fmt.Errorf("convert input: %w", err)
	}
	found, err := o.rules.Eval(ctx, rego.EvalParsedInput(value), rego.EvalMetrics(measured))
	if err != nil {
		return nil, fmt.Errorf("evaluate rules: %w", err)
	}
	measured.Timer(metrics.ServerHandler).Stop()
	allowed := found.Allowed()
	if err := o.log.write(ctx, decision{at: began, input: in, value: value, allowed: allowed, measured: measured}); err != nil {
		return nil, err
	}
	code := codes.PermissionDenied
	if allowed {
		code = codes.OK
	}
	return &auth.CheckResponse{Status: &rpc.Status{Code: int32(code)}}, nil //nolint:gosec // a small number
}
