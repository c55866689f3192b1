# What the parts share. Every part `p` has `p_is_up`, `p_up` and `p_down`.
# shellcheck shell=bash

STARTED=$EPOCHREALTIME

# say <part> <what>: one line with the seconds since the start.
say() {
    local now=$EPOCHREALTIME
    local ms=$(((${now/./} - ${STARTED/./}) / 1000))
    printf '%3d.%ds  %-10s %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$1" "$2"
}

# fail <what and why> <hint>
fail() {
    printf 'world: %s\nworld: hint: %s\n' "$1" "$2" >&2
    exit 1
}

be_root() {
    [[ $EUID -eq 0 ]] || fail "it starts a Docker engine and needs root" "run it as root"
}

# One `up` or `down` at a time. Whatever is left running closes descriptor 9.
take_lock() {
    exec 9>"$WORLD/run/world.lock"
    flock -n 9 && return
    say world "waiting for another world command"
    flock 9
}

# wait_until <seconds> <what> <command...>
wait_until() {
    local seconds=$1 what=$2 i
    shift 2
    for ((i = 0; i < seconds * 10; i++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "$what: not after $seconds s" "look into $WORLD/logs"
}

# digest <path...>: one hash over names and contents.
digest() {
    find "$@" -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
}

# start_daemon <name> <command...>: survives its caller; its pid is in run/<name>.pid.
start_daemon() {
    local name=$1
    shift
    setsid nohup "$@" >>"$WORLD/logs/$name.log" 2>&1 </dev/null 9>&- &
    echo $! >"$WORLD/run/$name.pid"
}

# daemon_lives <name> <word>: the recorded process runs, and is still the program it was.
daemon_lives() {
    local pid
    pid=$(cat "$WORLD/run/$1.pid" 2>/dev/null) || return 1
    2>/dev/null tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

stop_daemon() {
    local pid
    daemon_lives "$1" "$2" || return 0
    pid=$(cat "$WORLD/run/$1.pid")
    kill "$pid"
    wait_until 30 "end of $1" process_is_gone "$pid"
    rm "$WORLD/run/$1.pid"
}

process_is_gone() {
    [[ ! -d /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"
}

# stack_name <domain>: the rule of abra, dots to underscores.
stack_name() {
    printf '%s' "${1//./_}"
}

stack_runs() {
    local replicas
    replicas=$(docker service ls --filter "label=com.docker.stack.namespace=$1" --format '{{.Replicas}}' 2>/dev/null) || return 1
    [[ -n $replicas ]] && ! grep -qvx '1/1' <<<"$replicas"
}

# docker_stack <verb> <argument...>: never waits for tasks. Older clients never do, later ones have a flag.
docker_stack() {
    local verb=$1 flags=()
    shift
    [[ $(docker stack "$verb" --help) != *--detach* ]] || flags=(--detach=true)
    docker stack "$verb" "${flags[@]}" "$@"
}

# remove_stacks <stack...>: and everything that carries their names; all at once, since each takes seconds to stop.
remove_stacks() {
    local stack
    [[ $# -gt 0 ]] || return 0
    docker_stack rm "$@" >/dev/null 2>&1 || true
    for stack in "$@"; do
        wait_until 30 "end of stack $stack" stack_is_gone "$stack"
        docker volume ls -q --filter "label=com.docker.stack.namespace=$stack" | xargs -r docker volume rm >/dev/null
        docker secret ls -q --filter "name=${stack}_" | xargs -r docker secret rm >/dev/null
    done
}

stack_is_gone() {
    [[ -z $(docker ps -aq --filter "label=com.docker.stack.namespace=$1") ]] &&
        [[ -z $(docker service ls -q --filter "label=com.docker.stack.namespace=$1") ]]
}
