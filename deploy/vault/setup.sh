#!/bin/sh
# Prepares Vault for one gateway over Vault's HTTP API. Needs curl and a login that
# may do all this; running it again changes nothing that works.
#
#   setup.sh PREFIX             KV v2 at secret, transit key postern-PREFIX, policies, AppRole postern-PREFIX
#   setup.sh PREFIX --pki NAMES the same, and the role postern-PREFIX of a PKI engine that is there at pki,
#                               which signs certificates for NAMES (host names and addresses, commas between;
#                               with an address among them the role takes any)
#   setup.sh PREFIX --secret-id a fresh secret id for one start of the gateway, in a wrapping token on stdout
#
# Reads VAULT_ADDR, VAULT_TOKEN (or ~/.vault-token), and if set VAULT_CACERT and VAULT_NAMESPACE.
# PREFIX is the folder of the gateway's secrets below secret, such as bank.
set -eu

usage() { sed -n 's/^#   \(setup.sh\)/usage: \1/p' "$0" >&2; exit 2; }
fail() { echo "setup.sh: $*" >&2; exit 1; }

[ $# -ge 1 ] || usage
prefix=$1 mode=${2:-} names=${3:-}
case $prefix in '' | *[!a-zA-Z0-9_-]*) fail "PREFIX is letters, digits, _ and -" ;; esac
case "$mode:$#" in :1 | --secret-id:2 | --pki:3) ;; *) usage ;; esac
case $names in *[!a-zA-Z0-9.,:-]*) fail "NAMES are host names and addresses with commas between" ;; esac
: "${VAULT_ADDR:?write where Vault is, such as https://vault.example.org:8200}"
token=${VAULT_TOKEN:-$(cat "${HOME:-/nonexistent}/.vault-token" 2>/dev/null || true)}
[ -n "$token" ] || fail "no login: set VAULT_TOKEN, or log in with the vault program"
here=$(cd "$(dirname "$0")" && pwd)
role=postern-$prefix

# ask METHOD PATH [BODY [HEADER]] prints what Vault answers and fails on anything but success. The token and
# the body go through stdin: arguments are seen by everybody on this machine.
ask() {
  {
    printf 'header = "X-Vault-Token: %s"\nheader = "X-Vault-Request: true"\n' "$token"
    [ -z "${VAULT_NAMESPACE:-}" ] || printf 'header = "X-Vault-Namespace: %s"\n' "$VAULT_NAMESPACE"
    [ -z "${VAULT_CACERT:-}" ] || printf 'cacert = "%s"\n' "$VAULT_CACERT"
    [ -z "${4:-}" ] || printf 'header = "%s"\n' "$4"
    [ -z "${3:-}" ] || printf 'data = "%s"\n' "$(printf %s "$3" | sed 's/[\\"]/\\&/g')"
  } | curl --silent --show-error --fail --proto '=https,http' --max-time 60 --config - --request "$1" "$VAULT_ADDR/v1/$2"
}

has() { ask GET "$1" >/dev/null 2>&1; }
field() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"; }

if [ "$mode" = --secret-id ]; then
  wrapped=$(ask POST "auth/approle/role/$role/secret-id" '{}' 'X-Vault-Wrap-TTL: 5m' | sed -n 's/.*"wrap_info":{"token":"\([^"]*\)".*/\1/p')
  [ -n "$wrapped" ] || fail "Vault gave no wrapping token"
  echo "$wrapped"
  exit
fi

has sys/mounts || fail "Vault does not answer, or this login may not read sys/mounts: check VAULT_ADDR, VAULT_CACERT and the login"
has sys/mounts/secret || ask POST sys/mounts/secret '{"type":"kv","options":{"version":"2"}}'
has sys/mounts/transit || ask POST sys/mounts/transit '{"type":"transit"}'
has "transit/keys/$role" || ask POST "transit/keys/$role" '{"type":"aes256-gcm96"}' >/dev/null
has sys/mounts/auth/approle || ask POST sys/auth/approle '{"type":"approle"}'

policies="\"$role\"" files="postern postern-secrets"
if [ "$mode" = --pki ]; then
  has sys/mounts/pki || fail "there is no PKI engine at pki; mount one and give it an issuer first"
  ips=false
  for name in $(echo "$names" | tr , ' '); do
    case $name in *:*) ips=true ;; *[!0-9.]*) ;; *) ips=true ;; esac
  done
  ask POST "pki/roles/$role" "{\"allowed_domains\":\"$names\",\"allow_bare_domains\":true,\"allow_ip_sans\":$ips,\"allow_localhost\":false,$(
    )\"allow_wildcard_certificates\":false,\"require_cn\":false,\"key_type\":\"ec\",\"key_bits\":256,\"client_flag\":false,\"max_ttl\":\"168h\"}" >/dev/null
  files="$files postern-pki"
fi
for name in $files; do
  rules=$(sed "s/PREFIX/$prefix/g" "$here/$name.hcl" | base64 | tr -d '\n')
  ask PUT "sys/policies/acl/$name-$prefix" "{\"policy\":\"$rules\"}"
done
! has "sys/policies/acl/postern-pki-$prefix" || policies="$policies,\"postern-pki-$prefix\""
ask POST "auth/approle/role/$role" "{\"token_policies\":[$policies],\"token_ttl\":\"1h\",\"token_max_ttl\":\"24h\",\"secret_id_num_uses\":0,\"secret_id_ttl\":\"0\"}"

echo "role_id: $(ask GET "auth/approle/role/$role/role-id" | field role_id)"
echo "before each start of the gateway, as its user:"
echo "  umask 077; $0 $prefix --secret-id > secrets/vault-secret-id"
