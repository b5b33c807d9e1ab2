#!/bin/sh
# Prepares Vault for one gateway: KV v2 at "secret", two policies, and an AppRole
# whose secret ids only come wrapped. Run it once as somebody who may; running it
# again changes nothing that works. Needs the vault program, VAULT_ADDR and a login.
#
#   setup.sh PREFIX      PREFIX is the folder of the gateway's secrets, such as bank
set -eu

prefix=${1:?usage: setup.sh PREFIX}
case $prefix in *[!a-zA-Z0-9_-]*) echo "setup.sh: PREFIX is letters, digits, _ and -" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")" && pwd)

has() { vault read -field=accessor "sys/mounts/$1" >/dev/null 2>&1; }
has secret || vault secrets enable -path=secret -version=2 kv
vault read -field=accessor sys/mounts/auth/approle >/dev/null 2>&1 || vault auth enable approle

for name in postern postern-secrets; do
  sed "s/PREFIX/$prefix/" "$here/$name.hcl" | vault policy write "$name-$prefix" -
done
vault write "auth/approle/role/postern-$prefix" token_policies="postern-$prefix" \
  token_ttl=1h token_max_ttl=24h secret_id_num_uses=0 secret_id_ttl=0

echo "role_id: $(vault read -field=role_id "auth/approle/role/postern-$prefix/role-id")"
echo "before each start of the gateway, as its user:"
echo "  umask 077; vault write -wrap-ttl=5m -field=wrapping_token -f auth/approle/role/postern-$prefix/secret-id > secrets/vault-secret-id"
