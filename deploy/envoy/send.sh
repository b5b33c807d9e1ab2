#!/bin/sh
# Sends a text as an app does: ./send.sh BASE-URL [OPTION-OF-CURL...]
# KEY is the app's key at the gateway, PHONE the number's id, TO the recipient.
set -eu
base=${1:?"write ./send.sh BASE-URL [OPTION-OF-CURL...]"}
: "${KEY:?is missing: the key of the app}" "${PHONE:?is missing: the id of the number}" "${TO:?is missing: the recipient}"
shift
curl --fail-with-body --silent --show-error "$@" "$base/v25.0/$PHONE/messages" \
  --header "Authorization: Bearer $KEY" --header 'Content-Type: application/json' \
  --data '{"messaging_product":"whatsapp","to":"'"$TO"'","type":"text","text":{"body":"On its way"}}'
