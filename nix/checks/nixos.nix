# The options of NixOS and of sops-nix that the modules set, with the types that they have there. What is not here cannot be set: a wrong
# name stops the evaluation.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  option = type: mkOption { inherit type; };
  with' = type: default: mkOption { inherit type default; };
  text = types.oneOf [
    types.bool
    types.int
    types.str
    types.path
  ];
  settings = types.attrsOf (types.either text (types.listOf text));
  packages = with' (types.listOf types.package) [ ];
  names = with' (types.listOf types.str) [ ];
  unit = {
    description = option types.str;
    after = names;
    before = names;
    wants = names;
    requires = names;
    wantedBy = names;
    onFailure = names;
    unitConfig = with' settings { };
  };
in
{
  options = {
    assertions = with' (types.listOf types.anything) [ ];
    warnings = with' (types.listOf types.str) [ ];
    systemd = {
      package = with' types.package pkgs.systemd;
      services = with' (types.attrsOf (
        types.submodule {
          options = unit // {
            path = packages;
            environment = with' (types.attrsOf (types.nullOr (types.oneOf [
              types.str
              types.path
              types.package
            ]))) { };
            serviceConfig = with' settings { };
            restartTriggers = with' (types.listOf types.anything) [ ];
            restartIfChanged = with' types.bool true;
            stopIfChanged = with' types.bool true;
          };
        }
      )) { };
      timers = with' (types.attrsOf (
        types.submodule {
          options = unit // {
            timerConfig = with' settings { };
          };
        }
      )) { };
      sockets = with' (types.attrsOf (
        types.submodule {
          options = unit // {
            socketConfig = with' settings { };
          };
        }
      )) { };
      tmpfiles.rules = names;
    };
    environment = {
      systemPackages = packages;
      etc = with' (types.attrsOf (types.submodule { options.text = option types.lines; })) { };
    };
    networking = {
      hostName = with' types.str "nixos";
      firewall = {
        enable = with' types.bool true;
        allowedTCPPorts = with' (types.listOf types.port) [ ];
      };
    };
    time.timeZone = with' (types.nullOr types.str) null;
    virtualisation.docker = {
      enable = with' types.bool false;
      package = with' types.package pkgs.docker;
      liveRestore = with' types.bool true;
      logDriver = with' types.str "journald";
      autoPrune.enable = with' types.bool false;
      daemon.settings = with' (types.attrsOf types.anything) { };
    };
    services = {
      dockerRegistry = {
        enable = with' types.bool false;
        listenAddress = with' types.str "127.0.0.1";
        port = with' types.port 5000;
        enableDelete = with' types.bool false;
        enableGarbageCollect = with' types.bool false;
        extraConfig = with' types.attrs { };
      };
      openssh = {
        enable = with' types.bool false;
        settings = with' (types.attrsOf types.anything) { };
      };
    };
    users.users = with' (types.attrsOf (
      types.submodule {
        options.openssh.authorizedKeys.keyFiles = with' (types.listOf types.path) [ ];
      }
    )) { };
    nix = {
      package = with' types.package pkgs.nix;
      settings = with' (types.attrsOf types.anything) { };
    };
    system = {
      stateVersion = with' types.str "26.05";
      build.nixos-rebuild = with' types.package pkgs.nixos-rebuild;
    };
    boot = {
      loader.systemd-boot.enable = with' types.bool false;
      loader.efi.canTouchEfiVariables = with' types.bool false;
      initrd.availableKernelModules = names;
    };
    fileSystems = with' (types.attrsOf (
      types.submodule {
        options = {
          device = option types.str;
          fsType = option types.str;
        };
      }
    )) { };
    nixpkgs.hostPlatform = with' types.str "x86_64-linux";

    sops = {
      defaultSopsFile = option types.path;
      age = {
        sshKeyPaths = with' (types.listOf types.path) [ ];
        keyFile = with' (types.nullOr types.path) null;
      };
      gnupg.sshKeyPaths = with' (types.listOf types.path) [ ];
      secrets = with' (types.attrsOf (
        types.submodule {
          options = {
            path = option types.str;
            owner = option types.str;
            group = option types.str;
            mode = option types.str;
            restartUnits = names;
          };
        }
      )) { };
    };
  };

  # What NixOS itself defines of these, where a second definition could be in its way.
  config.virtualisation.docker.daemon.settings = {
    log-driver = lib.mkDefault config.virtualisation.docker.logDriver;
    live-restore = lib.mkDefault config.virtualisation.docker.liveRestore;
  };
}
