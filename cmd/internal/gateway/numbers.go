package gateway

import "postern/cmd/internal/numbers"

// newNumbers is what operators ask about numbers, over the gateway's parts.
func (g *Gateway) newNumbers() *numbers.Desk {
	return numbers.New(numbers.Config{
		Now: g.now, Config: g.config.Load, Token: g.token, Upstream: g.upstream, Journal: g.store.Journal, Facts: g.facts,
		Apps: g.identity, Settings: g.settings, Gate: g.gate, Alarm: g.metrics.Alarm, Log: g.log,
		Storage: g.askStorage, D360Webhook: g.numberWebhook,
		FlowKey: g.lookAtFlowKey, UploadFlowKey: g.uploadFlowKey, Encryption: g.encryptionStatus, EnableEncryption: g.enableEncryption,
		Refresh: g.refreshTenant, Registered: g.numberChanged, Restricted: g.restricted,
	})
}
