# The settings that the commands under test read.
# shellcheck shell=bash

settings_is_up() {
    cmp -s "$WORLD/settings.toml" <(settings_text)
}

settings_up() {
    say settings "write $WORLD/settings.toml"
    settings_text >"$WORLD/settings.toml"
}

settings_text() {
    cat <<TEXT
[host]
zone = "$ZONE"
shelf = "$WORLD/shelf"
runs = "$WORLD/runs"
lock = "$WORLD/lock"
engine = "/var/run/docker.sock"
abra = "$WORLD/bin/abra"
abra_dir = "$WORLD/abra-home"
proxy = "proxy"
ca = "$WORLD/ca/bundle.pem"
[run]
capacity = 2
[forge]
upstream = "$FORGE_URL/coop-cloud/{recipe}.git"
url = "https://git.ci.localhost:8443/"
token_file = "$WORLD/secrets/forge_token"
[keycloak]
url = "https://$KEYCLOAK"
password_file = "$WORLD/secrets/keycloak_admin"
TEXT
}

# Its files go with the world's folder.
settings_down() { :; }
