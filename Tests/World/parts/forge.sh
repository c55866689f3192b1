# The git server on 127.0.0.1:8443, restarted when its source or certificate changed.
# shellcheck shell=bash

forge_content() {
    digest "$HERE/gitserver.py" "$WORLD/ca/wildcard.pem" "$WORLD/secrets/forge_token"
}

forge_is_up() {
    daemon_lives gitserver "$HERE/gitserver.py" &&
        [[ $(cat "$WORLD/run/forge.content" 2>/dev/null) = "$(forge_content)" ]] && forge_answers
}

forge_answers() {
    [[ $(curl -sS -o /dev/null -w '%{http_code}' --max-time 3 --cacert "$WORLD/ca/ca.pem" \
        "$FORGE_URL/coop-cloud/custom-html.git/info/refs?service=git-upload-pack") = 200 ]]
}

forge_up() {
    say forge "start the git server on $FORGE_URL"
    [[ -s $WORLD/secrets/forge_token ]] || (umask 077 && openssl rand -hex 20 >"$WORLD/secrets/forge_token")
    forge_stop
    start_daemon gitserver /usr/bin/python3 -I "$HERE/gitserver.py" "$WORLD" "$FORGE_PORT"
    wait_until 10 "answer of the git server" forge_answers
    forge_content >"$WORLD/run/forge.content"
}

forge_down() {
    forge_stop
}

# Also the servers that another checkout started for this world: they hold the port, and their answers are of another certificate.
forge_stop() {
    local folder
    stop_daemon gitserver "$HERE/gitserver.py"
    for folder in /proc/[0-9]*; do
        2>/dev/null tr '\0' ' ' <"$folder/cmdline" | grep -qE -- "/gitserver\.py $WORLD $FORGE_PORT \$" || continue
        kill "${folder#/proc/}" 2>/dev/null || continue
        wait_until 30 "end of the git server ${folder#/proc/}" process_is_gone "${folder#/proc/}"
    done
}
