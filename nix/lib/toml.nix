# A set of settings as the text of a TOML file. Values are text, integers, Booleans, lists of them and, inside lists, flat sets (inline
# tables).
{ lib }:
let
  key = name: if builtins.match "[A-Za-z0-9_-]+" name != null then name else builtins.toJSON name;
  value =
    it:
    if builtins.isString it || builtins.isInt it || builtins.isBool it then
      # A JSON text is a TOML basic string too.
      builtins.toJSON it
    else if builtins.isPath it || lib.isDerivation it then
      builtins.toJSON "${it}"
    else if builtins.isList it then
      "[${lib.concatMapStringsSep ", " value it}]"
    else if builtins.isAttrs it then
      "{ ${lib.concatStringsSep ", " (lib.mapAttrsToList (name: inner: "${key name} = ${value inner}") (present it))} }"
    else
      throw "toml: a value that is neither text, number, Boolean, list nor table";
  # null is how a module says that a key is not set.
  present = lib.filterAttrs (_: it: it != null);
  isTable = it: builtins.isAttrs it && !lib.isDerivation it;
  table =
    path: set:
    let
      here = lib.filterAttrs (_: it: !isTable it) (present set);
      below = lib.filterAttrs (_: isTable) (present set);
      lines = lib.mapAttrsToList (name: it: "${key name} = ${value it}") here;
      heading = lib.optional (path != [ ]) "[${lib.concatMapStringsSep "." key path}]";
      own = lib.optionals (lines != [ ]) [ (lib.concatStringsSep "\n" (heading ++ lines)) ];
    in
    own ++ lib.concatLists (lib.mapAttrsToList (name: table (path ++ [ name ])) below);
in
settings: lib.concatStringsSep "\n\n" (table [ ] settings) + "\n"
