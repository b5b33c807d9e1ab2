#!/bin/sh
# Makes a private CA for Meta's and 360dialog's names alone, and the sidecar's
# certificate: ./sidecar-ca.sh CA-FOLDER CERT-FOLDER
# A CA that is there already signs a new certificate; the app goes on trusting it.
set -eu
umask 077
ca=${1:?"write ./sidecar-ca.sh CA-FOLDER CERT-FOLDER"}
certs=${2:?"write ./sidecar-ca.sh CA-FOLDER CERT-FOLDER"}
mkdir -p "$ca" "$certs"
names='DNS:graph.facebook.com,DNS:waba.360dialog.io,DNS:waba-v2.360dialog.io'
allowed='permitted;DNS:graph.facebook.com,permitted;DNS:waba.360dialog.io,permitted;DNS:waba-v2.360dialog.io'
ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

if [ ! -e "$ca/ca.pem" ]; then
  # shellcheck disable=SC2086 # $ec is several words
  openssl req -x509 $ec -keyout "$ca/ca-key.pem" -out "$ca/ca.pem" -days 1825 -subj '/CN=Postern sidecar' \
    -addext 'basicConstraints=critical,CA:true,pathlen:0' -addext 'keyUsage=critical,keyCertSign' \
    -addext "nameConstraints=critical,$allowed,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::"
fi

cat > "$certs/leaf.cnf" <<END
basicConstraints=critical,CA:false
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$names
END
# shellcheck disable=SC2086 # $ec is several words
openssl req $ec -keyout "$certs/sidecar-key.pem" -out "$certs/sidecar.csr" -subj '/CN=Postern sidecar leaf'
openssl x509 -req -in "$certs/sidecar.csr" -CA "$ca/ca.pem" -CAkey "$ca/ca-key.pem" -CAcreateserial \
  -days 90 -extfile "$certs/leaf.cnf" -out "$certs/sidecar.pem"
rm "$certs/leaf.cnf" "$certs/sidecar.csr"
chmod 644 "$ca/ca.pem"
openssl verify -CAfile "$ca/ca.pem" "$certs/sidecar.pem"
