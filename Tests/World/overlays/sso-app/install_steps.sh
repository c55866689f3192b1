#!/bin/sh
# Points the app at its provider.
set -eu
python3 -m ccci_test.env "OIDC_ISSUER=$(python3 -m ccci_test.deps keycloak issuer)" "OIDC_CLIENT_ID=$(python3 -m ccci_test.deps keycloak client_id)"
python3 -m ccci_test.deps keycloak client_secret | python3 -m ccci_test.secret oidc_client v1 -
python3 -m ccci_test.secret oidc_ca v1 "$CCCI_CA_FILE"
