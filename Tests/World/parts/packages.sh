# Debian packages: what must be installed, and those that are only unpacked for the images.
# shellcheck shell=bash

# command:package
PACKAGES=(dockerd:docker.io git:git openssl:openssl python3:python3 curl:curl script:bsdutils)
# Unpacked below cache/root, never installed: a host's nginx would take port 80.
UNPACKED=(nginx busybox-static)

missing_packages() {
    local pair
    for pair in "${PACKAGES[@]}"; do
        command -v "${pair%:*}" >/dev/null || echo "${pair#*:}"
    done
    # Names below .localhost resolve for every program, not for curl alone.
    [[ -e /lib/x86_64-linux-gnu/libnss_myhostname.so.2 ]] || echo libnss-myhostname
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
    # The stand-in's reader of compose files.
    [[ -d /usr/lib/python3/dist-packages/yaml ]] || echo python3-yaml
    # Recipes' tests and our own run under Debian's python3.
    [[ -d /usr/lib/python3/dist-packages/pytest ]] || echo python3-pytest
}

packages_is_up() {
    [[ -z $(missing_packages) && -x $WORLD/cache/root/usr/sbin/nginx && -x $WORLD/cache/root/bin/busybox ]]
}

packages_up() {
    local missing debs=$WORLD/cache/debs
    mapfile -t missing < <(missing_packages)
    say packages "apt-get update"
    apt-get -qq update >>"$WORLD/logs/apt.log" 2>&1 9>&- ||
        fail "apt-get update failed" "see $WORLD/logs/apt.log"
    if [[ ${#missing[@]} -gt 0 ]]; then
        say packages "install ${missing[*]}"
        install_packages "${missing[@]}"
    fi
    say packages "unpack ${UNPACKED[*]}"
    rm -rf "$debs" "$WORLD/cache/root"
    mkdir -p "$debs"
    (cd "$debs" && apt-get -qq download -o APT::Sandbox::User=root "${UNPACKED[@]}") >>"$WORLD/logs/apt.log" 2>&1 ||
        fail "cannot download ${UNPACKED[*]}" "see $WORLD/logs/apt.log"
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$WORLD/cache/root"; done
}

# Nothing may start by being installed: the engine is started by its own part, on loopback.
install_packages() {
    local policy=/usr/sbin/policy-rc.d ours=no status=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        ours=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" \
        >>"$WORLD/logs/apt.log" 2>&1 9>&- || status=$?
    [[ $ours = no ]] || rm "$policy"
    [[ $status -eq 0 ]] || fail "cannot install $*" "see $WORLD/logs/apt.log"
}

# Installed packages stay: other programs may have come to need them.
packages_down() { :; }
