# The provider of logins that runs share: each gets a realm of its own in it, and takes it away again.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.ccci.keycloak;
in
{
  options.ccci.keycloak = {
    enable = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether this host keeps a keycloak that runs with `requires = [\"keycloak\"]` use.";
    };
    soak = mkOption {
      type = types.str;
      default = "5m";
      example = "10m";
      description = "How long it must stay healthy after an upgrade. It migrates its database at the first start.";
    };
    env = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = {
        TIMEOUT = "900";
      };
      description = "More of its app `.env`, over what this module writes.";
    };
  };

  config = lib.mkIf (config.ccci.enable && cfg.enable) {
    assertions = [
      {
        assertion = config.ccci.reconcile.enable;
        message = "ccci.keycloak.enable: nobody would reconcile it: set ccci.reconcile.enable, or turn this off";
      }
    ];
    ccci.reconcile.apps.keycloak = {
      env = {
        LETS_ENCRYPT_ENV = "";
      }
      // cfg.env;
      stateful = true;
      health = "/realms/master";
      inherit (cfg) soak;
      after = lib.optional config.ccci.traefik.enable "traefik";
    };
  };
}
