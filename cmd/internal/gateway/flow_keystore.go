package gateway

import (
	"context"
	"errors"

	"postern/cmd/internal/admin"
	"postern/proxy/settings"
)

// keystoreFlow finds a number whose keys are in the keystore.
func (g *Gateway) keystoreFlow(number string) (tenant string, err error) {
	tenant, f, err := g.flowKeys(number)
	if err == nil && !f.Keystore {
		err = flowsRefused(admin.Conflict, "the number's key is named in the configuration; write key: keystore there and reload")
	}
	return tenant, err
}

// newFlowKey makes a key in the keystore. The one before goes on opening
// requests until it is retired.
func (g *Gateway) newFlowKey(ctx context.Context, number, actor string) (admin.FlowKeyMade, error) {
	tenant, err := g.keystoreFlow(number)
	if err != nil {
		return admin.FlowKeyMade{}, err
	}
	err = g.flowStore.Create(ctx, number, g.flowKeyRecord(tenant, number, actor, "created", 0))
	if errors.Is(err, settings.ErrTwoKeys) {
		err = flowsRefused(admin.Conflict, "the number has a previous key yet; once Meta has the current one, run: postern flows key retire "+number)
	}
	return g.flowKeyMade(number), err
}

// retireFlowKey destroys the previous key, once Meta has the current one.
func (g *Gateway) retireFlowKey(ctx context.Context, number, actor string) (admin.FlowKeyMade, error) {
	tenant, err := g.keystoreFlow(number)
	if err != nil {
		return admin.FlowKeyMade{}, err
	}
	if _, previous := g.flowStore.Pair(number); previous != nil {
		k, err := g.checkFlowKey(ctx, number)
		if err != nil {
			return admin.FlowKeyMade{}, err
		}
		if k.State != admin.FlowKeyCurrent {
			return admin.FlowKeyMade{}, flowsRefused(admin.Conflict, "Meta does not have the current key; run: postern flows key upload "+number)
		}
	}
	err = g.flowStore.Retire(ctx, number, g.flowKeyRecord(tenant, number, actor, "retired", 0))
	if errors.Is(err, settings.ErrOneKey) {
		err = flowsRefused(admin.Conflict, "the number has no previous key")
	}
	return g.flowKeyMade(number), err
}

func (g *Gateway) flowKeyMade(number string) admin.FlowKeyMade {
	_, previous := g.flowStore.Pair(number)
	return admin.FlowKeyMade{Number: number, Previous: previous != nil}
}
