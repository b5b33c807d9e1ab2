package main

import (
	"github.com/hashicorp/go-hclog"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/logical/pki"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

// newCore is a sealed Vault over empty memory with the engines that tests use.
func newCore(log hclog.Logger) (*vault.Core, error) {
	storage, err := inmem.NewInmem(nil, log)
	if err != nil {
		return nil, err
	}
	return vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		StorageType:        "inmem",
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory, "pki": pki.Factory, "transit": transit.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory, "kubernetes": kubernetes.Factory},
		BuiltinRegistry:    noPlugins{},
		DisableMlock:       true,
		Logger:             log,
		NumRollbackWorkers: 1,
	})
}

// noPlugins is the catalogue of engines beside those linked in: empty.
type noPlugins struct{}

func (noPlugins) Contains(string, consts.PluginType) bool                   { return false }
func (noPlugins) Get(string, consts.PluginType) (func() (any, error), bool) { return nil, false }
func (noPlugins) Keys(consts.PluginType) []string                           { return nil }
func (noPlugins) IsBuiltinEntPlugin(string, consts.PluginType) bool         { return false }

func (noPlugins) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Unknown, false
}
