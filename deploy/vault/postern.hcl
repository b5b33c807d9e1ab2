# What a running gateway may do: read its secrets and look at their versions.
# It writes, deletes and lists nothing, and cannot change the engine. PREFIX is
# the folder of this gateway's secrets below the KV v2 mount "secret".
path "secret/data/PREFIX/*" {
  capabilities = ["read"]
}
path "secret/metadata/PREFIX/*" {
  capabilities = ["read"]
}
# Renewal and look-up of its own token come with Vault's policy "default".
# The keystore's keys, wrapped by one transit key (keystore.transit): wrap,
# unwrap and see its versions. It cannot rotate, change, export or delete it.
path "transit/keys/postern-PREFIX" {
  capabilities = ["read"]
}
path "transit/encrypt/postern-PREFIX" {
  capabilities = ["update"]
}
path "transit/decrypt/postern-PREFIX" {
  capabilities = ["update"]
}
