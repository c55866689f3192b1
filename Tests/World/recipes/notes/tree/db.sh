#!/bin/sh
# Dump and load through the running server: it does not notice files that change under it.
set -eu
# shellcheck disable=SC3040 # the shell of the image knows it
set -o pipefail

dump=/var/lib/notesdb/backup.json.gz

case ${1:-} in
    backup)
        python3 -S /app/dbclient.py dump | gzip >"$dump.new"
        mv "$dump.new" "$dump"
        ;;
    restore)
        gunzip -c "$dump" | python3 -S /app/dbclient.py load
        ;;
    *)
        echo "usage: db.sh backup | restore" >&2
        exit 1
        ;;
esac
