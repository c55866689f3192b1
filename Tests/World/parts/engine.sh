# The Docker engine: whatever answers on the socket, else a dockerd of our own that publishes on loopback only.
# shellcheck shell=bash

engine_is_up() {
    docker info >/dev/null 2>&1
}

engine_up() {
    say engine "start dockerd"
    start_daemon dockerd dockerd --ip 127.0.0.1
    wait_until 30 "answer of dockerd" docker info
}

# An engine that runs containers of others stays.
engine_down() {
    if [[ -n $(docker ps -q 2>/dev/null) ]]; then
        say engine "left: it runs containers that are not ours"
        return 0
    fi
    stop_daemon dockerd dockerd
}
