# A person's app whose name fits the pattern of run apps; deployed with plain docker, and never to be touched.
# shellcheck shell=bash

BYSTANDER=demo-decade.$ZONE

bystander_is_up() {
    stack_runs "$(stack_name "$BYSTANDER")" && cmp -s "$HERE/bystander/app.env" "$WORLD/abra-home/servers/default/$BYSTANDER.env"
}

bystander_up() {
    local stack
    stack=$(stack_name "$BYSTANDER")
    say bystander "deploy $BYSTANDER"
    cp "$HERE/bystander/app.env" "$WORLD/abra-home/servers/default/$BYSTANDER.env"
    STACK_NAME=$stack docker_stack deploy --resolve-image never -c "$HERE/bystander/compose.yml" "$stack" \
        >>"$WORLD/logs/bystander.log" 2>&1
    wait_until 30 "bystander" stack_runs "$stack"
}

# Its stack goes with all others of the zone.
bystander_down() { :; }
