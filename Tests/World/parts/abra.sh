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
    docker info >/dev/null 2>&1 || return 0
    zone_removed '^$'
}

# zone_removed <pattern>: all stacks, volumes and secrets of the zone are gone, but for the stacks that match.
zone_removed() {
    local ending=_${ZONE//./_} stacks
    # A `down` that was interrupted may have left the swarm already.
    swarm_is_up || return 0
    mapfile -t stacks < <(docker stack ls --format '{{.Name}}' 2>/dev/null | { grep -- "$ending\$" || true; } | { grep -Ev -- "$1" || true; })
    remove_stacks "${stacks[@]}"
    docker volume ls --format '{{.Name}}' | of_zone "$1" | xargs -r docker volume rm >/dev/null
    docker secret ls --format '{{.Name}}' 2>/dev/null | of_zone "$1" | xargs -r docker secret rm >/dev/null
}

# of_zone <pattern>: those names of volumes or secrets that belong to a stack of the zone, but for the stacks that match.
of_zone() {
    local ending=_${ZONE//./_} name
    while read -r name; do
        [[ $name == *"${ending}_"* ]] || continue
        grep -Eq -- "$1" <<<"${name%%"${ending}_"*}$ending" || echo "$name"
    done
}
