#!/bin/sh
# Points the app at its provider.
set -eu
python3 -m ccci_test.env "OIDC_ISSUER=$(python3 -m ccci_test.deps keycloak issuer)" "OIDC_CLIENT_ID=$(python3 -m ccci_test.deps keycloak client_id)"
secret=$(mktemp)
trap 'rm -f "$secret"' EXIT
python3 -m ccci_test.deps keycloak client_secret >"$secret"
abra app secret insert "$CCCI_APP_DOMAIN" oidc_client v1 "$secret" --file --trim --no-input --chaos --offline
abra app secret insert "$CCCI_APP_DOMAIN" oidc_ca v1 "$CCCI_CA_FILE" --file --no-input --chaos --offline
