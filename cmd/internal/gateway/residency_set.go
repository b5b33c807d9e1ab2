package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// Words of storage_configuration.status (Meta, Local Storage and No Storage).
const (
	storageLocal    = "IN_COUNTRY_STORAGE_ENABLED"
	storageDisabled = "IN_COUNTRY_STORAGE_DISABLED"
	storageDefault  = "DEFAULT"
	storageNone     = "NO_STORAGE_ENABLED"
)

// noStorageMinutes is the only time that No Storage takes.
const noStorageMinutes = 60

// storage is a number's setting at upstream.
type storage struct {
	Status    string `json:"status"`
	Region    string `json:"data_localization_region,omitempty"`
	Retention int    `json:"retention_minutes,omitzero"`
}

// residency reads the setting. A status that nobody knows, or a region that is
// missing, says nothing.
func (s storage) residency() policy.Residency {
	region := strings.ToUpper(s.Region)
	switch strings.ToUpper(s.Status) {
	case storageLocal:
		if isRegion(region) {
			return policy.Residency{Kind: policy.ResidencyLocal, Region: region}
		}
	case storageNone:
		return policy.Residency{Kind: policy.ResidencyNone}
	case storageDefault, storageDisabled:
		return policy.Residency{Kind: policy.ResidencyDefault}
	}
	return policy.Residency{Kind: policy.ResidencyUnknown}
}

func isRegion(s string) bool {
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// askStorage asks upstream where it keeps the messages of a number.
func (g *Gateway) askStorage(ctx context.Context, tenant, number string) (policy.Residency, error) {
	var out struct {
		Storage storage `json:"storage_configuration"`
	}
	token, err := g.token(tenant)
	if err != nil {
		return policy.Residency{}, err
	}
	a := g.upstream.Get(ctx, token, "/"+number+"/settings")
	if blocked := new(upstream.Blocked); errors.As(a.Err, &blocked) {
		return out.Storage.residency(), nil // whoever connects the number has no such call: never known
	}
	if err := answered(a, &out); err != nil {
		return policy.Residency{}, err
	}
	return out.Storage.residency(), nil
}

// showResidency is what is known of one number, asked anew, or of all.
func (g *Gateway) showResidency(ctx context.Context, number string) ([]admin.Residency, error) {
	out := []admin.Residency{}
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			if number != "" && n.ID != number {
				continue
			}
			if number != "" {
				if err := g.refreshResidency(ctx, t.Name, number); err != nil {
					return nil, err
				}
			}
			out = append(out, g.residencyView(t.Name, n.ID))
		}
	}
	if number != "" && len(out) == 0 {
		return nil, noSuchNumber()
	}
	return out, nil
}

func noSuchNumber() error {
	return &admin.Error{Code: admin.NotFound, Message: "the configuration names no such number; write its phone_number_id"}
}

func (g *Gateway) residencyView(tenant, number string) admin.Residency {
	known, since := g.facts.Residency(tenant, number)
	out := admin.Residency{Tenant: tenant, Number: number, Kind: known.Kind, Region: known.Region, Policy: g.policy.Residency(tenant, number, known)}
	if !since.IsZero() {
		out.Since = since.Unix()
	}
	return out
}

// refreshResidency asks upstream now; no answer is an error.
func (g *Gateway) refreshResidency(ctx context.Context, tenant, number string) error {
	before := g.residencies.of(number).change
	said, err := g.askStorage(ctx, tenant, number)
	if err != nil {
		return err
	}
	if g.residencies.of(number).change != before {
		return &admin.Error{Code: admin.Conflict, Message: "the number is being changed just now; ask again"}
	}
	return g.learnResidency(ctx, tenant, number, said)
}

// setting is what upstream is told for a residency.
func setting(kind, region string) (storage, error) {
	switch {
	case kind == policy.ResidencyLocal && isRegion(region):
		return storage{Status: storageLocal, Region: region}, nil
	case kind == policy.ResidencyNone && region == "":
		return storage{Status: storageNone, Retention: noStorageMinutes}, nil
	case kind == policy.ResidencyDefault && region == "":
		return storage{Status: storageDisabled}, nil
	}
	return storage{}, &admin.Error{Code: admin.Invalid, Message: "write a region of Local Storage as two capital letters, none for No Storage, or default"}
}

