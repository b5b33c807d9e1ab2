package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/flows"
)

func flowsRefused(code admin.Code, message string) error {
	return &admin.Error{Code: code, Message: message}
}

// flowKeys finds a number's keys; the first is the current one.
func (g *Gateway) flowKeys(number string) (tenant string, f *boot.Flow, err error) {
	tenant, f, ok := g.routes.Load().flow(number)
	if !ok {
		return "", nil, flowsRefused(admin.NotFound, "no number with that id has flow: in the configuration")
	}
	return tenant, f, nil
}

// uploadFlowKey gives Meta the number's current public key and looks at what
// Meta has then. That it is tried is recorded before.
func (g *Gateway) uploadFlowKey(ctx context.Context, number, actor string) (admin.FlowKey, error) {
	none := admin.FlowKey{}
	tenant, f, err := g.flowKeys(number)
	if err != nil {
		return none, err
	}
	current, _ := g.flowPair(number, f)
	switch {
	case current == nil && f.Keystore:
		return none, flowsRefused(admin.Conflict, "the number has no flow key yet; make one with: postern flows key new "+number)
	case current == nil:
		return none, flowsRefused(admin.Conflict, "the number's flow key can not be read; see: postern config check")
	}
	public, err := current.Public()
	if err != nil {
		return none, err
	}
	token, err := g.token(tenant)
	if err != nil {
		return none, err
	}
	if err := g.recordFlowKey(ctx, tenant, number, actor, "uploading", 0); err != nil {
		return none, err
	}
	a := g.upstream.PostForm(ctx, token, "/"+number+"/whatsapp_business_encryption", url.Values{"business_public_key": {string(public)}})
	result := "uploaded"
	if !a.Answered() || a.Status != http.StatusOK {
		result = "failed"
	}
	if err := g.recordFlowKey(ctx, tenant, number, actor, result, a.Status); err != nil {
		return none, err
	}
	if result == "failed" {
		return none, flowsRefused(admin.Unavailable, fmt.Sprintf("Meta did not take the key (status %d); see GET /readyz, and whether the token may manage the number", a.Status))
	}
	return g.lookAtFlowKey(ctx, number)
}

func (g *Gateway) recordFlowKey(ctx context.Context, tenant, number, actor, result string, status int) error {
	return g.store.Journal.Append(context.WithoutCancel(ctx), journal.Batch{Records: []audit.Record{
		g.flowKeyRecord(tenant, number, actor, result, status),
	}})
}

func (g *Gateway) flowKeyRecord(tenant, number, actor, result string, status int) audit.Record {
	now := g.now()
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAccess, Time: now.UnixMicro(), Tenant: tenant, Number: number,
		Actor: actor, Type: "flow_key", Result: result, Code: int64(status),
	}
}

// checkFlowKey asks Meta which key it has.
func (g *Gateway) checkFlowKey(ctx context.Context, number string) (admin.FlowKey, error) {
	out := admin.FlowKey{Number: number}
	tenant, f, err := g.flowKeys(number)
	if err != nil {
		return out, err
	}
	token, err := g.token(tenant)
	if err != nil {
		return out, err
	}
	a := g.upstream.Get(ctx, token, "/"+number+"/whatsapp_business_encryption")
	if !a.Answered() || a.Status != http.StatusOK {
		return out, flowsRefused(admin.Unavailable, fmt.Sprintf("Meta did not say which key it has (status %d)", a.Status))
	}
	current, previous := g.flowPair(number, f)
	out.State, err = flowKeyState(a.Body, current, previous)
	return out, err
}

// uploadedKey is Meta's answer in both documented shapes: bare, or as the one
// element of data.
type uploadedKey struct {
	Key    string        `json:"business_public_key"`
	Status string        `json:"business_public_key_signature_status"`
	Data   []uploadedKey `json:"data"`
}

func flowKeyState(answer []byte, current, previous *flows.Key) (admin.FlowKeyState, error) {
	var k uploadedKey
	if err := json.Unmarshal(answer, &k); err != nil {
		return "", flowsRefused(admin.Unavailable, "Meta's answer can not be read")
	}
	if len(k.Data) > 0 {
		k = k.Data[0]
	}
	holds := func(key *flows.Key) bool { return key != nil && key.Matches([]byte(k.Key)) }
	switch {
	case k.Key == "":
		return admin.FlowKeyMissing, nil
	case !holds(current) && !holds(previous):
		return admin.FlowKeyOther, nil
	case k.Status != "VALID":
		return admin.FlowKeyUnsigned, nil
	case holds(current):
		return admin.FlowKeyCurrent, nil
	}
	return admin.FlowKeyPrevious, nil
}
