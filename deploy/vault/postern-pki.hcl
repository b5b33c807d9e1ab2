# What a running gateway may do, too, when Vault issues the certificates of its
# listeners: have requests signed by one role. Its private keys stay with it; it
# issues no keys, revokes nothing and cannot change role or engine.
path "pki/sign/postern-PREFIX" {
  capabilities = ["update"]
}
