# The keys of a set of settings, sorted by what the commands know of them.
#
# `docs/settings.md` is made from the code of the commands, and an unknown key stops every command: only keys that stand there may be in the
# file. `planned` are keys that the design has and no command reads yet.
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
  planned = map (entry: entry.key) (import ./planned.nix).settings;

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
  isKnown = entry: lib.elem entry.key known;
  isPlanned = entry: lib.elem entry.key planned;
  said = wanted: settings: lib.unique (map (entry: entry.key) (lib.filter wanted (entries settings)));
in
{
  inherit known planned;
  # Keys that no command reads yet: left out of the file, with a warning.
  waiting = said (entry: !isKnown entry && isPlanned entry);
  # Keys that nobody has heard of.
  unknown = said (entry: !isKnown entry && !isPlanned entry);
  # The settings without what no command reads.
  readable =
    settings:
    lib.filterAttrs (_: keys: keys != { }) (
      lib.mapAttrs (
        table: keys:
        lib.filterAttrs (_: value: value != { }) (
          lib.mapAttrs (
            name: value:
            if builtins.isAttrs value && !lib.isDerivation value then
              lib.filterAttrs (inner: _: lib.elem "[${table}.*] ${inner}" known) value
            else
              value
          ) (lib.filterAttrs (name: value: (builtins.isAttrs value && !lib.isDerivation value) || lib.elem "[${table}] ${name}" known) keys)
        )
      ) settings
    );
}
