#!/bin/sh
# As the public image does: a volume that is empty gets the default page, one that is not is left alone.
set -eu
root=/usr/share/nginx/html
[ -n "$(ls -A "$root" 2>/dev/null)" ] || cp -a /usr/share/nginx/default/. "$root"/
exec "$@"