// setResidency has upstream keep the messages of a number elsewhere, on record
// before it is asked. Without confirm it says only what would be done.
func (g *Gateway) setResidency(ctx context.Context, in admin.ResidencySet, actor string) (admin.ResidencyChange, error) {
	out := admin.ResidencyChange{}
	t, _, n, ok := g.config.Load().Number(in.Number)
	if !ok {
		return out, noSuchNumber()
	}
	to, err := setting(in.Kind, in.Region)
	if err != nil {
		return out, err
	}
	if err := g.refreshResidency(ctx, t.Name, n.ID); err != nil {
		return out, err
	}
	if out.Registered, err = g.isRegistered(ctx, t.Name, n.ID); err != nil {
		return out, err
	}
	if in.Confirm && out.Registered {
		return out, &admin.Error{Code: admin.Conflict, Message: "the number is registered, and WhatsApp changes where its messages rest only while it is not: have its app call POST /" + n.ID + "/deregister, set it, then register the number again"}
	}
	if in.Confirm {
		if err := g.moveStorage(ctx, t.Name, n.ID, to, actor); err != nil {
			return out, err
		}
		out.Done = true
	}
	out.Now = g.residencyView(t.Name, n.ID)
	return out, nil
}

func (g *Gateway) isRegistered(ctx context.Context, tenant, number string) (bool, error) {
	token, err := g.token(tenant)
	if err != nil {
		return false, err
	}
	a := g.upstream.Get(ctx, token, "/"+number+"?fields="+dialect.RegistrationFields)
	if !a.Answered() || a.Status != http.StatusOK {
		return false, &admin.Error{Code: admin.Unavailable, Message: fmt.Sprintf("WhatsApp did not say whether the number is registered (status %d); see GET /readyz", a.Status)}
	}
	said, err := dialect.DecodeRegistration(a.Body)
	if err != nil {
		return false, &admin.Error{Code: admin.Unavailable, Message: "WhatsApp's answer can not be read"}
	}
	return said.Active, nil
}

// moveStorage makes the change and looks at what upstream has then.
func (g *Gateway) moveStorage(ctx context.Context, tenant, number string, to storage, actor string) error {
	ctx = context.WithoutCancel(ctx) // a change that is made is followed to its end
	body, err := json.Marshal(map[string]storage{"storage_configuration": to})
	if err != nil {
		return err
	}
	token, err := g.token(tenant)
	if err != nil {
		return err
	}
	word := residencyWord(to.residency())
	unknown := func() facts.Row { // from before upstream is asked on, so that a crash leaves nothing known that is over
		return g.facts.NewResidency(tenant, number, policy.Residency{Kind: policy.ResidencyUnknown}, g.now())
	}
	if err := g.recordStorage(ctx, tenant, number, actor, "setting "+word, unknown()); err != nil {
		return err
	}
	a := g.upstream.Post(ctx, token, "/"+number+"/settings", body)
	if blocked := new(upstream.Blocked); errors.As(a.Err, &blocked) {
		if err := g.recordStorage(ctx, tenant, number, actor, "failed "+word); err != nil {
			return err
		}
		return &admin.Error{Code: admin.Unavailable, Message: blocked.Reason}
	}
	var done struct {
		Success bool `json:"success"`
	}
	failed := answered(a, &done)
	g.numberChanged(number)
	if failed == nil && !done.Success {
		failed = &admin.Error{Code: admin.Unavailable, Message: "WhatsApp did not take the change"}
	}
	result := "set " + word
	switch {
	case failed != nil && a.Answered():
		result = "failed " + word
	case failed != nil:
		result = "unknown " + word
	}
	if err := g.recordStorage(ctx, tenant, number, actor, result, unknown()); err != nil {
		return err
	}
	g.numberChanged(number)
	if failed != nil {
		return failed
	}
	said, err := g.askStorage(ctx, tenant, number)
	if err != nil {
		return err
	}
	return g.learnResidency(ctx, tenant, number, said)
}

func (g *Gateway) recordStorage(ctx context.Context, tenant, number, actor, result string, rows ...facts.Row) error {
	now := g.now()
	rec := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor,
		Tenant: tenant, Number: number, Type: "residency", Result: result,
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	proxy.AddFacts(&b, g.facts, rec.ID, rows...)
	if err := g.store.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("record residency: %w", err)
	}
	return nil
}
