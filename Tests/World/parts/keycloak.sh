# The host's own Keycloak: the sample recipe's files at a stable name, deployed with plain docker.
# shellcheck shell=bash

KEYCLOAK=keycloak.$ZONE

keycloak_content() {
    digest "$HERE/recipes/keycloak/tree" "$HERE/images/keycloak" "$HERE/parts/images.sh"
}

keycloak_is_up() {
    stack_runs "$(stack_name "$KEYCLOAK")" && [[ $(cat "$WORLD/run/keycloak.content" 2>/dev/null) = "$(keycloak_content)" ]] && keycloak_answers
}

keycloak_answers() {
    curl -sSf -o /dev/null --max-time 3 --cacert "$WORLD/ca/ca.pem" "https://$KEYCLOAK/realms/master/.well-known/openid-configuration" 2>/dev/null
}

keycloak_up() {
    local stack secret
    stack=$(stack_name "$KEYCLOAK")
    secret=${stack}_admin_password_v1
    say keycloak "deploy $KEYCLOAK"
    # From nothing: its data was made with the password that it was made with.
    remove_stacks "$stack"
    (umask 077 && openssl rand -hex 20 >"$WORLD/secrets/keycloak_admin")
    tr -d '\n' <"$WORLD/secrets/keycloak_admin" | docker secret create "$secret" - >/dev/null
    STACK_NAME=$stack DOMAIN=$KEYCLOAK ADMIN_USERNAME=admin SECRET_ADMIN_PASSWORD_VERSION=v1 LETS_ENCRYPT_ENV='' \
        docker_stack deploy --resolve-image never -c "$HERE/recipes/keycloak/tree/compose.yml" "$stack" >>"$WORLD/logs/keycloak.log" 2>&1
    keycloak_content >"$WORLD/run/keycloak.content"
    wait_until 30 "answer of $KEYCLOAK" keycloak_is_up
}

# Its stack goes with all others of the zone.
keycloak_down() { :; }
