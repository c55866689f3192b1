# The commands, the shelf, the settings file, and the one list of tools that every context gets.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci;
  packages = import ../packages { inherit pkgs; };
  duration = import ../lib/duration.nix { inherit lib; };
  keys = import ../lib/settings-keys.nix { inherit lib; };
  toml = import ../lib/toml.nix { inherit lib; };
  isPinned = package: !(package ? unpinned);
in
{
  options.ccci = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether this host tests recipes: the commands, their folders and `/etc/cc-ci/settings.toml`. Every other module of cc-ci needs it.";
    };
    package = mkOption {
      type = types.package;
      default = packages.ccci;
      defaultText = lib.literalExpression "the release that nix/packages/pins.nix names";
      example = lib.literalExpression "/nix/store/…-cc-ci-0.1.0";
      description = "The six commands.";
    };
    abra = mkOption {
      type = types.package;
      default = packages.abra;
      defaultText = lib.literalExpression "the version that nix/packages/pins.nix names";
      example = lib.literalExpression "pkgs.abra";
      description = "abra. Its words and tables change between versions: keep to the one that is pinned.";
    };
    hostScripts = mkOption {
      type = types.package;
      default = packages.host-scripts;
      defaultText = lib.literalExpression "the scripts of this repository";
      example = lib.literalExpression "import ./my-scripts.nix { inherit pkgs; }";
      description = "The scripts that units call beside the commands.";
    };
    zone = mkOption {
      type = types.str;
      default = "";
      example = "ci.example.org";
      description = "Wildcard domain of the host: `*.<zone>` must resolve to it. Apps under test live at one label below it.";
    };
    shelf = mkOption {
      type = types.path;
      default = "/var/lib/ci-warm";
      example = "/srv/ci-warm";
      description = "Folder of warm data and state files.";
    };
    runs = mkOption {
      type = types.path;
      default = "/var/lib/cc-ci-runs";
      example = "/srv/cc-ci-runs";
      description = "Folder of run records.";
    };
    lock = mkOption {
      type = types.path;
      default = "/run/lock/cc-ci";
      example = "/run/lock/cc-ci";
      description = "Folder of lock files. It must be on a filesystem that a reboot empties.";
    };
    tests = mkOption {
      type = types.path;
      default = ../../tests;
      defaultText = lib.literalExpression "tests/ of this repository";
      example = "/srv/cc-ci/tests";
      description = "Overlays of recipes, for runs outside Drone: a Drone build takes those of its workspace.";
    };
    run = {
      deadline = mkOption {
        type = types.strMatching duration.pattern;
        default = "52m";
        example = "80m";
        description = "A run's own time limit, its teardown not counted. Drone's limit for a build must be longer than this and `ccci.run.teardown` together.";
      };
      teardown = mkOption {
        type = types.strMatching duration.pattern;
        default = "8m";
        example = "10m";
        description = "What a teardown may take past the deadline before a silent run counts as hanging.";
      };
    };
    forge = {
      url = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "https://git.example.org";
        description = "Git host of the recipes' mirrors. The token is sent nowhere else.";
      };
      tokenFile = mkOption {
        type = types.nullOr types.path;
        default = if cfg.forge.url == null then null else "/run/secrets/forge_token";
        defaultText = lib.literalExpression "\"/run/secrets/forge_token\", with a url";
        example = "/run/secrets/forge_token";
        description = "File with the bot's token for the git host: rights to read and to comment, never admin.";
      };
    };
    settings = mkOption {
      type = types.attrsOf (types.attrsOf types.anything);
      default = { };
      example = {
        run.retention = "30d";
        upgrade.skip_canonicals = true;
      };
      description = "Any key of docs/settings.md, by table and name. The typed options write into it, and what stands here wins over their defaults.";
    };
    settingsFile = mkOption {
      type = types.lines;
      readOnly = true;
      example = "[host]\nzone = \"ci.example.org\"\n";
      description = "The text of `/etc/cc-ci/settings.toml`: the settings that the commands know.";
    };
    tools = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.jq ]";
      description = "What is on the PATH of every command, whether Drone, a timer or a person starts it. Entries add to cc-ci's own.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = builtins.match "([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?" cfg.zone != null;
        message = "ccci.zone: \"${cfg.zone}\" is no domain: set it to the wildcard domain of this host, plain and in lower case, for example ci.example.org";
      }
      {
        assertion = isPinned cfg.package;
        message = cfg.package.unpinned or "";
      }
      {
        assertion = isPinned cfg.abra;
        message = cfg.abra.unpinned or "";
      }
      {
        assertion = (cfg.forge.url == null) == (cfg.forge.tokenFile == null);
        message = "ccci.forge: url and tokenFile go together: set both, or neither";
      }
      {
        assertion = cfg.forge.url == null || lib.hasPrefix "https://" cfg.forge.url;
        message = "ccci.forge.url: the token would go over an open line: write an https:// address";
      }
      {
        assertion = keys.unknown cfg.settings == [ ];
        message = "ccci.settings: ${lib.concatStringsSep ", " (keys.unknown cfg.settings)}: no command knows it: take a key of docs/settings.md";
      }
    ];
    ccci.secrets = lib.mkIf (cfg.forge.url != null) {
      forge_token = {
        class = "operator";
        readers = [
          "ccci-run"
          "ccci-poll"
        ];
        description = "the bot's token for the git host, with rights to read and to comment";
      };
    };

    ccci.tools = [
      cfg.abra
      pkgs.bash
      pkgs.coreutils
      pkgs.curl
      config.virtualisation.docker.package
      pkgs.findutils
      pkgs.gawk
      pkgs.git
      pkgs.git-lfs
      pkgs.gnugrep
      pkgs.gnused
      pkgs.gnutar
      pkgs.gzip
      pkgs.jq
      pkgs.openssh
      pkgs.openssl
      pkgs.procps
      (pkgs.python3.withPackages (python: [ python.pytest ]))
      pkgs.util-linux
      pkgs.xz
      pkgs.zstd
    ];

    ccci.settings = {
      host = lib.mapAttrs (_: lib.mkDefault) {
        inherit (cfg)
          zone
          shelf
          runs
          lock
          ;
        tests = "${cfg.tests}";
        abra = "${cfg.abra}/bin/abra";
      };
      run = lib.mapAttrs (_: lib.mkDefault) { inherit (cfg.run) deadline teardown; };
      forge = lib.mkIf (cfg.forge.url != null) {
        url = lib.mkDefault cfg.forge.url;
        token_file = lib.mkDefault cfg.forge.tokenFile;
      };
    };
    ccci.settingsFile = toml cfg.settings;

    environment.etc."cc-ci/settings.toml".text = cfg.settingsFile;
    # Recipes mount it, and NixOS has none: "bind source path does not exist".
    environment.etc.timezone.text = "${if config.time.timeZone == null then "UTC" else config.time.timeZone}\n";
    time.timeZone = lib.mkDefault "UTC";
    environment.systemPackages = [
      cfg.package
      cfg.hostScripts
    ]
    ++ cfg.tools;

    systemd.tmpfiles.rules = [
      "d ${cfg.settings.host.shelf} 0755 root root -"
      "d ${cfg.settings.host.runs} 0755 root root -"
      "d ${cfg.settings.host.lock} 0755 root root -"
    ];
  };
}
