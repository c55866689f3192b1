# A swarm of one node, everything on loopback.
# shellcheck shell=bash

swarm_is_up() {
    [[ $(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}') = "active true" ]]
}

swarm_up() {
    say swarm "init on 127.0.0.1"
    # Ports published in host mode listen where this bridge says, not where dockerd --ip says.
    docker network inspect docker_gwbridge >/dev/null 2>&1 ||
        docker network create --driver bridge \
            --opt com.docker.network.bridge.name=docker_gwbridge \
            --opt com.docker.network.bridge.enable_icc=false \
            --opt com.docker.network.bridge.enable_ip_masquerade=true \
            --opt com.docker.network.bridge.host_binding_ipv4=127.0.0.1 \
            docker_gwbridge >/dev/null
    docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 >/dev/null
    touch "$WORLD/run/swarm-is-ours"
}

# A swarm in which others have services stays.
swarm_down() {
    [[ -e $WORLD/run/swarm-is-ours ]] && docker info >/dev/null 2>&1 || return 0
    if swarm_is_up; then
        if [[ -n $(docker service ls -q) ]]; then
            say swarm "left: it runs services that are not ours"
            return 0
        fi
        docker swarm leave --force >/dev/null
    fi
    # Endpoints of the swarm's own go a moment later; one that the engine has lost count of never does, and hurts no later `up`.
    local try
    for try in {1..25}; do
        docker network rm docker_gwbridge >/dev/null 2>&1 && break
        sleep 0.2
    done
    [[ $try -lt 25 ]] || say swarm "left: docker_gwbridge, with an endpoint that the engine does not let go"
    rm "$WORLD/run/swarm-is-ours"
}
