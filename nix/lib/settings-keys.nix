# The keys of a set of settings, sorted by what the commands know of them.
#
# `docs/settings.md` is made from the code of the commands, and an unknown key stops every command: only keys that stand there may be in the
# file.
{ lib }:
let
  # "[alerts.<sink>] url" of the table, and "[alerts.*] url" of a set, are the same key.
  row = line: builtins.match "\\| `\\[([^]]+)] ([a-z_]+)` .*" line;
  known = map (cells: "[${plain (builtins.head cells)}] ${builtins.elemAt cells 1}") (
    lib.filter (cells: cells != null) (map row (lib.splitString "\n" (builtins.readFile ../../docs/settings.md)))
  );
  plain =
    table:
    let
      many = builtins.match "([^<]+)<.*>" table;
    in
    if many == null then table else "${builtins.head many}*";

  entries =
    settings:
    lib.concatLists (
      lib.mapAttrsToList (
        table: keys:
        lib.concatLists (
          lib.mapAttrsToList (
            name: value:
            if builtins.isAttrs value && !lib.isDerivation value then
              lib.mapAttrsToList (inner: _: {
                key = "[${table}.*] ${inner}";
                path = [
                  table
                  name
                  inner
                ];
              }) value
            else
              [
                {
                  key = "[${table}] ${name}";
                  path = [
                    table
                    name
                  ];
                }
              ]
          ) keys
        )
      ) settings
    );
in
{
  inherit known;
  # Keys that nobody has heard of.
  unknown = settings: lib.unique (lib.filter (key: !lib.elem key known) (map (entry: entry.key) (entries settings)));
}
