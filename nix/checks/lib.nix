# A stub of nixpkgs' `lib`, for machines that have none: the functions that the modules use, and a small module system.
#
# It merges options and definitions, honours mkIf, mkMerge, mkDefault and mkForce, and looks at values with simple checks. It is not
# nixpkgs: what it accepts, the real one may refuse. The check says so whenever this file was used.
let
  inherit (builtins)
    all
    any
    attrNames
    attrValues
    concatLists
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    functionArgs
    head
    isAttrs
    isBool
    isFunction
    isInt
    isList
    isPath
    isString
    length
    listToAttrs
    map
    match
    removeAttrs
    tail
    toJSON
    ;

  concatMap = f: list: concatLists (map f list);
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: set: if condition then set else { };
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  filterAttrs = keep: set: genAttrs (filter (name: keep name set.${name}) (attrNames set)) (name: set.${name});
  unique = foldl' (seen: value: if elem value seen then seen else seen ++ [ value ]) [ ];
  concatMapStringsSep = between: f: list: concatStringsSep between (map f list);
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  removePrefix = prefix: text: if hasPrefix prefix text then builtins.substring (builtins.stringLength prefix) (-1) text else text;
  hasSuffix =
    suffix: text:
    let
      from = builtins.stringLength text - builtins.stringLength suffix;
    in
    from >= 0 && builtins.substring from (-1) text == suffix;
  splitString = separator: text: filter isString (builtins.split (escapeRegex separator) text);
  special = [ "\\" "." "+" "*" "?" "|" "(" ")" "[" "]" "{" "}" "^" "$" ];
  escapeRegex = builtins.replaceStrings special (map (one: "\\${one}") special);
  max = one: other: if one > other then one else other;
  toInt = text: builtins.fromJSON text;
  escapeShellArg = argument: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString argument)}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  makeBinPath = packages: concatMapStringsSep ":" (package: "${package}/bin") packages;
  showOption = concatStringsSep ".";
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";

  # What a definition may be wrapped in.
  isTyped = type: value: isAttrs value && (value._type or "") == type;
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkOption = attributes: attributes // { _type = "option"; };
  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };

  # The options inside a wrapped set, wrapped one by one: conditions are not looked at yet.
  pushDown =
    value:
    if isTyped "merge" value then
      concatMap pushDown value.contents
    else if isTyped "if" value then
      map (builtins.mapAttrs (_: mkIf value.condition)) (pushDown value.content)
    else if isTyped "override" value then
      map (builtins.mapAttrs (_: mkOverride value.priority)) (pushDown value.content)
    else
      [ value ];

  # A definition without its wrapping: a list of values with their priorities.
  discharge =
    priority: value:
    if isTyped "merge" value then
      concatMap (discharge priority) value.contents
    else if isTyped "if" value then
      optionals (truth value.condition) (discharge priority value.content)
    else if isTyped "override" value then
      discharge value.priority value.content
    else
      [ { inherit priority value; } ];
  truth = condition: if isBool condition then condition else throw "mkIf: the condition is no Boolean";

  mergeDefinitions =
    path: option: definitions:
    let
      given = concatMap (discharge 100) definitions ++ optionals (option ? default) (discharge 1500 (mkOverride 1500 option.default));
      highest = foldl' (best: one: if one.priority < best then one.priority else best) 10000 given;
      values = map (one: one.value) (filter (one: one.priority == highest) given);
      wrong = filter (value: !option.type.check value) values;
      merged =
        if values == [ ] then
          throw "The option `${showOption path}' is used but not defined."
        else if wrong != [ ] then
          throw "A definition for option `${showOption path}' is not of type `${option.type.description}': ${describe (head wrong)}"
        else
          option.type.merge path values;
    in
    if option.readOnly or false && length (concatMap (discharge 100) definitions) > 1 then
      throw "The option `${showOption path}' is read-only, but it is set multiple times."
    else
      (option.apply or (value: value)) merged;
  describe = value: if isFunction value then "a function" else if isAttrs value then "a set" else toJSON value;

  # One level of the tree: options declared there, and what the modules say about them.
  mergeLevel =
    path: declarations: definitions: freeform:
    let
      names = unique (concatMap attrNames declarations);
      undeclared = filter (name: !elem name names) (unique (concatMap attrNames definitions));
      at = name: sets: concatMap (set: optional (set ? ${name}) set.${name}) sets;
      level =
        name:
        let
          here = at name declarations;
          below = path ++ [ name ];
        in
        if any (isTyped "option") here then
          if length here > 1 then
            throw "The option `${showOption below}' is already declared."
          else
            nameValuePair name {
              options = head here // {
                loc = below;
              };
              config = mergeDefinitions below (head here) (at name definitions);
            }
        else
          nameValuePair name (mergeLevel below here (concatMap pushDown (at name definitions)) null);
      levels = listToAttrs (map level names);
      free = genAttrs undeclared (
        name:
        mergeDefinitions (path ++ [ name ]) { type = if freeform.name == "attrsOf" then freeform.element else types.anything; } (
          at name definitions
        )
      );
    in
    {
      options = builtins.mapAttrs (_: one: one.options) levels;
      config =
        if freeform != null then
          free // builtins.mapAttrs (_: one: one.config) levels
        else if undeclared != [ ] then
          throw "The option `${showOption (path ++ [ (head undeclared) ])}' does not exist."
        else
          builtins.mapAttrs (_: one: one.config) levels;
    };

  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
    }:
    let
      arguments = specialArgs // {
        inherit lib;
        inherit (result) config options;
      };
      load =
        module:
        let
          body = if isPath module || isString module then import module else module;
          made = if isFunction body then body arguments else body;
        in
        if made ? config || made ? options then
          if strays made == [ ] then made else throw "Module has an unsupported attribute `${head (strays made)}': move it into `config'."
        else
          {
            imports = made.imports or [ ];
            freeformType = made.freeformType or null;
            config = removeAttrs made [
              "imports"
              "freeformType"
            ];
          };
      strays =
        made:
        attrNames (
          removeAttrs made [
            "imports"
            "options"
            "config"
            "freeformType"
          ]
        );
      # Every module once, however often it is imported.
      gather =
        seen: module:
        let
          key = if isPath module then toString module else null;
          made = load module;
          deeper = foldl' gather (seen // { keys = seen.keys ++ optional (key != null) key; }) (made.imports or [ ]);
        in
        if key != null && elem key seen.keys then seen else deeper // { modules = deeper.modules ++ [ made ]; };
      gathered =
        (foldl' gather {
          keys = [ ];
          modules = [ ];
        } modules).modules;
      freeforms = filter (one: one != null) (map (module: module.freeformType or null) gathered);
      result =
        mergeLevel prefix (map (module: module.options or { }) gathered) (concatMap (module: pushDown (module.config or { })) gathered)
          (if freeforms == [ ] then null else head freeforms);
    in
    result;

  # Types: a name for messages, a check of one value, and how several become one.
  mkType =
    attributes:
    {
      merge = mergeEqual;
      getSubOptions = _: { };
    }
    // attributes;
  mergeEqual =
    path: values:
    if all (value: value == head values) (tail values) then
      head values
    else
      throw "The option `${showOption path}' has conflicting definition values: ${concatMapStringsSep ", " describe values}";
  mergeAnything =
    path: values:
    if all (value: isAttrs value && !isDerivation value) values then
      genAttrs (unique (concatMap attrNames values)) (
        name:
        mergeAnything (path ++ [ name ]) (
          concatMap (set: optionals (set ? ${name}) (map (one: one.value) (discharge 100 set.${name}))) values
        )
      )
    else
      mergeEqual path values;
  isText = value: isString value || isPath value || isDerivation value;
  merging = element: path: name: values: mergeDefinitions (path ++ [ name ]) { type = element; } values;

  types = rec {
    anything = mkType {
      name = "anything";
      description = "anything";
      check = _: true;
      merge = mergeAnything;
    };
    unspecified = anything;
    bool = mkType {
      name = "bool";
      description = "boolean";
      check = isBool;
    };
    int = mkType {
      name = "int";
      description = "signed integer";
      check = isInt;
    };
    ints = {
      between =
        low: high:
        mkType {
          name = "intBetween";
          description = "integer between ${toString low} and ${toString high} (both inclusive)";
          check = value: isInt value && value >= low && value <= high;
        };
      positive = mkType {
        name = "positiveInt";
        description = "positive integer, meaning >0";
        check = value: isInt value && value > 0;
      };
      unsigned = mkType {
        name = "unsignedInt";
        description = "unsigned integer, meaning >=0";
        check = value: isInt value && value >= 0;
      };
    };
    port = ints.between 0 65535 // {
      description = "16 bit unsigned integer; between 0 and 65535 (both inclusive)";
    };
    str = mkType {
      name = "str";
      description = "string";
      check = isString;
    };
    lines = str // {
      description = "strings concatenated with \"\\n\"";
      merge = _: concatStringsSep "\n";
    };
    strMatching =
      pattern:
      mkType {
        name = "strMatching";
        description = "string matching the pattern ${pattern}";
        check = value: isString value && match pattern value != null;
      };
    path = mkType {
      name = "path";
      description = "path";
      check = value: isText value && hasPrefix "/" (toString value);
    };
    package = mkType {
      name = "package";
      description = "package";
      check = value: isDerivation value || isText value;
    };
    enum =
      allowed:
      mkType {
        name = "enum";
        description = "one of ${concatMapStringsSep ", " toJSON allowed}";
        check = value: elem value allowed;
      };
    nullOr =
      element:
      mkType {
        name = "nullOr";
        description = "null or ${element.description}";
        check = value: value == null || element.check value;
        merge = path: values: if all (value: value == null) values then null else element.merge path values;
        inherit (element) getSubOptions;
      };
    either =
      left: right:
      mkType {
        name = "either";
        description = "${left.description} or ${right.description}";
        check = value: left.check value || right.check value;
        merge = path: values: if all left.check values then left.merge path values else right.merge path values;
      };
    oneOf = list: foldl' either (head list) (tail list);
    listOf =
      element:
      mkType {
        name = "listOf";
        description = "list of ${element.description}";
        check = isList;
        merge =
          path: values:
          let
            flat = concatLists values;
          in
          builtins.genList (index: merging element path (toString index) [ (elemAt flat index) ]) (length flat);
        inherit (element) getSubOptions;
      };
    attrsOf =
      element:
      mkType {
        name = "attrsOf";
        description = "attribute set of ${element.description}";
        check = isAttrs;
        inherit element;
        merge =
          path: values:
          let
            pushed = concatMap pushDown values;
            kept = name: concatMap (discharge 100) (concatMap (set: optional (set ? ${name}) set.${name}) pushed);
            names = filter (name: kept name != [ ]) (unique (concatMap attrNames pushed));
          in
          genAttrs names (name: merging element path name (concatMap (set: optional (set ? ${name}) set.${name}) pushed));
        getSubOptions = path: element.getSubOptions (path ++ [ "<name>" ]);
      };
    attrs = anything // {
      name = "attrs";
      description = "attribute set";
      check = isAttrs;
    };
    submodule =
      module:
      let
        evaluate =
          path: values:
          evalModules {
            modules = [ module ] ++ map (value: if isFunction value || isPath value then value else { config = value; }) values;
            specialArgs = {
              name = if path == [ ] then "<name>" else elemAt path (length path - 1);
            };
            prefix = path;
          };
      in
      mkType {
        name = "submodule";
        description = "submodule";
        check = value: isAttrs value || isFunction value || isPath value;
        merge = path: values: (evaluate path values).config;
        getSubOptions = path: (evaluate path [ ]).options;
      };
  };

  lib = {
    isStub = true;
    inherit
      concatMap
      concatMapStringsSep
      escapeShellArg
      escapeShellArgs
      evalModules
      filterAttrs
      genAttrs
      hasPrefix
      hasSuffix
      isDerivation
      literalExpression
      makeBinPath
      mapAttrs'
      mapAttrsToList
      max
      mkDefault
      mkForce
      mkIf
      mkMerge
      mkOption
      mkOverride
      nameValuePair
      optional
      optionalAttrs
      optionalString
      optionals
      removePrefix
      showOption
      splitString
      toInt
      types
      unique
      ;
    inherit (builtins)
      all
      any
      attrNames
      attrValues
      concatLists
      concatStringsSep
      elem
      filter
      foldl'
      head
      isAttrs
      isBool
      isInt
      isList
      isString
      length
      mapAttrs
      ;
  };
in
lib
