# What whoever brings new secrets may do: write versions, and see which there
# are. It cannot read values, delete versions, or change the engine.
path "secret/data/PREFIX/*" {
  capabilities = ["create", "update"]
}
path "secret/metadata/PREFIX/*" {
  capabilities = ["read", "list"]
}
