# Images made here, since no registry is reachable: three roots out of Debian's files, and images.txt on top of them.
# shellcheck shell=bash

# The roots are images too, so that a second `up` finds them.
ROOTS=(busybox nginx python)

images_content() {
    digest "$HERE/images" "$HERE/parts/images.sh"
}

images_is_up() {
    local wanted have
    wanted=$(grep -vc '^#' "$HERE/images/images.txt")
    have=$(docker images -q --filter "label=ccci.world.content=$(images_content)" --filter 'reference=ccci/*' 2>/dev/null | wc -l)
    [[ $have -eq $((wanted + ${#ROOTS[@]})) ]]
}

images_up() {
    local root content
    content=$(images_content)
    for root in "${ROOTS[@]}"; do
        say images "root $root"
        make_root "$root" "$content"
    done
    while read -r image root files environment; do
        [[ $image != \#* ]] || continue
        make_image "$image" "$root" "$files" "$environment"
    done <"$HERE/images/images.txt"
    say images "$(grep -vc '^#' "$HERE/images/images.txt") images"
    docker image prune -f --filter label=ccci.world.content >/dev/null
}

# make_root <name> <content>: ccci/root-<name>:latest by docker import.
make_root() {
    local name=$1 dir=$WORLD/cache/rootfs/$1 import=(docker import --change "LABEL ccci.world.content=$2")
    rm -rf "$dir"
    mkdir -p "$dir"/{bin,etc,tmp,run,var/tmp,root,usr/sbin,usr/bin,data}
    chmod 1777 "$dir/tmp" "$dir/var/tmp"
    printf 'root:x:0:0::/root:/bin/sh\nnginx:x:101:101::/nonexistent:/bin/false\nnobody:x:65534:65534::/nonexistent:/bin/false\n' >"$dir/etc/passwd"
    printf 'root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n' >"$dir/etc/group"
    cp "$WORLD/cache/root/bin/busybox" "$dir/bin/busybox"
    "$dir/bin/busybox" --list | grep -vx busybox | while read -r applet; do ln -s busybox "$dir/bin/$applet"; done
    "root_$name" "$dir"
    import+=(--change 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin')
    case $name in
        nginx) import+=(--change 'ENTRYPOINT ["/docker-entrypoint.sh"]' --change 'CMD ["nginx"]' --change 'EXPOSE 80') ;;
        busybox) import+=(--change 'CMD ["sh"]') ;;
        python) import+=(--change 'CMD ["python3"]') ;;
    esac
    tar -C "$dir" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . | "${import[@]}" - "ccci/root-$name:latest" >/dev/null
    rm -rf "$dir"
}

root_busybox() { :; }

root_nginx() {
    local dir=$1
    copy_program "$dir" "$WORLD/cache/root/usr/sbin/nginx" /usr/sbin/nginx
    mkdir -p "$dir"/usr/share/nginx/html "$dir"/var/lib/nginx "$dir"/var/log/nginx
    cp -a "$HERE/images/nginx/." "$dir/"
}

root_python() {
    local dir=$1 library=/usr/lib/python3.11
    copy_program "$dir" /usr/bin/python3.11 /usr/bin/python3
    mkdir -p "$dir$library"
    tar -C "$library" --exclude=./test --exclude=./idlelib --exclude=./lib2to3 --exclude=./pydoc_data --exclude=./ensurepip \
        --exclude=./tkinter --exclude=./distutils --exclude='./config-3.11-*' --exclude='*_test*' -c . | tar -C "$dir$library" -x
    for extension in "$dir$library"/lib-dynload/*.so; do copy_libraries "$dir" "$extension"; done
}

# copy_program <root> <file> <path inside>: with the libraries that ldd finds.
copy_program() {
    mkdir -p "$1$(dirname "$3")"
    cp -L "$2" "$1$3"
    copy_libraries "$1" "$2"
}

copy_libraries() {
    { ldd "$2" | grep -o '/[^ ]*' || true; } | while read -r library; do
        [[ -e $1$library ]] || install -D -m 755 "$(readlink -f "$library")" "$1$library"
    done
}

# make_image <image> <root> <files or -> <NAME=value or ->
make_image() {
    local image=$1 files=$3 environment=$4 container change=()
    container=$(docker create "ccci/root-$2:latest" true)
    [[ $files = - ]] || docker cp "$HERE/images/$files/." "$container:/" >>"$WORLD/logs/images.log" 2>&1
    [[ $environment = - ]] || change+=(--change "ENV $environment")
    # Container creation put `true` in the place of the root's command.
    change+=(--change "CMD $(docker inspect "ccci/root-$2:latest" --format '{{json .Config.Cmd}}')")
    docker commit "${change[@]}" "$container" "$image" >/dev/null
    docker rm "$container" >/dev/null
}

images_down() {
    docker info >/dev/null 2>&1 || return 0
    docker images --filter label=ccci.world.content --format '{{.Repository}}:{{.Tag}}' | grep -v '<none>' |
        xargs -r docker rmi -f >/dev/null || say images "left: containers that are not ours use some"
}
