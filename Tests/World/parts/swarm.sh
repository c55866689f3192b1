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
    if [[ -n $(docker service ls -q) ]]; then
        say swarm "left: it runs services that are not ours"
        return 0
    fi
    docker swarm leave --force >/dev/null
    docker network rm docker_gwbridge >/dev/null
    rm "$WORLD/run/swarm-is-ours"
}
