# shellcheck shell=bash
# What the scripts share. Sourced, never run.

# shellcheck disable=SC2034 # for those who source it
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SECONDS=0

# say WORDS: what is being done, with the seconds since the start.
say() { printf '%5ds  %s\n' "$SECONDS" "$*" >&2; }

# stop CODE WHAT HINT: two lines and the end.
stop() {
  printf '%s: %s\n%s: hint: %s\n' "$(basename "$0")" "$2" "$(basename "$0")" "$3" >&2
  exit "$1"
}

# quietly LOG COMMAND…: runs it, and shows what it said only when it failed.
quietly() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    return 1
  fi
}

# The oldest toolchain that the package's manifest can be read by.
OLDEST_SWIFT=6.2

# find_swift: prints the first swift that is new enough, or nothing.
find_swift() {
  local candidate version
  for candidate in "$(command -v swift || true)" /opt/swift/usr/bin/swift "$HOME/.local/share/cc-ci/swift/usr/bin/swift"; do
    [ -x "$candidate" ] || continue
    version=$("$candidate" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    if [ -n "$version" ] && printf '%s\n%s\n' "$OLDEST_SWIFT" "$version" | sort -V -C; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

# products: the names of the commands, as the sources have them.
products() { find "$ROOT/Sources" -mindepth 1 -maxdepth 1 -name 'ccci-*' -printf '%f\n' | sort; }

# build_release [PRODUCT…]: builds commands as they are shipped into .build/release, all of them when none is named.
build_release() {
  local swift product
  swift=$(find_swift)
  [ -n "$swift" ] || stop 72 "no Swift of $OLDEST_SWIFT or newer found" "scripts/bootstrap"
  # shellcheck disable=SC2046 # one word a command
  [ $# -gt 0 ] || set -- $(products)
  for product in "$@"; do
    # Sources of others know their own path at run time; it must not be one of this machine.
    quietly /tmp/cc-ci-release.log "$swift" build --package-path "$ROOT" -c release --static-swift-stdlib -Xlinker -s \
      -Xcxx "-ffile-prefix-map=$ROOT=." --product "$product" || stop 70 "the release of $product could not be built" "see the lines above"
  done
}
