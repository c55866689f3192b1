# The host's ABRA_DIR and the `abra` that is on PATH.
# shellcheck shell=bash

abra_is_up() {
    [[ -d $WORLD/abra-home/servers/default && -d $WORLD/abra-home/recipes ]] &&
        cmp -s "$WORLD/bin/abra" <(abra_wrapper)
}

abra_up() {
    say abra "write $WORLD/bin/abra"
    mkdir -p "$WORLD"/abra-home/{servers/default,recipes,catalogue}
    abra_wrapper >"$WORLD/bin/abra"
    chmod 755 "$WORLD/bin/abra"
}

# The byte code of the stand-in is kept outside of the checkout.
abra_wrapper() {
    cat <<TEXT
#!/bin/sh
export CCCI_WORLD='$WORLD' GIT_SSL_CAINFO='$WORLD/ca/bundle.pem'
exec /usr/bin/python3 -I -X pycache_prefix='$WORLD/cache/pycache' '$HERE/abra' "\$@"
TEXT
}

# Every stack in our zone at once, the proxy, the bystander and what tests left behind: each takes seconds to stop.
abra_down() {
    local ending=_${ZONE//./_} stacks
    docker info >/dev/null 2>&1 || return 0
    mapfile -t stacks < <(docker stack ls --format '{{.Name}}' 2>/dev/null | grep -- "$ending\$")
    remove_stacks "${stacks[@]}"
    docker volume ls -q | { grep -- "${ending}_" || true; } | xargs -r docker volume rm >/dev/null
    docker secret ls --format '{{.Name}}' 2>/dev/null | { grep -- "${ending}_" || true; } | xargs -r docker secret rm >/dev/null
}
