# The network every app's front door is attached to. A /16: abandoned addresses filled a /24 once.
# shellcheck shell=bash

network_is_up() {
    docker network inspect proxy >/dev/null 2>&1
}

network_up() {
    say network "create overlay proxy"
    docker network create --driver overlay --attachable --subnet 10.66.0.0/16 --label ccci.world=1 proxy >/dev/null
}

network_down() {
    local i
    docker info >/dev/null 2>&1 || return 0
    [[ -n $(docker network ls -q --filter name='^proxy$' --filter label=ccci.world=1) ]] || return 0
    # The engine needs some moments after the last task.
    for ((i = 0; i < 50; i++)); do
        docker network rm proxy >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    say network "left: something that is not ours is attached"
}
