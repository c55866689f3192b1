#!/bin/sh
set -eu
if [ ! -d /data/library ]; then
    mkdir /data/library
    for number in 1 2 3 4 5 6 7 8 9; do echo "page $number" >"/data/library/$number.txt"; done
fi
exec /docker-entrypoint.sh nginx
