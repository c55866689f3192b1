# The sample recipes' repositories and the catalogue that names them.
# shellcheck shell=bash

FORGE_PORT=8443
FORGE_URL=https://git.$ZONE:$FORGE_PORT

recipes_is_up() {
    [[ -d $WORLD/git && $(cat "$WORLD/run/recipes.content" 2>/dev/null) = "$(digest "$HERE/recipes")" ]]
}

recipes_up() {
    say recipes "write repositories"
    /usr/bin/python3 -I "$HERE/recipes/build.py" "$WORLD/git" "$WORLD/abra-home/catalogue/recipes.json" "$FORGE_URL"
    digest "$HERE/recipes" >"$WORLD/run/recipes.content"
}

# Its files go with the world's folder.
recipes_down() { :; }
