# The proxy on 127.0.0.1:80 and :443.
# shellcheck shell=bash

proxy_content() {
    digest "$HERE/proxy" "$WORLD/ca/wildcard.pem"
}

proxy_is_up() {
    stack_runs "$(stack_name "traefik.$ZONE")" &&
        [[ $(cat "$WORLD/run/proxy.content" 2>/dev/null) = "$(proxy_content)" ]] && proxy_answers && proxy_is_updated
}

# The end of an update writes into the service, and a fingerprint would see it.
proxy_is_updated() {
    [[ $(docker service inspect "$(stack_name "traefik.$ZONE")_app" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}') != updating ]]
}

# For a host without an app it answers as traefik.
proxy_answers() {
    [[ $(curl -sS --max-time 3 --cacert "$WORLD/ca/ca.pem" "https://no-such-app.$ZONE/" 2>/dev/null) = "404 page not found" ]]
}

proxy_up() {
    local stack
    stack=$(stack_name "traefik.$ZONE")
    say proxy "deploy stack $stack"
    ! ss -Hltn 'sport = :443 or sport = :80' | grep -q . || docker service inspect "${stack}_app" >/dev/null 2>&1 ||
        fail "port 80 or 443 is taken" "stop what listens there: ss -ltnp"
    STACK_NAME=$stack CONTENT=$(proxy_content) CERTIFICATES=$WORLD/ca \
        docker_stack deploy --resolve-image never --prune -c "$HERE/proxy/compose.yml" "$stack" \
        >>"$WORLD/logs/proxy.log" 2>&1
    proxy_content >"$WORLD/run/proxy.content"
    wait_until 30 "answer of the proxy" proxy_is_up
}

# Its stack goes with all others of the zone.
proxy_down() { :; }
