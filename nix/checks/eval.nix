# Evaluates the modules and prints what the check looks at, as JSON.
#
# `nixpkgs`: a folder of nixpkgs, whose lib is then used, or null for the stub. `store`: where packages are said to be. `host`: a module
# beside ours. `extra`: one more module, for tests. `unpinned`: whether the packages are taken as nix/packages/pins.nix has them, instead of
# as if all were pinned.
{
  nixpkgs ? null,
  store ? "/nix/store",
  host ? ./host.nix,
  extra ? { },
  unpinned ? false,
}:
let
  lib = if nixpkgs == null then import ./lib.nix else import (nixpkgs + "/lib");
  pkgs = import ./pkgs.nix { inherit store; };
  pins = {
    ccci = {
      version = "0.1.0";
      url = null;
      hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    };
    abra = {
      version = "0.13.0-beta";
      hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    };
  };
  packages = import ../packages { inherit pkgs pins; };
  evaluated = lib.evalModules {
    modules = [
      ./nixos.nix
      ../modules
      host
      extra
    ]
    ++ lib.optional (!unpinned) {
      ccci = {
        package = packages.ccci;
        inherit (packages) abra;
      };
    };
    specialArgs = { inherit pkgs; };
  };
  inherit (evaluated) config options;

  # Every option below `ccci`, those of submodules too.
  documented =
    tree:
    lib.concatLists (
      lib.mapAttrsToList (
        name: it:
        if name == "_module" then
          [ ]
        else if (it._type or "") == "option" then
          [
            {
              name = lib.concatStringsSep "." it.loc;
              hasDescription = (it.description or "") != "";
              hasExample = it ? example;
            }
          ]
          ++ documented (it.type.getSubOptions it.loc)
        else if builtins.isAttrs it then
          documented it
        else
          [ ]
      ) tree
    );
  unit = it: {
    inherit (it)
      description
      after
      before
      wants
      requires
      wantedBy
      onFailure
      unitConfig
      ;
  };
  failed = map (it: it.message) (lib.filter (it: !it.assertion) config.assertions);
in
# As NixOS does it: nothing else is looked at while an assertion fails.
if failed != [ ] then
  { inherit failed; }
else
  {
    stub = lib.isStub or false;
    inherit failed;
    sentences = lib.length config.assertions;
    inherit (config) warnings;
    options = documented options.ccci;
    settings = config.environment.etc."cc-ci/settings.toml".text or "";
    secrets = config.ccci.secrets;
    inherit (config.ccci.reconcile) apps;
    sops = config.sops.secrets;
    etc = lib.mapAttrs (_: it: it.text) config.environment.etc;
    tmpfiles = config.systemd.tmpfiles.rules;
    docker = config.virtualisation.docker;
    firewall = config.networking.firewall;
    registry = config.services.dockerRegistry;
    services = lib.mapAttrs (
      _: it:
      unit it
      // {
        inherit (it)
          environment
          serviceConfig
          restartIfChanged
          stopIfChanged
          ;
        path = map (package: "${package}") it.path;
      }
    ) config.systemd.services;
    timers = lib.mapAttrs (_: it: unit it // { inherit (it) timerConfig; }) config.systemd.timers;
    sockets = lib.mapAttrs (_: it: unit it // { inherit (it) socketConfig; }) config.systemd.sockets;
  }
