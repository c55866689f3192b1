# The shared apps of this host, each kept at its newest safe version by a unit of its own.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.reconcile;
  host = config.ccci;
  duration = import ../lib/duration.nix { inherit lib; };
  make = import ../lib/mk-reconciled-app.nix { inherit lib config; };
  made = lib.mapAttrs make cfg.apps;
  each = f: lib.concatLists (lib.mapAttrsToList f cfg.apps);
  names = set: lib.concatStringsSep ", " (lib.attrNames set);
  isBelowZone = domain: builtins.match "[a-z0-9-]+\\.${builtins.replaceStrings [ "." ] [ "\\." ] host.zone}" domain != null;
in
{
  options.ccci.reconcile = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether `ccci-reconcile` looks after the shared apps. Without it people deploy and upgrade them by hand: their secrets are there, their units are not.";
    };
    wait = mkOption {
      type = types.strMatching duration.pattern;
      default = "75m";
      example = "2h";
      description = "How long a reconciler waits for runs in flight. It must be longer than a run with its teardown can take.";
    };
    apps = mkOption {
      default = { };
      example = {
        keycloak = {
          recipe = "keycloak";
          stateful = true;
        };
      };
      description = "The shared apps, by the name that `ccci-reconcile` takes.";
      type = types.attrsOf (
        types.submodule (
          { name, ... }:
          {
            options = {
              recipe = mkOption {
                type = types.str;
                default = name;
                defaultText = lib.literalExpression "the app's name";
                example = "keycloak";
                description = "Recipe that it is an app of.";
              };
              domain = mkOption {
                type = types.str;
                default = "${name}.${host.zone}";
                defaultText = lib.literalExpression "<name>.<zone>";
                example = "keycloak.ci.example.org";
                description = "Its domain, one label below the zone: the wildcard certificate covers no more.";
              };
              env = mkOption {
                type = types.attrsOf types.str;
                default = { };
                example = {
                  COMPOSE_FILE = "compose.yml:compose.wildcard.yml";
                };
                description = "What its app `.env` must say, `COMPOSE_FILE` included. Never a secret: it stands in settings.toml and in the store.";
              };
              secrets = mkOption {
                default = [ ];
                example = [
                  {
                    name = "ssl_cert";
                    file = "/run/secrets/wildcard_cert";
                    version = "v1";
                  }
                ];
                description = "Swarm secrets that are inserted from files. The others abra makes.";
                type = types.listOf (
                  types.submodule {
                    options = {
                      name = mkOption {
                        type = types.str;
                        example = "ssl_cert";
                        description = "Its name in the recipe.";
                      };
                      file = mkOption {
                        type = types.path;
                        example = "/run/secrets/wildcard_cert";
                        description = "File that holds it.";
                      };
                      version = mkOption {
                        type = types.strMatching "v[0-9]+";
                        default = "v1";
                        example = "v2";
                        description = "Its version. A new one is how a changed file gets in: swarm secrets cannot be changed.";
                      };
                    };
                  }
                );
              };
              stateful = mkOption {
                type = types.bool;
                default = false;
                example = true;
                description = "Whether its volumes are snapshotted before an upgrade and restored by a roll-back.";
              };
              health = mkOption {
                type = types.nullOr types.str;
                default = "/";
                example = "/realms/master";
                description = "Path below its domain that answers when it is healthy; null for an app without a page: then the swarm's word counts.";
              };
              soak = mkOption {
                type = types.strMatching duration.pattern;
                default = "60s";
                example = "5m";
                description = "How long it must stay healthy before an upgrade counts as good.";
              };
              update = mkOption {
                type = types.enum [
                  "auto"
                  "hold"
                  "observe"
                ];
                default = "auto";
                example = "hold";
                description = "`auto`: newest safe version. `hold`: the version that runs stays, env and secrets are kept right. `observe`: only looked at, and alerts raised.";
              };
              after = mkOption {
                type = types.listOf types.str;
                default = [ ];
                example = [ "traefik" ];
                description = "Apps that are reconciled before it.";
              };
            };
          }
        )
      );
    };
  };

  config = lib.mkIf host.enable {
    assertions = [
      {
        assertion = duration.seconds cfg.wait >= duration.seconds host.settings.run.deadline + duration.seconds host.settings.run.teardown;
        message = "ccci.reconcile.wait: ${cfg.wait} is shorter than one run with its teardown: write at least ccci.run.deadline and ccci.run.teardown together";
      }
    ]
    ++ each (
      name: app: [
        {
          assertion = builtins.match "[a-z][a-z0-9-]*" name != null;
          message = "ccci.reconcile.apps.${name}: no name for a unit and a folder: write lower-case letters, digits and hyphens";
        }
        {
          assertion = isBelowZone app.domain;
          message = "ccci.reconcile.apps.${name}.domain: ${app.domain} is not one label below ${host.zone}, where the wildcard certificate holds: write ${name}.${host.zone}, or flatten it (a-b.${host.zone} for a.b.${host.zone})";
        }
        {
          assertion = lib.all (other: cfg.apps ? ${other}) app.after;
          message = "ccci.reconcile.apps.${name}.after: ${lib.concatStringsSep ", " (lib.filter (other: !(cfg.apps ? ${other})) app.after)}: no such app: enable it, or take it out of the list";
        }
        {
          assertion = (app.env.LETS_ENCRYPT_ENV or "") == "";
          message = "ccci.reconcile.apps.${name}.env.LETS_ENCRYPT_ENV: certificates are never requested on this host: leave it empty, the wildcard certificate serves";
        }
      ]
    );
    ccci.settings.reconcile = lib.mapAttrs (_: app: app.settings) made // {
      wait = lib.mkDefault cfg.wait;
    };
    warnings = lib.optional (!cfg.enable && cfg.apps != { })
      "ccci.reconcile.enable is off: people deploy and upgrade ${names cfg.apps} by hand (docs/install.md)";
    systemd.services = lib.mkIf cfg.enable (
      lib.mapAttrs' (name: app: lib.nameValuePair "ccci-reconcile-${name}" app.unit) made
    );
  };
}
