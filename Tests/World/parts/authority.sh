# A test authority and its wildcard certificate for the zone.
# shellcheck shell=bash

authority_is_up() {
    local ca=$WORLD/ca
    [[ -s $ca/bundle.pem && -s $ca/wildcard.key ]] &&
        openssl x509 -in "$ca/wildcard.pem" -noout -checkend 2592000 >/dev/null 2>&1 &&
        openssl verify -CAfile "$ca/ca.pem" "$ca/wildcard.pem" >/dev/null 2>&1
}

authority_up() {
    local ca=$WORLD/ca
    say authority "certificate for *.$ZONE"
    rm -rf "$ca"
    mkdir -p "$ca"
    (
        cd "$ca" || exit 1
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
            -subj "/CN=cc-ci test authority" -addext keyUsage=critical,keyCertSign,cRLSign \
            -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
            -subj "/CN=*.$ZONE" -keyout wildcard.key -out wildcard.csr
        openssl x509 -req -in wildcard.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -out wildcard.pem \
            -extfile <(printf 'subjectAltName=DNS:*.%s,DNS:%s\nextendedKeyUsage=serverAuth\n' "$ZONE" "$ZONE")
        cat /etc/ssl/certs/ca-certificates.crt ca.pem >bundle.pem
        chmod 644 ca.pem bundle.pem wildcard.pem
    ) >>"$WORLD/logs/openssl.log" 2>&1
}

# Its files go with the world's folder.
authority_down() { :; }
